"""Switches: one for each purpose, equal both ways, at once, on record; pausing brings everything back as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import genom.consent
from genom.app.commit import now_ms
from genom.app.pages import consents
from genom.app.reading import find_person
from genom.consent import Entry
from genom.journal import Place
from tests.app.events import consenting, order, view
from tests.app.house import House
from tests.app.portal import PATHS, Visitor, visit


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "recommend", "price"):
            house.consent("ada", purpose, granted=True)
        house.take(order("ada", category="TEA"))
        yield house


def recorded(house: House) -> list[Entry]:
    return list(house.node.ledger.replay())


def places_of(house: House, user: str) -> list[Place]:
    """Where the journal keeps the person's rows."""
    person = find_person(house.node, {"user_id": user})
    return house.node.journal.rows_of(house.node.world.people.members(person)).places


def states(page: str) -> dict[str, bool]:
    """Purpose → whether its switch is on, as the page shows it."""
    found = re.findall(r'id="purpose-(\w+)".*?value="yes" aria-pressed="(true|false)"', page, re.DOTALL)
    return {purpose: pressed == "true" for purpose, pressed in found}


def test_every_purpose_that_can_be_refused_has_one_switch_with_its_legal_text(house: House) -> None:
    page = visit(house, "ada", language="de").get("/me/choices")

    purposes = [purpose for purpose in house.node.purposes.every if purpose.objectable]
    assert set(states(page)) == {purpose.name for purpose in purposes}
    assert all(purpose.text["de"] in page for purpose in house.node.purposes.every)
    assert "Was sich nicht ausschalten lässt" in page


def test_nothing_is_on_before_somebody_chose(house: House) -> None:
    house.consent("new", "email", granted=False)

    on = {purpose for purpose, is_on in states(visit(house, "new").get("/me/choices")).items() if is_on}

    assert on == {"measure_aggregate"}  # legitimate interest, with the right to object


def test_on_and_off_are_two_buttons_of_one_form_that_differ_in_nothing_but_their_word(house: House) -> None:
    page = visit(house, "ada").get("/me/choices")

    forms = re.findall(r'<form method="post" action="/me/choices">.*?</form>', page, re.DOTALL)
    assert len(forms) == len(states(page))
    for form in forms:
        on, off = re.findall(r"<button ([^>]*)>", form)
        assert re.sub(r'value="\w+"|aria-pressed="\w+"', "", on) == re.sub(r'value="\w+"|aria-pressed="\w+"', "", off)


def test_a_switch_acts_on_the_next_read_and_decision_and_is_on_record(house: House) -> None:
    ada = visit(house, "ada")
    assert house.orders("ada", purpose="recommend") == 1.0

    ada.turn("recommend", on=False)

    assert house.orders("ada", purpose="recommend") == "withheld"
    assert house.decide("ada")["basis"] == "denied"
    last = recorded(house)[-1]
    assert (last.purpose, last.granted, last.mechanism, last.actor) == ("recommend", False, "portal", "person")
    assert last.text == house.node.purposes.text_hash("recommend")
    assert not states(ada.get("/me/choices"))["recommend"]

    ada.turn("recommend", on=True)

    assert house.orders("ada", purpose="recommend") == 1.0
    house.restart()
    assert house.orders("ada", purpose="recommend") == 1.0


def test_the_price_switch_takes_the_price_family_what_is_made_of_it_and_nothing_else(house: House) -> None:
    ada = visit(house, "ada")
    before = {gene for gene, value in house.genome("ada").items() if value == "withheld"}

    ada.turn("price", on=False)

    withheld = {gene for gene, value in house.genome("ada").items() if value == "withheld"} - before
    learned_of_prices = {"intent.redeems_coupon.prediction"}
    genes = house.node.world.layout.genes
    assert withheld - learned_of_prices == {gene.id for gene in genes if "price" in genes.families(gene)}


def opened_by_the_shop(house: House, user: str, *, language: str = "en") -> Visitor:
    """The person's pages, entered by the link that the console makes."""
    answer = house.browse(f"/people/{house.person(user)}/own-page", {}, cookie=house.sign_in())
    token = re.search(r"/me/enter\?token=([\w-]+)", answer.body.decode())[1]  # type: ignore[index]
    entered = house.browse(f"/me/enter?token={token}")
    return Visitor(house, entered.headers["set-cookie"].partition(";")[0], language)


