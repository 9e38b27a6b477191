"""The decision points' pages on a whole node: the list, a point, and a simulator that writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.words import Kind
from tests.app.events import order, track
from tests.app.house import House

CANDIDATE = re.compile(
    r'<tr data-action="([^"]+)"><td>[^<]*</td><td class="num">([^<]+)</td><td class="num">([^<]+)</td>'
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.take(*(order("u1", category=name) for name in ("TEA", "TEA", "MILK", "RICE")))
        yield house


def page(house: House, path: str, language: str = "en") -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def simulated(house: House, *off: str, point: str = "next_product") -> list[str]:
    """The candidates, the most probable first."""
    asked = "".join(f"&off={name}" for name in off)
    return [
        name for name, _, _ in CANDIDATE.findall(page(house, f"/decisions/{point}?person={house.person('u1')}{asked}"))
    ]


def records(house: House) -> int:
    house.run(house.nothing())
    return sum(int((block.rows["kind"] == Kind.DECISION).sum()) for block in house.node.journal.blocks())


def voucher(**more: Any) -> dict[str, Any]:
    return {
        "id": "shop_voucher",
        "label": {"en": "Voucher", "de": "Gutschein"},
        "purpose": "personalise_onsite",
        "candidates": "actions",
        "model": "learned",
        "features": [{"gene": "value.order_value.sum.30d"}, {"gene": "taste.category.histogram.365d", "cell": "TEA"}],
        "reward": {"events": ["Order Completed"], "within_seconds": 3600},
    } | more


def define(house: House, point: dict[str, Any], *actions: dict[str, Any]) -> None:
    house.post("/v1/points", {"points": [point]}).told  # noqa: B018
    house.post("/v1/actions", {"actions": [{"point": point["id"], **action} for action in actions]}).told  # noqa: B018


def test_the_list_shows_every_point_with_its_traffic(house: House) -> None:
    for _ in range(3):
        house.decide("u1")

    shown = page(house, "/decisions")

    assert 'href="/decisions/next_offer"' in shown
    busiest = shown[shown.index('id="point-next_product"') :].split("</article>")[0]
    assert shown.index("point-next_product") < shown.index("point-next_offer")  # the busiest first
    assert "<dt>Decisions since the start</dt><dd>3</dd>" in busiest


def test_the_simulator_shows_the_probability_of_every_candidate(house: House) -> None:
    shown = page(house, f"/decisions/next_product?person={house.person('u1')}")

    found = CANDIDATE.findall(shown)
    assert {name for name, _, _ in found} == {"TEA", "MILK", "RICE", "do_nothing"}
    assert sum(float(share.rstrip("%")) for _, _, share in found) == pytest.approx(100, abs=0.3)
    assert "Chosen:" in shown
    assert " ms" in shown


def test_switching_an_action_off_changes_the_ranking(house: House) -> None:
    assert simulated(house)[0] == "TEA"

    without = simulated(house, "TEA")

    assert "TEA" not in without
    assert without[0] in {"MILK", "RICE"}


def test_the_simulator_writes_and_counts_nothing(house: House) -> None:
    house.decide("u1")
    before = records(house), house.node.journal.last

    for _ in range(5):
        simulated(house)

    assert (records(house), house.node.journal.last) == before
    assert "<dt>Decisions since the start</dt><dd>1</dd>" in page(house, "/decisions")


def test_without_permission_nothing_is_read_and_that_is_said(house: House) -> None:
    house.consent("u1", "recommend", granted=False)

    shown = page(house, f"/decisions/next_product?person={house.person('u1')}")

    assert "has not permitted the purpose" in shown
    assert not CANDIDATE.findall(shown)


def test_people_are_found_by_what_they_are_known_by_and_stay_masked(house: House) -> None:
    house.take(track("Signed In", "user-4711-long"))

    shown = page(house, "/decisions/next_product?q=user-4711-long")

    assert f"person={house.person('user-4711-long')}" in shown
    assert "us•••ng" in shown
    assert page(house, "/decisions/next_product?q=nobody").count("Nobody is known by this") == 1


def test_who_was_here_last_is_offered(house: House) -> None:
    assert f"person={house.person('u1')}" in page(house, "/decisions/next_offer")


def test_a_points_rules_stand_in_words(house: House) -> None:
    define(house, voucher(), {"id": "ten", "label": {"en": "Ten percent", "de": "Zehn Prozent"}, "value": 7})

    shown = page(house, "/decisions/shop_voucher", "de")

    share, amount = "10\N{NO-BREAK SPACE}%", "7,00\N{NO-BREAK SPACE}€"
    rule = "innerhalb von 1 Stunde folgt: „Einkauf abgeschlossen“"
    read = "Gekaufte Kategorien, letzte Jahre", "TEA (Menge, gedämpft)"
    for text in (rule, share, amount, "Zehn Prozent", *read, "Noch zu früh"):
        assert text in shown, text


def test_an_action_that_is_off_is_shown_and_not_chosen(house: House) -> None:
    define(house, voucher(), {"id": "ten"}, {"id": "old", "enabled": False})

    assert "old" not in simulated(house, point="shop_voucher")
    assert re.search(r"<td>old</td><td><span class=\"badge plain\">off</span>", page(house, "/decisions/shop_voucher"))


def test_the_effect_is_the_same_as_over_http(house: House) -> None:
    define(house, voucher(), {"id": "ten"}, {"id": "five"})
    effect = house.get("/v1/points/shop_voucher/effect").told

    shown = page(house, "/decisions/shop_voucher")

    assert effect["sentence"]["en"] in shown
    for arm in ("Policy", "Random control"):
        assert f"<td>{arm}</td>" in shown


def test_a_point_without_a_control_opens_everywhere_and_says_that_nothing_is_compared(house: House) -> None:
    policy = {"control": 0.0, "epsilon": 0.05, "temperature": 0.25, "do_nothing": -1.0}
    define(house, voucher(policy=policy), {"id": "ten"})
    house.consent("u1", "measure_aggregate", granted=True)
    asked = {"point": "shop_voucher", "person": {"user_id": "u1"}}
    for _ in range(5):
        house.post("/v1/decide", asked).told  # noqa: B018

    assert house.get("/v1/points/shop_voucher/effect").told["verdict"] == "no_control"
    for path in ("/", "/decisions", "/decisions/shop_voucher"):
        assert "No control, nothing to compare" in page(house, path)
        assert "Ohne Kontrolle kein Vergleich" in page(house, path, "de")


def test_an_experiment_has_no_winner_before_its_verdict(house: House) -> None:
    point = voucher(id="banner", model="experiment", features=[], shares={"plain": 0.5, "vivid": 0.5})
    define(house, point, {"id": "plain"}, {"id": "vivid"})

    shown = page(house, "/decisions")

    assert "no winner yet" in shown[shown.index('id="point-banner"') :].split("</article>")[0]


@pytest.mark.parametrize("path", ["/decisions/nope", "/decisions/next_offer?person=nobody"])
def test_what_does_not_exist_is_told_in_words(house: House, path: str) -> None:
    answer = house.browse(path, cookie=house.sign_in())

    assert answer.status in {400, 404}
    assert b"<h1>" in answer.body
