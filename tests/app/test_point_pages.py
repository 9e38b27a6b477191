"""The decision points' pages on a whole node: the list, a point, and a simulator that writes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from genom.app import audit
from genom.measure import Look
from genom.words import Kind
from tests.app.events import order, track
from tests.app.house import HOUR, START, House
from tests.app.test_page_cost import Poster
from tests.browser.pages import serve_model

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


def listed(house: House, path: str) -> set[str]:
    """The decisions that a list leads to."""
    return set(re.findall(r'<th scope="row"><a href="/decisions/log/(d[0-9a-f]{16})"', page(house, path)))


def test_each_arm_leads_to_whom_it_was_shown(house: House) -> None:
    """Decisions for which nothing was weighed are of no arm."""
    made = [house.decide("u1") for _ in range(45)]
    house.decide("nobody")
    house.decide("u1", point="next_offer")
    by_arm = {
        arm: {r["decision_id"] for r in made if r["control"] == (arm == "control")} for arm in ("policy", "control")
    }
    shown = page(house, "/decisions/next_product", language="de")

    link = r'<a class="small" href="(/decisions/log\?point=next_product&amp;arm=(\w+))"[^>]*>Wer es sah</a>'
    links = re.findall(link, shown)

    assert [arm for _, arm in links] == ["policy", "control"]
    assert min(map(len, by_arm.values())) > 0
    for link, arm in links:
        assert listed(house, link.replace("&amp;", "&")) == by_arm[arm]
    assert "bei „" in page(house, links[1][0].replace("&amp;", "&"), language="de")
    assert len(listed(house, "/decisions/log?point=next_product")) == 46
    assert "Nobody has seen it yet" in page(house, "/decisions/log?point=next_offer&arm=gone")


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


def test_what_is_read_of_a_person_is_called_as_the_catalogue_says(house: House) -> None:
    house.post("/v1/products", {"products": [], "names": {"TEA": {"en": "Tea", "de": "Tee"}}}).told  # noqa: B018
    define(house, voucher())

    assert "Tee (Menge, gedämpft)" in page(house, "/decisions/shop_voucher", "de")


def test_what_an_action_is_about_is_called_as_the_reader_calls_it(house: House) -> None:
    house.post("/v1/products", {"products": [], "names": {"Tea": {"en": "Tea", "de": "Tee"}}}).told  # noqa: B018
    define(house, voucher(), {"id": "v1", "label": {"en": "One"}, "categories": ["Tea"]})

    german, english = (page(house, "/decisions/shop_voucher", language) for language in ("de", "en"))
    assert ">Tee<" in german
    assert ">Tea<" in english


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
        assert f"<td>{arm}<br>" in shown


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


def test_the_arms_of_an_experiment_are_called_by_their_labels(house: House) -> None:
    arms = {"arm_one": {"en": "Plain", "de": "Schlicht"}, "arm_two": {"en": "Vivid", "de": "Bunt"}}
    point = voucher(id="banner", model="experiment", features=[], shares=dict.fromkeys(arms, 0.5))
    define(house, point, *({"id": arm, "label": label} for arm, label in arms.items()))

    rules = page(house, "/decisions/banner", "de").partition("Lost einen Arm aus: ")[2][:60]

    assert "Schlicht 50" in rules
    assert "arm_one" not in rules


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


def test_a_version_is_tried_published_by_name_and_left_again_on_the_page(house: House) -> None:
    """Without scripts: settings into shadow, a wrong name refused, the right one goes live, and back."""
    cookie, path = house.sign_in(), "/decisions/next_product"
    settings = {"control": "0.2", "epsilon": "0,1", "temperature": "1", "do_nothing": "0"}
    tried = house.browse(f"{path}/settings", settings, cookie=cookie)
    house.decide("u1")
    shown = page(house, path)
    before = len(audit.rows(house.node.catalogue))

    assert (tried.status, tried.headers["location"]) == (303, f"{path}#versions")
    assert "In shadow: version 3" in shown
    assert "<dt>Random control</dt><dd>10.0% → <strong>20.0%</strong></dd>" in shown
    assert '<dialog id="publish"' in shown
    assert " open>" not in shown.split('<dialog id="publish"')[1][:60]
    assert " open>" in page(house, f"{path}?ask=publish").split('<dialog id="publish"')[1][:60]

    wrong = house.browse(f"{path}/publish", {"confirm": "next_offer", "reason": "agrees"}, cookie=cookie)
    assert wrong.status == 400
    assert "Nothing was changed" in wrong.body.decode()
    assert 'value="agrees"' in wrong.body.decode()
    assert house.node.points["next_product"].policy.control == 0.1

    assert "Its effect begins anew" in shown.split('<dialog id="publish"')[1].split("</dialog>")[0]
    assert "Die Wirkung wird neu gezählt" in page(house, path, "de")

    right = house.browse(f"{path}/publish", {"confirm": "next_product", "reason": "agrees"}, cookie=cookie)
    assert right.status == 303
    assert house.node.points["next_product"].policy.control == 0.2
    assert "Version 3 is live." in page(house, right.headers["location"].partition("#")[0])

    back = house.browse(f"{path}/back", {"confirm": "next_product"}, cookie=cookie)
    assert back.status == 303
    assert house.node.points["next_product"].policy.control == 0.1
    rows = audit.rows(house.node.catalogue)
    assert [(row.action, row.who, row.reason) for row in rows[: len(rows) - before]] == [
        ("point.rolled_back", "console:admin", ""),
        ("point.published", "console:admin", "agrees"),
    ]


def test_settings_that_cannot_be_are_told_and_kept(house: House) -> None:
    for settings in ({"control": "0.9"}, {"epsilon": "much"}, {}):
        given = {"control": "0.1", "epsilon": "0.05", "temperature": "0.25", "do_nothing": "0"} | settings
        refused = house.browse("/decisions/next_product/settings", given, cookie=house.sign_in())

        assert refused.status == 400
        assert "cannot be tried" in refused.body.decode()
        assert all(f'value="{text}"' in refused.body.decode() for text in given.values())
    assert house.node.shadows == {}


def test_a_shadow_is_set_against_what_was_shown_and_ended(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    never = {"control": 0.0, "epsilon": 1e-9, "temperature": 1e-3, "do_nothing": 900.0}
    define(house, voucher(policy=never), {"id": "five"}, {"id": "ten"})
    house.post("/v1/points", {"points": [voucher(policy=never | {"do_nothing": -900.0})], "stage": "shadow"})
    for _ in range(4):
        house.decide("u1", point="shop_voucher")

    shown = page(house, "/decisions/shop_voucher", "de")

    assert "Sie stimmt in 0" in shown
    assert "0 von 4 Entscheidungen" in shown
    found = house.get("/v1/points/shop_voucher/shadow").told["recent"][0]
    explained = page(house, f"/decisions/log/{found['decision']}")
    assert "In shadow" in explained
    house.browse("/decisions/shop_voucher/shadow", {}, cookie=house.sign_in())
    assert "Sie stimmt" not in page(house, "/decisions/shop_voucher", "de")


def test_the_effect_over_time_is_drawn_and_its_table_says_what_the_interface_says(house: House) -> None:
    define(house, voucher(), {"id": "five"}, {"id": "ten"})
    house.consent("u1", "personalise_onsite", granted=True)
    rules = house.node.outcomes.rules("shop_voucher")
    assert rules is not None
    counter = house.node.outcomes.counter(rules)
    for hour in range(4):
        looks = Look(at=START + hour * HOUR, decisions=100 * (hour + 1), arm="policy", value=0.05, low=0.0125 * hour,
                     high=0.08, early=hour < 2)  # fmt: skip
        counter.looks.kept.append(looks)

    shown = page(house, "/decisions/shop_voucher")

    data = json.loads(shown.split('<script type="application/json" id="looks">')[1].split("</script>")[0])
    told = house.get("/v1/points/shop_voucher/effect").told["looks"]
    assert [row[1:] for row in data] == [
        [int(look["early"]), look["difference"], look["low"], look["high"]] for look in told
    ]
    table = shown.split("The effect over time as a table")[1].split("</table>")[0]
    assert table.count("too early") == 2
    assert '<td class="num">+5.00%</td><td class="num">+3.75% to +8.00%</td>' in table


def test_a_point_that_trained_models_score_shows_the_card_of_its_model(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No trained model scores the candidates yet" in page(house, "/decisions/next_product")
    serve_model(Poster(house))
    card = house.node.models.card("inactive_30d")
    monkeypatch.setattr(house.node.models, "card", lambda name: structs.replace(card, name=name))
    monkeypatch.setattr(house.node.models, "names", lambda: ["buys_category"])
    monkeypatch.setattr(house.node.models, "decides", lambda name: name == "buys_category")

    shown = page(house, "/decisions/next_product", "de")

    assert "Das Modell dahinter" in shown
    assert 'href="/models/buys_category"' in shown
    assert card.sentence["de"] in unescape(shown)
    house.post("/v1/points", {"points": [voucher()]})
    assert "Das Modell dahinter" not in page(house, "/decisions/shop_voucher", "de")


def test_what_is_switched_off_is_called_by_its_label(house: House) -> None:
    house.post("/v1/points", {"points": [voucher()]})
    label = {"en": "Five euros off", "de": "Fünf Euro weniger"}
    house.post("/v1/actions", {"actions": [{"id": "five", "point": "shop_voucher", "label": label}]})
    house.consent("u1", "personalise_onsite", granted=True)

    shown = page(house, f"/decisions/shop_voucher?person={house.person('u1')}&off=five", "de")

    assert 'value="five" checked> Fünf Euro weniger</label>' in shown