def test_what_the_shops_staff_changes_is_on_record_as_theirs_and_every_page_says_who_opened_it(house: House) -> None:
    staff = opened_by_the_shop(house, "ada", language="de")
    notice = "Diese Seite wurde von einer Mitarbeiterin oder einem Mitarbeiter des Shops geöffnet."
    assert all(notice in staff.text(path) for path in PATHS)
    assert not any(notice in visit(house, "ada", language="de").text(path) for path in PATHS)

    staff.turn("email", on=True)
    staff.press("/me/pause", pause="yes")

    made = [entry for entry in recorded(house) if entry.mechanism == "portal"]
    assert len(made) > 2
    assert {entry.actor for entry in made} == {"console:admin"}
    page = house.browse(f"/people/{house.person('ada')}", cookie=house.sign_in()).body.decode()
    assert "own page, opened by the shop" in page


def test_what_the_shops_staff_says_for_a_person_is_marked_in_the_journal(house: House) -> None:
    opened_by_the_shop(house, "ada").press("/me/tell", thing="TEA", word="like")
    visit(house, "ada").press("/me/tell", thing="TEA", word="dislike")

    bodies = b"".join(house.node.journal.body(place) for place in places_of(house, "ada"))

    assert bodies.count(b'"actor":"console:admin"') == 1
    assert bodies.count(b'"actor":"person"') == 1


def test_a_session_of_the_shops_staff_is_one_after_a_restart_too(house: House) -> None:
    staff = opened_by_the_shop(house, "ada")

    house.restart()
    staff.turn("email", on=True)

    assert recorded(house)[-1].actor == "console:admin"


def test_the_same_choice_twice_is_recorded_once(house: House) -> None:
    ada = visit(house, "ada")
    ada.turn("email", on=True)
    before = len(recorded(house))

    ada.turn("email", on=True)

    assert len(recorded(house)) == before


@pytest.mark.parametrize(
    "fields", [{"purpose": "service", "on": "no"}, {"purpose": "nonsense", "on": "yes"}, {"purpose": "email"}, {}]
)
def test_what_is_no_choice_changes_nothing_and_is_answered_in_words(house: House, fields: dict[str, str]) -> None:
    ada, before = visit(house, "ada"), len(recorded(house))

    answer = house.browse("/me/choices", fields, cookie=ada.cookie)

    assert answer.status == 400
    assert "nothing was changed" in answer.body.decode()
    assert len(recorded(house)) == before


def test_pausing_refuses_whatever_can_be_refused_and_resuming_brings_back_what_was_on(house: House) -> None:
    ada = visit(house, "ada")
    ada.turn("email", on=False)
    before = states(ada.get("/me/choices"))

    ada.press("/me/pause", pause="yes")

    paused = ada.get("/me/choices")
    assert not any(states(paused).values())
    assert "Everything is paused" in paused
    assert "Withheld: you have paused everything" in ada.text()
    assert house.orders("ada", purpose="recommend") == "withheld"

    ada.press("/me/pause", pause="no")

    after = ada.get("/me/choices")
    assert states(after) == before
    assert "Everything is paused" not in after
    assert house.orders("ada", purpose="recommend") == 1.0


def test_a_pause_outlives_a_restart_and_no_banner_switches_anything_on_meanwhile(house: House) -> None:
    ada = visit(house, "ada")
    ada.press("/me/pause", pause="yes")

    house.take(consenting(view("ada"), recommend=True, experiment=True))
    house.restart()

    assert not any(states(ada.get("/me/choices")).values())
    ada.press("/me/pause", pause="no")
    assert states(ada.get("/me/choices"))["recommend"]


def test_resuming_records_no_consent_that_was_never_given(house: House) -> None:
    house.take(order("dev", category="TEA"))  # development mode assumes consent; nobody gave it
    dev = visit(house, "dev")
    before = states(dev.get("/me/choices"))
    assert before["recommend"]

    dev.press("/me/pause", pause="yes")
    assert "Everything is paused" in dev.get("/me/choices")
    dev.press("/me/pause", pause="no")

    assert not [entry for entry in recorded(house) if entry.granted and entry.mechanism == "portal"]
    for _ in range(2):
        person = find_person(house.node, {"user_id": "dev"})
        assert house.node.pipeline.permits.choice_of(person, now_ms()) == (0, 0, 0)
        assert states(dev.get("/me/choices")) == before
        assert "You have not decided yet; it is on for trial." in dev.text("/me/choices")
        house.restart()
    page = house.browse(f"/people/{house.person('dev')}", cookie=house.sign_in()).body.decode()
    assert "Pause over, no choice" in page


