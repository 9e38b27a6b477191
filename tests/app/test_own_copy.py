"""The copy of everything that is held of a person: whole, of nobody else, safe to open, and on record."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app import audit
from genom.app.rights.copying import SCHEMA
from tests.app.events import identify, order, track, view
from tests.app.house import DAY, HOUR, START, House
from tests.app.portal import plain, visit

MINUTE = 60_000
KINDS = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "object": dict, "array": list}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "recommend"):
            house.consent("ada", purpose, granted=True)
        house.serve(identify("ada", "a-phone", email="canary-mail@example.org", name="Canary Name"))
        house.take(
            order("ada", 10, at=START - 5 * DAY, category="CANARY TEA"),
            view("ada", "OOLONG"),
            track("Canary Event", "ada", canary_key="canary value"),
            order("bob", 10, category="OTHER TEA"),
        )
        yield house


def files_of(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def copy_of(house: House, user: str = "ada", query: str = "") -> dict[str, bytes]:
    answer = house.get(f"/v1/people/{house.person(user)}/export{query}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    return files_of(answer.body)


def data_of(house: House, user: str = "ada") -> dict[str, Any]:
    held: dict[str, Any] = json.loads(copy_of(house, user)["data.json"])
    return held


def fits(value: Any, schema: Any, place: str = "$") -> None:
    """The part of JSON Schema that the copy's own schema uses."""
    if "const" in schema:
        assert value == schema["const"], place
    wanted = schema.get("type", [])
    kinds = [wanted] if isinstance(wanted, str) else wanted
    assert not kinds or any(value is None if k == "null" else isinstance(value, KINDS[k]) for k in kinds), place
    for name in schema.get("required", ()):
        assert name in value, f"{place}.{name}"
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            fits(value[name], inner, f"{place}.{name}")
    for index, one in enumerate(value if "items" in schema else ()):
        fits(one, schema["items"], f"{place}[{index}]")


def test_whatever_was_planted_anywhere_is_in_the_copy(house: House) -> None:
    record = house.decide("ada")

    held = data_of(house)

    assert {"type": "email", "value": "canary-mail@example.org"} in held["identifiers"]
    assert {"type": "anonymous_id", "value": "a-phone"} in held["identifiers"]
    assert {"type": "name", "value": "Canary Name"} in held["identifiers"]
    assert [event["event"] for event in held["events"]].count("Canary Event") == 1
    assert any(event["properties"].get("canary_key") == "canary value" for event in held["events"])
    assert {choice["purpose"] for choice in held["choices"]} == {"personalise_onsite", "recommend"}
    assert [one["decision_id"] for one in held["decisions"]] == [record["decision_id"]]
    orders = {g["purpose"]: g["value"] for g in held["genes"] if g["id"] == "rhythm.orders.count.lifetime"}
    assert orders == {"personalise_onsite": 1, "recommend": 1}


def test_nothing_of_anybody_else_is_in_it(house: House) -> None:
    house.decide("ada")

    everything = b"".join(copy_of(house, "bob").values()).lower()

    assert b"other tea" in everything
    assert b"canary" not in everything
    assert house.person("ada").encode() not in everything


def test_what_may_not_be_used_is_shown_and_said_so(house: House) -> None:
    house.consent("ada", "recommend", granted=False)

    held = data_of(house)

    used = {gene["purpose"]: gene["used"] for gene in held["genes"] if gene["id"] == "rhythm.orders.count.lifetime"}
    assert used == {"personalise_onsite": True, "recommend": False}
    assert "recommend" not in held["permitted_now"]


def test_what_the_person_said_is_in_it(house: House) -> None:
    me = visit(house, "ada")
    me.press("/me/tell", word="dislike", thing="OOLONG")

    assert data_of(house)["told"]["disliked"] == ["OOLONG"]


def test_a_profile_that_was_linked_brings_its_events(house: House) -> None:
    house.take(track("From the phone", "a-phone"))

    held = data_of(house)

    assert "From the phone" in [event["event"] for event in held["events"]]
    assert [link["what"] for link in held["links"]] == ["linked", "linked"]  # with the phone, and with the address


def test_the_data_fits_the_schema_that_lies_beside_it(house: House) -> None:
    house.decide("ada")
    house.send(faulty(userId="ada"))
    house.post("/v1/requests", {"kind": "access", "type": "user_id", "value": "ada"}).told  # noqa: B018
    files = copy_of(house)

    assert json.loads(files["schema.json"]) == SCHEMA
    fits(json.loads(files["data.json"]), SCHEMA)


def test_tables_open_in_a_spreadsheet_and_run_nothing(house: House) -> None:
    house.take(track('=HYPERLINK("x")', "ada"))

    rows = list(csv.DictReader(io.StringIO(copy_of(house)["events.csv"].decode("utf-8-sig"))))

    assert [row["event"] for row in rows if "HYPERLINK" in row["event"]] == ['\'=HYPERLINK("x")']
    assert len(rows) == len(data_of(house)["events"])


def faulty(**event: Any) -> dict[str, Any]:
    """An event that is turned away: it has no name."""
    return {"type": "track", "messageId": f"faulty-{len(event)}"} | event


def test_events_of_the_person_that_were_turned_away_are_in_it(house: House) -> None:
    house.send(faulty(userId="ada", properties={"word": "canary one"}))
    house.send(faulty(anonymousId="a-phone", userId="ada", properties={"word": "canary two"}))

    rejected = data_of(house)["rejected"]

    assert [json.loads(one["sent"])["properties"]["word"] for one in rejected] == ["canary one", "canary two"]
    assert {one["code"] for one in rejected} == {"collect.no-event-name"}
    rows = list(csv.DictReader(io.StringIO(copy_of(house)["rejected.csv"].decode("utf-8-sig"))))
    assert [row["sent"] for row in rows] == [one["sent"] for one in rejected]


