"""Whoever reads about people on the console says why first; it is on record, and the person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.roles import rights_of
from genom.console.reason import REASONS
from tests.app.events import order
from tests.app.house import House
from tests.app.portal import visit

ASKED = b"Why do you read about people?"
MINUTE = 60_000  # ms


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.consent("u1", "personalise_onsite", granted=True)
        house.serve(order("u1"))
        yield house


def looks(house: House) -> list[tuple[str, str]]:
    """Who read and why."""
    house.app.looks.write()
    rows = house.get("/v1/audit?action=person.seen").told["rows"]
    return [(row["who"], row["reason"]) for row in rows if row["who"].startswith("console:")]


@pytest.mark.parametrize("page", ["", "/identity", "/decisions", "/reveal"])
def test_who_has_given_no_reason_is_asked_and_has_read_nothing(house: House, page: str) -> None:
    cookie = house.sign_in(subject="ada", reason="")

    answer = house.browse(f"/people/{house.person('u1')}{page}", cookie=cookie)

    assert ASKED in answer.body
    assert b"Kundennummer" not in answer.body
    assert looks(house) == []
    assert ASKED not in house.browse("/people", cookie=cookie).body  # the list is masked and needs none


def test_the_page_of_one_decision_asks_too_and_is_on_record(house: House) -> None:
    decision = f"/decisions/log/{house.decide('u1')['decision_id']}"
    cookie = house.sign_in(subject="ada", reason="")
    assert ASKED in house.browse(decision, cookie=cookie).body
    assert looks(house) == []

    went = house.browse("/reason", {"reason": REASONS[2], "back": decision}, cookie=cookie)

    assert went.headers["location"] == decision
    assert ASKED not in house.browse(decision, cookie=cookie).body
    assert looks(house) == [("console:ada", REASONS[2])]


def test_a_trial_decision_about_a_person_is_on_record(house: House) -> None:
    cookie = house.sign_in()  # whoever runs the machine: no role sees decision points and people
    house.browse("/decisions/next_product", cookie=cookie)
    assert looks(house) == []  # it is about nobody

    shown = house.browse(f"/decisions/next_product?person={house.person('u1')}", cookie=cookie)

    assert b'id="simulated"' in shown.body
    assert looks(house) == [("console:admin", "")]
    assert "eine Probeentscheidung" in house.browse("/audit", cookie=cookie, language="de").body.decode()


def test_a_trial_decision_asks_whoever_has_to_say_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rights = rights_of("privacy_agent") | {"points.read"}
    monkeypatch.setattr("genom.app.pages.door.rights_of", lambda _: rights)
    trial, cookie = f"/decisions/next_product?person={house.person('u1')}", house.sign_in(subject="ada", reason="")
    assert ASKED in house.browse(trial, cookie=cookie).body
    assert looks(house) == []

    went = house.browse("/reason", {"reason": REASONS[2], "back": trial}, cookie=cookie)

    assert went.headers["location"] == trial
    assert b'id="simulated"' in house.browse(trial, cookie=cookie).body
    assert looks(house) == [("console:ada", REASONS[2])]


def test_a_reason_opens_the_page_and_stands_where_the_person_reads_it(house: House) -> None:
    cookie, path = house.sign_in(subject="ada", reason=""), f"/people/{house.person('u1')}"

    went = house.browse("/reason", {"reason": REASONS[1], "back": path}, cookie=cookie)
    shown = house.browse(path, cookie=cookie)

    assert (went.status, went.headers["location"]) == (303, path)
    assert ASKED not in shown.body
    assert looks(house) == [("console:ada", REASONS[1])]
    own = visit(house, "u1", language="de").get("/me/data")
    assert "Reklamation, Rückgabe oder Lieferung" in own


def test_after_half_an_hour_away_it_is_asked_again(house: House) -> None:
    cookie, path = house.sign_in(subject="ada", reason="letter 7"), f"/people/{house.person('u1')}"
    for _ in range(3):
        house.clock.now += 20 * MINUTE
        assert ASKED not in house.browse(path, cookie=cookie).body

    house.clock.now += 29 * MINUTE  # within the session, which ends by itself after half an hour, too
    assert ASKED not in house.browse("/people", cookie=cookie).body
    house.clock.now += 2 * MINUTE
    assert ASKED in house.browse(path, cookie=cookie).body


def test_a_reason_counts_for_its_own_session_alone(house: House) -> None:
    house.sign_in(subject="ada", reason="letter 7")
    other = house.sign_in(subject="ben", reason="")

    assert ASKED in house.browse(f"/people/{house.person('u1')}", cookie=other).body


@pytest.mark.parametrize("form", [{}, {"reason": "other"}, {"reason": "other", "words": "  "}, {"reason": "because"}])
def test_no_reason_is_none(house: House, form: dict[str, str]) -> None:
    cookie, path = house.sign_in(subject="ada", reason=""), f"/people/{house.person('u1')}"

    answer = house.browse("/reason", form | {"back": path}, cookie=cookie)

    assert answer.status == 400
    assert b"Choose a reason, or write one." in answer.body
    assert ASKED in house.browse(path, cookie=cookie).body


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/people/../login", "/logout", ""])
def test_the_way_back_stays_with_people(house: House, back: str) -> None:
    cookie = house.sign_in(subject="ada", reason="")

    went = house.browse("/reason", {"reason": REASONS[0], "back": back}, cookie=cookie)

    assert went.headers["location"] == "/people"


def test_parts_and_streams_of_a_page_wait_for_it(house: House) -> None:
    cookie, path = house.sign_in(subject="ada", reason=""), f"/people/{house.person('u1')}"

    part = house.browse(path, cookie=cookie, headers={"hx-request": "true"})
    stream = house.browse(f"{path}/stream", cookie=cookie, headers={"accept": "text/event-stream"})

    assert part.headers["hx-redirect"] == path
    assert stream.status == 403
    assert looks(house) == []


def test_whoever_runs_the_machine_and_whoever_may_not_read_people_are_not_asked(house: House) -> None:
    path = f"/people/{house.person('u1')}"

    owner = house.sign_in()
    assert ASKED not in house.browse(path, cookie=owner).body
    house.browse("/reason", {"reason": "other", "words": "audit 7"}, cookie=owner)  # they may say it all the same
    house.browse(f"{path}/identity", cookie=owner)
    assert looks(house) == [("console:admin", "audit 7"), ("console:admin", "")]
    house.app.users.add("mia", "marketer", "correct horse battery", now=house.clock.now)
    answer = house.browse(path, cookie=house.sign_in(subject="mia", reason=""))
    assert answer.status == 403
    assert house.browse("/reason", {"reason": REASONS[0]}, cookie=house.sign_in(subject="mia", reason="")).status == 403