def test_resuming_asks_anew_where_the_text_has_changed_meanwhile(house: House) -> None:
    for purpose in ("recommend", "personalise_onsite"):
        house.consent("new", purpose, granted=True)
    new = visit(house, "new")
    new.press("/me/pause", pause="yes")
    built_in = Path(genom.consent.__file__).with_name("purposes.yaml").read_text("utf-8")
    (house.path / "purposes.yaml").write_text(built_in.replace("We recommend products", "We also recommend products"))
    house.restart()

    new.press("/me/pause", pause="no")

    now = states(new.get("/me/choices"))
    assert (now["recommend"], now["personalise_onsite"]) == (False, True)
    assert {entry.purpose for entry in recorded(house) if entry.granted and entry.mechanism == "portal"} == {
        "personalise_onsite"
    }


def test_a_pause_is_not_forgotten_when_the_ledger_is_long(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = visit(house, "ada")
    before = states(ada.get("/me/choices"))
    ada.press("/me/pause", pause="yes")
    monkeypatch.setattr(consents, "_KEPT", 5)
    house.restart()
    for n in range(10):
        house.consent("bob", "email", granted=n % 2 == 0)

    assert "Everything is paused" in ada.get("/me/choices")
    ada.press("/me/pause", pause="no")

    assert states(ada.get("/me/choices")) == before


def test_resuming_leaves_what_a_profile_linked_since_has_refused(house: House) -> None:
    visit(house, "ada").press("/me/pause", pause="yes")
    house.consent("device", "recommend", granted=False, kind="anonymous_id")
    house.take(view("ada") | {"anonymousId": "device"})
    ada = visit(house, "ada")
    assert house.person("ada") == house.person("device", "anonymous_id")

    ada.press("/me/pause", pause="no")

    now = states(ada.get("/me/choices"))
    assert (now["recommend"], now["personalise_onsite"]) == (False, True)


def test_a_switch_turned_on_during_a_pause_stays_and_pausing_twice_loses_nothing(house: House) -> None:
    ada = visit(house, "ada")
    ada.press("/me/pause", pause="yes")
    ada.turn("experiment", on=True)
    ada.press("/me/pause", pause="yes")
    ada.press("/me/pause", pause="no")

    now = states(ada.get("/me/choices"))

    assert {purpose for purpose, on in now.items() if on} == {
        "personalise_onsite", "recommend", "price", "measure_person", "measure_aggregate", "experiment",
    }  # fmt: skip


def test_what_development_mode_assumes_is_shown_as_on_for_trial_and_can_be_refused(house: House) -> None:
    house.take(order("dev", category="TEA"))
    dev = visit(house, "dev")
    assert "You have not decided yet; it is on for trial." in dev.text("/me/choices")

    dev.turn("recommend", on=False)

    assert house.orders("dev", purpose="recommend") == "withheld"


def test_a_script_cannot_fill_the_ledger(house: House) -> None:
    ada = visit(house, "ada")
    for n in range(60):
        ada.turn("email", on=n % 2 == 0)

    answer = house.browse("/me/choices", {"purpose": "email", "on": "yes"}, cookie=ada.cookie)

    assert answer.status == 503
    house.clock.now += 11 * 60_000
    ada.turn("email", on=True)


def test_a_changed_text_ends_what_was_agreed_and_the_page_says_so(house: House) -> None:
    for purpose in ("recommend", "personalise_onsite"):
        house.consent("new", purpose, granted=True)
    built_in = Path(genom.consent.__file__).with_name("purposes.yaml").read_text("utf-8")
    (house.path / "purposes.yaml").write_text(built_in.replace("We recommend products", "We also recommend products"))
    house.restart()

    page = visit(house, "new").get("/me/choices")

    assert not states(page)["recommend"]
    assert "Our text has changed since you agreed on 2 Mar 2026, so it is off until you agree again." in page
    assert states(page)["personalise_onsite"]
