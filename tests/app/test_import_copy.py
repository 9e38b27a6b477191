"""A copy of a person goes into a second Genom, and the genome is the same there."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from genom.app import audit
from genom.app.rights import taking
from genom.app.rights.taking import SOURCE
from genom.app.server import App
from genom.words import Source
from tests.app.events import identify, order, track, view
from tests.app.house import DAY, HOUR, START, Clock, House

PURPOSES = ("personalise_onsite", "recommend", "measure_person", "email", "model_training")
GRANTED = {*PURPOSES, "ads_measure"}  # by what `live` says of consent


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[House, House]]:
    clock = Clock()
    with House(tmp_path / "a", clock=clock) as one, House(tmp_path / "b", clock=clock) as other:
        yield one, other


def live(house: House) -> None:
    """Half a year of Ada: devices, orders before and after her choices, a refusal, what she says of herself."""
    clock = house.clock
    products = [{"product_id": "OOLONG", "name": "Oolong", "category_1": "Pantry", "category_2": "TEA"}]
    house.post("/v1/products", {"products": products})
    clock.now = START - 90 * DAY
    house.take(order("ada", 40, at=clock.now - HOUR, category="MUGS"), view("ada", "MUG", at=clock.now - 2 * HOUR))
    for purpose in PURPOSES:
        house.consent("ada", purpose, granted=True)
    for days in range(80, 0, -7):
        clock.now = START - days * DAY
        seen = view("ada", "OOLONG", at=clock.now - 3)
        house.take(order("ada", 10 + days, at=clock.now - HOUR, category="TEA"), seen)
        searched = track("Products Searched", "ada", at=clock.now - 2, query="green tea")
        house.take(searched, track("Home grown", "ada", at=clock.now - 1, key=days))  # no two at one millisecond
        if days == 52:
            said = {"ad_storage": "granted", "ad_user_data": "granted"}
            house.post("/v1/consent/google", {"type": "user_id", "value": "ada", "google": said}).told  # noqa: B018
        if days == 45:
            house.consent("ada", "recommend", granted=False)
    house.serve(identify("ada", "a-phone", email="ada@example.org", name="Ada"))
    house.serve({"type": "page", "anonymousId": "a-phone", "name": "Home", "messageId": "pg",
                 "timestamp": "2026-02-20T23:30:00+05:00", "context": {"timezone": "Asia/Tokyo"}})  # fmt: skip
    clock.now = START


def copy_of(house: House, user: str = "ada") -> bytes:
    return house.get(f"/v1/people/{house.person(user)}/export").body


def data_of(packed: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return json.loads(archive.read("data.json"))


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def packed_with(data: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data))
    return packed.getvalue()


def genes(house: House, user: str = "ada") -> dict[str, Any]:
    return {purpose: house.genome(user, purpose=purpose) for purpose in house.node.gate.purposes}


def test_every_gene_is_the_same_in_the_second_genom(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    one.send({"type": "track", "userId": "ada", "messageId": "faulty"})
    one.post("/v1/requests", {"kind": "restriction", "type": "user_id", "value": "ada"}).told  # noqa: B018
    packed = copy_of(one)
    assert len(data_of(packed)["rejected"]) == len(data_of(packed)["requests"]) == 1

    told = other.post("/v1/people:import-copy", packed).told

    assert told["events"] == len(data_of(packed)["events"]) > 40
    assert told["left"] == 0
    assert genes(other) == genes(one)
    known = [value for value in genes(other)["personalise_onsite"].values() if value not in ("unknown", "withheld")]
    assert len(known) > 30
    for days in (1, 30, 200):
        one.clock.now = START + days * DAY
        assert genes(other) == genes(one), days
    other.restart()
    assert genes(other) == genes(one)


def test_the_copy_of_the_copy_says_the_same(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    packed = copy_of(one)
    other.post("/v1/people:import-copy", packed).told  # noqa: B018

    before, after = data_of(packed), data_of(copy_of(other))

    same = ("timestamp", "receivedAt", "type", "event", "channel", "properties", "purposes", "hourOfWeek", "categories")
    assert [{k: e[k] for k in same} for e in before["events"]] == [{k: e[k] for k in same} for e in after["events"]]
    assert before["permitted_now"] == after["permitted_now"]
    chosen = ("at", "purpose", "granted", "text_sha256", "by", "act", "evidence")
    assert [{k: c[k] for k in chosen} for c in before["choices"]] == [
        {k: c[k] for k in chosen} for c in after["choices"]
    ]
    assert sorted(map(str, before["identifiers"])) == sorted(map(str, after["identifiers"]))
    assert sorted(map(str, before["profiles"])) == sorted(map(str, after["profiles"]))


def test_what_was_refused_when_it_was_collected_stays_out(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    other.post("/v1/people:import-copy", copy_of(one)).told  # noqa: B018
    other.consent("ada", "recommend", granted=True)
    one.consent("ada", "recommend", granted=True)

    assert genes(other) == genes(one)


def test_a_person_who_is_known_is_not_mixed(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    packed = copy_of(one)
    other.post("/v1/people:import-copy", packed).told  # noqa: B018
    before = genes(other)

    again = other.post("/v1/people:import-copy", packed)

    assert (again.status, again.json["code"]) == (400, "copy.known")
    assert genes(other) == before


@pytest.mark.parametrize("first", [True, False])
def test_of_several_imports_at_once_one_is_taken_and_the_others_are_told(
    homes: tuple[House, House], first: bool
) -> None:
    one, other = homes
    live(one)
    if not first:
        one.take(order("ben"))
        other.post("/v1/people:import-copy", copy_of(one, "ben")).told  # noqa: B018
    data = data_of(copy_of(one))
    for event in data["events"]:
        event["messageId"] = None  # nothing but the person tells that an event came twice
    packed = packed_with(data)

    answers = other.together(*(other.ask("POST", "/v1/people:import-copy", packed) for _ in range(3)))

    assert sorted(answer.status for answer in answers) == [200, 400, 400]
    assert {answer.json["code"] for answer in answers if answer.status == 400} == {"copy.known"}
    taken = data_of(copy_of(other))
    assert len(taken["events"]) == len(data["events"])
    assert len(taken["choices"]) == len(data["choices"])
    assert genes(other) == genes(one)
    imported = audit.rows(other.node.catalogue, action="person.imported", limit=10)
    assert len(imported) == 1 + (not first)
    other.restart()
    assert genes(other) == genes(one)
    assert [source.name for source in other.node.sources.values()].count(SOURCE) == 1


def test_somebody_who_comes_while_their_copy_is_read_is_not_mixed(
    homes: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = homes
    live(one)
    found = taking._source

    async def meanwhile(app: App) -> Source:
        answer = await other.ask("POST", "/v1/track", view("ada", "TEA"), key=other.write_key)
        assert answer.status == 200
        return await found(app)

    monkeypatch.setattr(taking, "_source", meanwhile)

    answer = other.post("/v1/people:import-copy", copy_of(one))

    assert (answer.status, answer.json["code"]) == (400, "copy.known")
    assert len(data_of(copy_of(other))["events"]) == 1


def test_an_old_copy_does_not_overrule_a_refusal_that_waits_here(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    packed = copy_of(one)
    other.post("/v1/people:import-copy", packed).told  # noqa: B018
    other.consent("ada", "email", granted=False)
    other.post("/v1/people:erase", {"type": "user_id", "value": "ada"}).told  # noqa: B018
    other.run(other.app.erasing.finish())

    told = other.post("/v1/people:import-copy", packed).told

    assert told["left"] > 0
    assert "email" not in data_of(copy_of(other))["permitted_now"]
    assert data_of(copy_of(other))["events"] == []  # of before the erasure


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (b"", "no ZIP"),
        (b"PK\x03\x04 torn", "no ZIP"),
        (packed_with([]), "object"),
        (packed_with({"format": 1}), "format 1"),
        (packed_with({"format": 2}), "required field"),
    ],
)
def test_a_file_that_is_no_copy_is_refused(homes: tuple[House, House], packed: bytes, why: str) -> None:
    answer = homes[1].post("/v1/people:import-copy", packed)

    assert (answer.status, answer.json["code"]) == (400, "copy.unusable")
    assert why in answer.json["why"]
    assert SOURCE not in {source.name for source in homes[1].node.sources.values()}


@pytest.mark.parametrize(
    "wrong",
    [{"timestamp": "soon"}, {"type": "explode"}, {"timestamp": "9999999-01-01"}, {"properties": {"n": "x" * 300_000}}],
)
def test_one_wrong_event_and_nothing_is_taken_in(homes: tuple[House, House], wrong: dict[str, Any]) -> None:
    one, other = homes
    live(one)
    data = data_of(copy_of(one))
    data["events"][3] |= wrong

    answer = other.post("/v1/people:import-copy", packed_with(data))

    assert answer.status == 400
    assert answer.json["code"].startswith("copy.")
    assert other.post("/v1/people:lookup", {"type": "user_id", "value": "ada"}).status == 404


def test_it_is_on_record(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    told = other.post("/v1/people:import-copy", copy_of(one)).told

    row = other.get("/v1/audit?action=person.imported").told["rows"][0]
    assert (row["name"], row["details"]) == (told["person"], {"events": told["events"]})


def erase(house: House, user: str = "ada") -> None:
    house.post("/v1/people:erase", {"type": "user_id", "value": user}).told  # noqa: B018
    house.run(house.app.erasing.finish())


def state_of(house: House, *identifiers: tuple[str, str]) -> list[tuple[list[str], list[str], list[str]]]:
    """Of each identifier: what its person permits, all identifiers of the person, what the vault has."""
    found = []
    for kind, value in identifiers:
        profile = house.node.world.profiles.find(kind, value)
        if not profile:
            found.append(([], [], []))
            continue
        data = data_of(house.get(f"/v1/people/{house.person(value, kind)}/export").body)
        told = [one["value"] for one in (*data["profiles"], *data["identifiers"])]
        found.append((data["permitted_now"], sorted({one["value"] for one in data["profiles"]}), sorted({*told})))
    return found


def test_an_old_copy_brings_nothing_of_before_an_erasure_back(homes: tuple[House, House]) -> None:
    house, _ = homes
    live(house)
    data = data_of(copy_of(house))
    assert {one["purpose"] for one in data["choices"] if one["granted"]} == GRANTED
    packed = copy_of(house)
    house.clock.now += HOUR
    erase(house)
    always = set(house.node.purposes.names_of(house.node.purposes.law.always))

    told = house.post("/v1/people:import-copy", packed).told

    assert told["events"] == 0
    assert told["erased_events"] == len(data["events"]) > 40
    assert (told["choices"], told["erased_choices"]) == (1, len(GRANTED) - 1)  # one of the grants was refused later
    assert told["left"] == len(data["choices"]) - 1
    assert told["erased_identifiers"] == len(data["identifiers"]) - 1 == 3
    for _ in range(2):
        (permitted, profiles, known), (_, phone, _) = state_of(house, ("user_id", "ada"), ("anonymous_id", "a-phone"))
        assert set(permitted) <= always
        assert (profiles, known, phone) == (["ada"], ["ada"], [])
        assert data_of(copy_of(house))["events"] == []
        assert house.verify().equal
        house.restart()
    house.clock.now += HOUR
    house.serve(view("a-phone", "MUG", at=house.clock.now))
    person = house.node.world.people.person(house.node.world.profiles.find("anonymous_id", "a-phone"))
    denied = house.node.choices.of(house.node.world.people.members(person), at=house.clock.now).deny
    assert denied & house.node.purposes.bit("recommend")  # the refusal counts for the other device, too


def test_of_a_copy_that_is_newer_than_an_erasure_only_what_is_newer_is_taken(homes: tuple[House, House]) -> None:
    one, other = homes
    other.serve(view("ada", "MUG", at=other.clock.now - HOUR))
    other.clock.now = START - 30 * DAY
    erase(other)
    live(one)
    data = data_of(copy_of(one))
    erased = other.node.choices.erased[next(iter(other.node.choices.erased))]
    events = [event for event in data["events"] if ms(event["timestamp"]) > erased]

    told = other.post("/v1/people:import-copy", copy_of(one)).told

    assert 0 < told["events"] == len(events) < len(data["events"])
    assert told["erased_events"] == len(data["events"]) - len(events)
    assert (told["choices"], told["erased_identifiers"]) == (1, 0)  # its grants are older, its refusal stays
    assert told["erased_choices"] == len(GRANTED)
    ((permitted, profiles, known),) = state_of(other, ("user_id", "ada"))
    assert "email" not in permitted
    assert profiles == ["a-phone", "ada", "ada@example.org"]
    assert "Ada" in known


def test_a_refusal_of_an_old_copy_counts_for_each_of_its_identifiers(homes: tuple[House, House]) -> None:
    one, other = homes
    live(one)
    packed = copy_of(one)
    other.serve(view("ada", "MUG", at=other.clock.now - HOUR))
    other.clock.now += HOUR
    erase(other)

    told = other.post("/v1/people:import-copy", packed).told

    assert (told["choices"], told["erased_choices"]) == (1, len(GRANTED))
    other.clock.now += HOUR
    other.serve(view("a-phone", "MUG", at=other.clock.now))
    for _ in range(2):
        assert state_of(other, ("anonymous_id", "a-phone"))[0][1] == ["a-phone"]  # nothing links the two
        for kind, value in (("user_id", "ada"), ("anonymous_id", "a-phone")):
            profile = other.node.world.profiles.find(kind, value)
            denied = other.node.choices.of([profile], at=other.clock.now)
            assert (denied.grant, denied.deny) == (0, other.node.purposes.bit("recommend"))
        other.restart()