def test_of_what_was_turned_away_nothing_of_others_is_in_it(house: House) -> None:
    house.send(faulty(userId="bob", properties={"word": "of bob", "friend": "ada"}))
    house.send(faulty(userId="ada", previousId="bob", properties={"word": "of bob"}))
    house.post("/v1/batch", {"batch": ["userId ada, userId bob: of bob"]}, key=house.write_key)
    house.send(faulty(userId="bob", properties={"word": "of bob"}))

    held = data_of(house)

    assert [(one["sent"], one["why"]) for one in held["rejected"]] == [
        (None, None)
    ]  # the second: the others are not of this person
    assert "of bob" not in json.dumps(held)


def test_what_the_person_asked_for_is_in_it(house: House) -> None:
    filed = house.post(
        "/v1/requests", {"kind": "restriction", "type": "user_id", "value": "ada", "note": "please"}
    ).told
    house.post("/v1/requests", {"kind": "objection", "type": "user_id", "value": "bob", "note": "not mine"}).told  # noqa: B018

    (asked,) = data_of(house)["requests"]

    assert (asked["id"], asked["kind"], asked["note"], asked["state"]) == (
        filed["id"],
        "restriction",
        "please",
        "received",
    )
    assert asked["done_at"] is None
    assert "please" in copy_of(house)["requests.csv"].decode()


def test_a_choice_carries_its_proof_in_the_ledger(house: House) -> None:
    google = {"ad_storage": "granted", "ad_user_data": "granted"}
    house.post("/v1/consent/google", {"type": "user_id", "value": "ada", "google": google}).told  # noqa: B018
    entries = {entry.n: entry for entry in house.node.ledger.replay()}

    choices = data_of(house)["choices"]

    assert sorted(one["number"] for one in choices) == sorted(entries)
    for one in choices:
        entry = entries[one["number"]]
        assert (one["evidence"], one["sha256"], one["previous_sha256"]) == (entry.evidence, entry.hash, entry.prev)
    assert any("ad_user_data" in one["evidence"] for one in choices)
    rows = list(csv.DictReader(io.StringIO(copy_of(house)["choices.csv"].decode("utf-8-sig"))))
    assert [row["sha256"] for row in rows] == [one["sha256"] for one in choices]


@pytest.mark.parametrize(("language", "words"), [("en", "This is a copy"), ("de", "Das ist eine Kopie")])
def test_a_letter_explains_it_in_the_readers_language(house: House, language: str, words: str) -> None:
    assert words in copy_of(house, query=f"?language={language}")["README.txt"].decode()


def test_each_copy_is_on_record_and_the_next_one_tells_it(house: House) -> None:
    house.get(f"/v1/people/{house.person('ada')}/export", headers={"x-reason": "asked by post"})

    rows = audit.rows(house.node.catalogue, action="person.exported")
    assert [(row.who, row.name, row.reason) for row in rows] == [("key:first", house.person("ada"), "asked by post")]
    (seen,) = data_of(house)["looked_at"]
    assert (seen["action"], seen["by"], seen["reason"]) == ("person.exported", "key", "asked by post")


def test_a_write_key_gets_none_and_nobody_has_none(house: House) -> None:
    assert house.get(f"/v1/people/{house.person('ada')}/export", key=house.write_key).status == 403
    assert house.get("/v1/people/p2/export").status == 404


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_person_downloads_it_on_a_page_of_their_own(house: House, language: str) -> None:
    me = visit(house, "ada", language=language)
    assert ("Download the copy" if language == "en" else "Kopie herunterladen") in me.text("/me/data")

    answer = house.browse("/me/data", {}, cookie=me.cookie, language=language)

    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(files_of(answer.body)["data.json"])["person"] == house.person("ada")
    (row,) = audit.rows(house.node.catalogue, action="person.exported")
    assert row.who == "person"
    assert ("The last copy was made on" if language == "en" else "Die letzte Kopie wurde am") in me.text("/me/data")


def test_a_session_that_began_long_ago_gets_no_copy_and_is_told_how(house: House) -> None:
    me = visit(house, "ada")
    house.clock.now += 15 * MINUTE + 1

    assert "Come back by a new link first" in me.text("/me/data")
    refused = house.browse("/me/data", {}, cookie=me.cookie)

    assert refused.status == 403
    assert "No copy was made" in plain(refused.body.decode())
    assert not audit.rows(house.node.catalogue, action="person.exported")
    assert house.browse("/me/data", {}, cookie=visit(house, "ada").cookie).status == 200


def test_a_copy_needs_a_session_and_a_form_of_the_page_itself(house: House) -> None:
    me = visit(house, "ada")

    assert house.browse("/me/data", {}).status == 401
    assert house.browse("/me/data", {}, cookie=me.cookie, headers={"sec-fetch-site": "cross-site"}).status == 403


def test_whoever_opened_the_page_for_the_person_is_on_record(house: House) -> None:
    token = house.app.sessions.make_link("portal", house.person("ada"), now=house.clock.now, maker="console:admin")
    cookie = house.browse(f"/me/enter?token={token}").headers["set-cookie"].partition(";")[0]

    assert house.browse("/me/data", {}, cookie=cookie).status == 200
    assert [row.who for row in audit.rows(house.node.catalogue, action="person.exported")] == ["console:admin"]


def test_a_copy_as_of_later_holds_what_came_since(house: House) -> None:
    before = len(data_of(house)["events"])
    house.clock.now += HOUR
    house.take(view("ada", "OOLONG"))

    assert len(data_of(house)["events"]) == before + 1
