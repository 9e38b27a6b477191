"""A person's page on a whole node: what it shows, what it never shows, and what a split does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from genom.app.pages.places import FEWEST, Places
from tests.app.events import identify, order, track, view
from tests.app.house import House

MINUS = "\N{MINUS SIGN}"
SIGNED = re.compile(r'<td class="num (?:raises|lowers)">([^<]+)</td>')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.take(order("u1", 1234.5), order("u1", 8.0, category="MILK"), view("u1"), order("u2", 3.0))
        yield house


def page(house: House, path: str, language: str = "en") -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def person(house: House, user: str = "u1", language: str = "en", asked: str = "") -> str:
    return page(house, f"/people/{house.person(user)}{asked}", language)


def genes(house: House) -> int:
    """Genes of a genome: those that are kept, and those that models predict for the purpose."""
    node = house.node
    view = node.gate.view(1, purpose="personalise_onsite", effective=0, at=house.clock.now)
    return len(node.world.layout.genes) + len(node.models.reads(1, view, purpose="personalise_onsite"))


def figure(text: str) -> float:
    return float(text.replace(MINUS, "-").replace("+", "").replace("±", "").replace(",", ""))


def test_nobody_without_a_session_sees_a_person(house: House) -> None:
    answer = house.browse(f"/people/{house.person('u1')}")

    assert answer.status == 303
    assert answer.headers["location"] == "/login"


def test_the_strip_has_two_hundred_genes_in_nine_families(house: House) -> None:
    shown = person(house)

    assert shown.count('<rect class="bar ') == 200
    for family in ("Identity", "Channels", "Rhythm", "Intent", "Value", "Taste", "Price", "Lifecycle", "Trust"):
        assert re.search(rf'<text x="[\d.]+" y="[\d.]+">{family}</text>', shown)


def test_a_family_fills_the_table_with_all_of_its_genes(house: House) -> None:
    shown = person(house, asked="?family=value")

    number = int(re.search(r'value="value" aria-pressed="true">Value <small>(\d+)</small>', shown)[1])  # type: ignore[index]
    assert shown.count('<tr data-gene="value.') == shown.count("<tr data-gene=") == number
    assert "€1,242.50" in shown


def test_all_genes_are_the_strips_twin(house: House) -> None:
    shown = person(house, asked="?family=all")

    assert shown.count("<tr data-gene=") == genes(house)


def test_a_withheld_value_is_nowhere_in_the_page(house: House) -> None:
    assert "1,242.50" in person(house, asked="?family=all")

    house.consent("u1", "personalise_onsite", granted=False)
    shown = person(house, asked="?family=all")

    assert "1,242.50" not in shown
    assert "TEA" not in re.sub(r'<ol class="timeline".*?</ol>', "", shown, flags=re.DOTALL)
    assert shown.count('<rect class="bar withheld"') == 200
    assert shown.count('class="state withheld">no consent</td>') == genes(house)
    assert 'class="badge withheld"' in shown


def test_withholding_prices_hatches_the_price_family_alone(house: House) -> None:
    house.consent("u1", "price", granted=False)

    shown = person(house)
    hatched = re.findall(r'<rect class="bar withheld"[^>]* data-gene="([a-z]+)\.', shown)

    assert set(hatched) == {"price"}


def test_contributions_and_start_add_up_to_the_score_as_shown(house: House) -> None:
    for _ in range(12):
        house.decide("u1", n=1)
    for decision in re.findall(
        r'href="(/decisions/log/d[0-9a-f]{16})"', page(house, f"/people/{house.person('u1')}/decisions")
    ):
        shown = page(house, decision)
        parts, told = SIGNED.findall(shown), re.search(r"Start (\S+) → (\S+)", shown)
        if told:
            assert figure(told[1]) + sum(map(figure, parts)) == pytest.approx(figure(told[2]), abs=0.0101)
        else:
            assert "Drawn at random" in shown


def test_reasons_that_are_withheld_today_are_gone_from_an_old_decision(house: House) -> None:
    record = next(r for r in (house.decide("u1", n=1) for _ in range(40)) if r["choices"][0]["reasons"][0]["gene"])
    path = f"/decisions/log/{record['decision_id']}"
    assert "taste.category" in page(house, path).replace("<wbr>", "")

    house.consent("u1", record["purpose"], granted=False)
    shown = page(house, path).replace("<wbr>", "")

    assert "taste.category" not in shown
    assert f"{record['choices'][0]['score']:.2f}" not in shown
    assert "withheld today" in shown


def test_a_decision_by_chance_tells_no_score_of_what_is_withheld_today(house: House) -> None:
    record = next(r for r in (house.decide("u1", n=1) for _ in range(200)) if r["control"])
    path = f"/decisions/log/{record['decision_id']}"
    scores = {f"{score:.2f}" for score in record["evidence"]["scores"] if score}
    assert any(f">{score}</td>" in page(house, path) for score in scores)

    house.consent("u1", record["purpose"], granted=False)

    assert not any(f">{score}</td>" in page(house, path) for score in scores)


def test_a_lot_of_an_experiment_has_no_score_and_does_not_hide_a_reasoned_decision(house: House) -> None:
    arms = {"plain": 0.5, "vivid": 0.5}
    point = {
        "id": "banner",
        "label": {"en": "Banner", "de": "Banner"},
        "purpose": "experiment",
        "candidates": "actions",
        "model": "experiment",
        "shares": arms,
        "reward": {"events": ["Order Completed"]},
    }
    house.post("/v1/points", {"points": [point]}).told  # noqa: B018
    house.post("/v1/actions", {"actions": [{"id": name, "point": "banner"} for name in arms]}).told  # noqa: B018
    house.consent("u1", "experiment", granted=True)
    reasoned = house.decide("u1", n=1)

    lot = house.decide("u1", point="banner", n=1)

    assert (
        f'href="/decisions/log/{reasoned["decision_id"]}"' in person(house).split('id="why"')[1].split("</section>")[0]
    )
    shown = page(house, f"/decisions/log/{lot['decision_id']}")
    assert "drawn by lot" in shown
    assert "Start " not in shown


def test_a_decision_is_shown_as_it_was_recorded(house: House) -> None:
    first = house.decide("u1", n=1)
    before = page(house, f"/decisions/log/{first['decision_id']}")

    house.take(*(order("u1", category="COFFEE") for _ in range(20)))

    assert page(house, f"/decisions/log/{first['decision_id']}") == before


def test_direct_identifiers_are_masked(house: House) -> None:
    house.take(identify("u1", "a-1", email="mara@lindner.example", name="Mara Lindner"))

    shown = person(house)

    assert "mara@" not in shown
    assert "Lindner" not in shown
    assert "m•••@lindner.example" in shown
    assert ">ML</span>" in shown


def test_the_timeline_tells_of_events_decisions_choices_and_links(house: House) -> None:
    house.take(identify("u1", "a-1"))
    house.decide("u1")
    house.consent("u1", "email", granted=True)
    house.consent("u1", "email", granted=False)

    shown = person(house, language="de")

    for text in ("Einkauf abgeschlossen", "Entscheidung: ", "Einwilligung erteilt: E-Mail-Werbung",
                 "Einwilligung entzogen: E-Mail-Werbung", "Verbunden: Kundennummer und Gerät"):  # fmt: skip
        assert text in shown


def test_german_pages_have_no_decimal_points(house: House) -> None:
    house.decide("u1")
    for path in (f"/people/{house.person('u1')}?family=all", f"/people/{house.person('u1')}/decisions"):
        shown = page(house, path, "de")
        text = unescape(re.sub(r"<[^>]+>", " ", shown))
        assert not re.search(r"\d\.\d(?!\d\.)(?!\d{2}\b)", re.sub(r"\d{2}\.\d{2}\.\d{4}|\d{1,3}(\.\d{3})+", "", text))


def test_unknown_people_and_decisions_are_not_found_in_words(house: House) -> None:
    for path in ("/people/nobody", "/people/p" + 26 * "a", "/people/x/identity", "/decisions/log/d00", "/people/%00"):
        assert house.browse(path, cookie=house.sign_in()).status == 404


def test_strange_questions_change_nothing(house: House) -> None:
    public = house.person("u1")
    for query in ("family=nonsense", "purpose=nonsense", "decision=d" + 16 * "0", "family=%00&purpose=" + 300 * "x"):
        assert house.browse(f"/people/{public}?{query}", cookie=house.sign_in()).status == 200


def test_a_person_without_events_has_a_page(house: House) -> None:
    house.consent("new", "email", granted=True)

    assert "Nothing is known yet for this purpose" in person(house, "new") or "no consent" in person(house, "new")


def test_identity_names_rule_source_and_time_of_a_link(house: House) -> None:
    house.take(track("Signed In", "u1") | {"anonymousId": "a-9"})

    shown = page(house, f"/people/{house.person('u1')}/identity")

    assert "2 profiles are one person" in shown
    assert "both came with one event" in shown
    assert "source default" in shown
    assert "2 Mar 2026" in shown


def test_a_split_makes_two_people_and_a_sign_in_joins_them_again(house: House) -> None:
    house.take(order("a-9", 5.0), track("Signed In", "u1") | {"anonymousId": "a-9"})
    public, device = house.person("u1"), house.node.public.name(house.node.world.profiles.find("anonymous_id", "a-9"))
    assert house.orders("u1") == 3

    answer = house.browse(f"/people/{public}/identity", {"profile": device}, cookie=house.sign_in())

    assert answer.status == 303
    assert (house.orders("u1"), house.orders("a-9", kind="anonymous_id")) == (2, 1)
    parted = page(house, answer.headers["location"])
    assert "Split into 2 people" in parted
    assert "Split off: device" in parted
    house.take(track("Signed In", "u1") | {"anonymousId": "a-9"})
    assert house.orders("u1") == 3


def test_the_confirmation_says_how_many_people_a_split_makes(house: House) -> None:
    for device in ("a-1", "a-2"):
        house.take(track("Signed In", "u1") | {"anonymousId": device})

    shown = page(house, f"/people/{house.person('u1')}/identity")

    assert shown.count("there are 3 people") == 1  # without the customer's number, each device stands alone
    assert shown.count("there are 2 people") == 2
    assert len(house.unlink("u1")) == 3


def test_a_changed_mind_is_two_lines_even_within_a_minute(house: House) -> None:
    for granted in (True, True, False, True):
        house.consent("u1", "email", granted=granted)

    shown = person(house)

    assert shown.count("Gave consent: e-mail marketing") == 2 * 2  # each line has its text twice: read, and as a key
    assert shown.count("Withdrew consent: e-mail marketing") == 2


def test_only_what_was_given_is_withdrawn(house: House) -> None:
    house.consent("u1", "email", granted=False)
    assert "Refused consent: e-mail marketing" in person(house)

    house.consent("u1", "price", granted=True)
    house.consent("u1", "price", granted=False)

    assert "Withdrew consent: personal prices" in person(house)


def test_what_happened_together_is_one_line(house: House) -> None:
    for purpose in ("email", "recommend", "price"):
        house.consent("u1", purpose, granted=True)
    for _ in range(4):
        house.decide("u1")

    shown = person(house)

    assert "Gave 3 consents" in shown
    assert "4 decisions" in shown
    assert shown.count('<li><a href="/decisions/log/') == 4


@pytest.mark.parametrize("profile", ["", "p" + 26 * "a", "nonsense"])
def test_a_split_of_somebody_else_is_refused(house: House, profile: str) -> None:
    public = house.person("u1")

    assert house.browse(f"/people/{public}/identity", {"profile": profile}, cookie=house.sign_in()).status == 400
    assert (
        house.browse(f"/people/{public}/identity", {"profile": house.person("u2")}, cookie=house.sign_in()).status
        == 400
    )


def test_the_persons_own_page_is_opened_by_a_link_once(house: House) -> None:
    public = house.person("u1")
    answer = house.browse(f"/people/{public}/own-page", {}, cookie=house.sign_in())

    token = re.search(r"/me/enter\?token=([\w-]+)", answer.body.decode())[1]  # type: ignore[index]
    now = house.clock.now
    session = house.app.sessions.redeem("portal", token, now=now)
    assert house.app.sessions.who("portal", session, now=now) == public


def test_places_come_from_people_who_permit_the_purpose_and_statistics(house: House) -> None:
    house.take(*(order(f"v{n}", category="TEA") for n in range(FEWEST)))
    house.consent("u2", "personalise_onsite", granted=False)
    house.consent("v7", "measure_aggregate", granted=False)
    places = Places(house.node)

    house.run(places.measure("personalise_onsite", pause=0))
    ruler = places.ruler("personalise_onsite")

    assert ruler is not None
    assert ruler.people == FEWEST
    assert ruler.place("value.order_value.sum.lifetime", 1242.5) == (FEWEST - 1) / FEWEST
    assert ruler.place("value.order_value.sum.lifetime", 2000.0) == 1.0

    house.consent("v8", "measure_aggregate", granted=False)
    house.run(places.measure("personalise_onsite", pause=0))

    assert places.ruler("personalise_onsite") is None  # 49 people would tell too much of each


def test_a_page_says_that_there_are_too_few_people_to_compare_with(house: House) -> None:
    assert "fewer than 50 people permit this purpose and statistics" in person(house)
    assert "weniger als 50 Personen erlauben diesen Zweck und Statistik" in person(house, language="de")
