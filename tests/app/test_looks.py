"""Who looks at whom is on record, once an hour, with the reason; the person sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app import audit
from genom.app.access import reason_of
from genom.app.catalogue import OPERATING, Key
from genom.app.http import Request
from genom.app.looks import SEEN
from genom.errors import BadRequest
from tests.app.events import order
from tests.app.house import HOUR, House
from tests.app.portal import visit


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("u2"))
        yield house


def looks(house: House, user: str = "u1") -> list[tuple[str, object, str]]:
    house.app.looks.write()
    rows = audit.rows(house.node.catalogue, action=SEEN, name=house.person(user), limit=100)
    return [(row.who, row.details["what"], row.reason) for row in reversed(rows)]


def test_each_way_to_read_a_person_is_on_record(house: House) -> None:
    person = house.person("u1")
    for what in ("genome?purpose=personalise_onsite", "events", "decisions", "segments"):
        assert house.get(f"/v1/people/{person}/{what}").status == 200
    cookie = house.sign_in(subject="ada")
    for path in ("", "/identity", "/decisions"):
        assert house.browse(f"/people/{person}{path}", cookie=cookie).status == 200

    assert looks(house) == [
        ("key:first", "genome", OPERATING), ("key:first", "events", OPERATING), ("key:first", "decisions", OPERATING),
        ("key:first", "segments", OPERATING), ("console:ada", "genome", "a test"),
        ("console:ada", "identity", "a test"), ("console:ada", "decisions", "a test"),
    ]  # fmt: skip
    assert looks(house, "u2") == []
    assert audit.verify(house.node.catalogue).problem == ""


def test_whoever_asks_all_stores_is_on_record_and_hears_no_content(house: House) -> None:
    asked = {"type": "user_id", "value": "u1"}

    told = house.post("/v1/people:find", asked, headers={"X-Reason": "case 7"}).told
    nobody = house.post("/v1/people:find", asked | {"value": "nobody"}).told

    stores = {one["store"]: {of["what"]: of["records"] for of in one["found"]} for one in told["stores"]}
    assert told["person"] == house.person("u1")
    assert stores["journal"]["order completed"] == 2  # with its line
    assert stores["keys"] == {"data key": 1}
    assert nobody == {"person": None, "stores": []}
    assert house.post("/v1/people:find", asked | {"type": "No Type"}).status == 400
    assert looks(house) == [("key:first", "held", "case 7")]


def test_a_key_carries_its_reason_and_a_request_may_say_another(house: House) -> None:
    made = house.post("/v1/keys", {"name": "service", "role": "privacy_agent", "reason": "answers calls"}).told
    path = f"/v1/people/{house.person('u1')}/events"

    assert house.get(path, key=made["key"]).status == 200
    assert house.get(path, key=made["key"], headers={"X-Reason": "case 7"}).status == 200
    assert house.get(path, key=made["key"], headers={"X-Reason": "x" * 501}).json["code"] == "audit.reason"

    assert [reason for _, _, reason in looks(house)] == ["answers calls", "case 7"]


def test_a_key_without_a_reason_reads_nobody_unless_the_request_says_one(house: House) -> None:
    for role in ("", "privacy_agent"):
        key, silent, said = Key("", "server", "k", 1, role=role), request(), request(b"case 7")
        with pytest.raises(BadRequest) as refused:
            reason_of(silent, key)

        assert refused.value.code == "key.no-reason"
        assert reason_of(said, key) == "case 7"
    assert [one.reason for one in house.node.catalogue.all_keys() if one.kind == "server"] == [OPERATING]


def request(reason: bytes = b"") -> Request:
    """A request that says why, or does not."""
    return Request("GET", "/", b"", {b"x-reason": reason} if reason else {}, "127.0.0.1")


def test_finding_somebody_and_reading_one_decision_are_on_record(house: House) -> None:
    house.consent("u1", "recommend", granted=True)
    decision = house.decide("u1", point="next_product")["decision_id"]
    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 200
    assert house.get(f"/v1/decisions/{decision}", headers={"X-Reason": "case 7"}).status == 200

    assert looks(house) == [  # the house itself read the decision first
        ("key:first", "decision", OPERATING), ("key:first", "lookup", OPERATING), ("key:first", "decision", "case 7"),
    ]  # fmt: skip


def test_the_same_reader_is_on_record_once_an_hour(house: House) -> None:
    path = f"/v1/people/{house.person('u1')}/events"
    for _ in range(50):
        house.get(path).told  # noqa: B018
    assert len(looks(house)) == 1

    house.clock.now += HOUR
    house.get(path).told  # noqa: B018

    assert len(looks(house)) == 2


def test_whoever_asks_for_nobody_leaves_no_trace(house: House) -> None:
    cookie = house.sign_in()
    house.browse("/people/p_invented", cookie=cookie)
    house.get("/v1/people/p_invented/events")

    assert house.app.looks.write() == 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_person_sees_who_looked_and_so_does_the_copy(house: House, language: str) -> None:
    me = visit(house, "u1", language=language)
    nobody = "Nobody has opened" if language == "en" else "Bisher hat niemand"
    assert nobody in me.text("/me/data")

    house.get(f"/v1/people/{house.person('u1')}/events", headers={"X-Reason": "case 7"}).told  # noqa: B018

    page = me.text("/me/data")
    assert nobody not in page
    assert "case 7" in page
    assert ("a program of the shop" if language == "en" else "ein Programm des Shops") in page
    assert house.person("u1") not in page
    for what in ("decisions", "segments"):
        house.get(f"/v1/people/{house.person('u1')}/{what}", headers={"X-Reason": "case 7"}).told  # noqa: B018
    assert me.text("/me/data").count("case 7") == 1  # one line for all that a reader opened in an hour


def test_the_person_sees_copies_and_revealed_values_too(house: House) -> None:
    person = house.person("u1")
    key = house.post("/v1/keys", {"name": "service", "role": "privacy_agent", "reason": "answers calls"}).told["key"]
    assert house.get(f"/v1/people/{person}/export", key=key).status == 200
    audit.record(
        house.node.catalogue, "person.revealed", who="console:ada", kind="person", name=person, at=house.clock.now,
        reason="asked at the till", details={"values": ["email"]},
    )  # fmt: skip

    page = visit(house, "u1", language="en").text("/me/data")

    assert "answers calls" in page
    assert "asked at the till" in page
    assert "ada" not in page
