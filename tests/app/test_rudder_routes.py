"""RudderStack's beacon, pixel, config and merge at a node."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.app.events import view
from tests.app.house import Answer, House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("rudder") / "d") as house:
        yield house


def events(house: House, value: str, kind: str = "user_id") -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = house.get(f"/v1/people/{house.person(value, kind)}/events").told["events"]
    return told


def pixel(house: House, call: str = "track", **query: str) -> Answer:
    named = {"writeKey": house.write_key} | {name.replace("__", "."): value for name, value in query.items()}
    return house.get(f"/pixel/v1/{call}?{urlencode(named)}", key="")


def rejected(house: House) -> list[tuple[str, str]]:
    return [(row.code, row.message) for row in house.node.bad_rows.newest(1)]


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def test_a_pixel_is_an_event_and_answered_with_one_transparent_point(house: House) -> None:
    answer = pixel(house, event="Campaign Opened", anonymousId='"reader-1"', properties__campaign_id="c7")

    assert (answer.status, answer.headers["content-type"], len(answer.body)) == (200, "image/gif", 43)
    assert answer.body.startswith(b"GIF89a\x01\x00\x01\x00")
    assert answer.headers["cache-control"] == "no-store"
    (event,) = events(house, "reader-1", "anonymous_id")
    assert (event["event"], event["properties"]) == ("Campaign Opened", {"campaign_id": "c7"})


def test_the_same_pixel_twice_is_two_looks_unless_it_names_its_message(house: House) -> None:
    for _ in range(2):
        pixel(house, "page", anonymousId="reader-2", name="Letter")
        pixel(house, "page", anonymousId="reader-3", name="Letter", messageId="letter-3")

    assert len(events(house, "reader-2", "anonymous_id")) == 2
    assert len(events(house, "reader-3", "anonymous_id")) == 1


def test_a_pixel_that_is_no_event_goes_to_the_rejected_ones_and_is_a_picture_all_the_same(house: House) -> None:
    answer = pixel(house, event="Nobody Opened")

    assert (answer.status, len(answer.body)) == (200, 43)
    assert rejected(house)[0][0] == "collect.no-identifier"


@pytest.mark.parametrize("query", ["", "writeKey=wk_guess", "writeKey=" + "x" * 50_000])
def test_a_pixel_with_a_wrong_key_is_refused(house: House, query: str) -> None:
    answer = house.get(f"/pixel/v1/track?event=A&anonymousId=a&{query}", key="")

    assert (answer.status, answer.json["code"]) == (401, "key.unknown")


def test_a_pixels_query_beyond_measure_is_refused_in_words(house: House) -> None:
    many, long = {f"p{n}": "x" for n in range(60)}, {"properties__x": "y" * 65_536}

    for hostile in (many, long):
        refused = pixel(house, event="A", anonymousId="a", **hostile)
        assert (refused.status, refused.json["message"]) == (400, "The query cannot be used.")
    assert pixel(house, event="A", anonymousId="a", properties__x="y" * 40_000).status == 200
    assert rejected(house)[0][0] == "collect.too-large"


def test_a_beacon_brings_a_batch_with_the_key_in_its_address(house: House) -> None:
    body = json.dumps({"batch": [view("left-1"), {"type": "track", "event": "Nobody"}]}).encode()

    answer = house.post(
        f"/beacon/v1/batch?writeKey={house.write_key}", body, key="", headers={"content-type": "text/plain"}
    )

    assert answer.told["accepted"] == 1
    assert [bad["code"] for bad in answer.told["rejected"]] == ["collect.no-identifier"]
    assert len(events(house, "left-1")) == 1


def test_a_beacon_with_a_wrong_key_is_refused_and_counted(house: House) -> None:
    answer = house.post("/beacon/v1/batch?writeKey=wk_guess-q7q7", {"batch": [view("left-2")]}, key="")

    wrong = house.app.access.wrong.newest()
    assert answer.status == 401
    assert wrong is not None
    assert wrong.end == "q7q7"


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
def test_the_config_is_what_the_library_checks_for(house: House, path: str) -> None:
    by_query = house.get(f"{path}?p=npm&v=3.34.1&writeKey={house.write_key}", key="").told["source"]
    by_header = house.get(path, key="", headers=basic(house.write_key)).told["source"]

    assert by_query["id"] == by_header["id"] != ""
    assert by_query["enabled"] is True
    assert by_query["destinations"] == []
    assert by_query["dataplanes"] == {}
    assert by_query["config"]["statsCollection"] == {"errors": {"enabled": False}, "metrics": {"enabled": False}}


def test_the_config_is_nobodys_without_a_write_key(house: House) -> None:
    assert house.get("/sourceConfig?writeKey=wk_guess", key="").status == 401
    assert house.get("/sourceConfig", key="").status == 401
    refused = house.get("/sourceConfig", key="", headers=basic(house.server_key))
    assert (refused.status, refused.json["code"]) == (403, "key.in-page")


@pytest.mark.parametrize("written", [b"device-9", base64.b64encode(b"device-9")])
def test_the_header_says_whose_an_event_is_that_names_nobody(house: House, written: bytes) -> None:
    message = f"by-{written.decode()}"
    nameless = {"type": "track", "event": "Seen", "userId": "", "anonymousId": None, "messageId": message}

    answer = house.send(nameless, view("with-name"), headers={"anonymousid": written.decode()})

    assert (answer.told["accepted"], answer.told["rejected"]) == (2, [])
    assert message in {event["messageId"] for event in events(house, "device-9", "anonymous_id")}
    assert house.person("with-name") != house.person("device-9", "anonymous_id")


def test_a_header_beyond_measure_costs_only_the_events_that_need_it(house: House) -> None:
    answer = house.send({"type": "track", "event": "Seen"}, view("with-name"), headers={"anonymousid": "QUFB" * 10_000})

    assert answer.told["accepted"] == 1
    assert [(bad["index"], bad["code"]) for bad in answer.told["rejected"]] == [(0, "collect.id-too-long")]


def merge(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"type": "merge", "mergeProperties": [{"type": kind, "value": value} for kind, value in pairs]}


@pytest.mark.parametrize("batched", [False, True])
def test_a_merge_by_a_server_joins_two_as_an_alias_does(house: House, batched: bool) -> None:
    user, card = f"merged-{batched}", f"card-{batched}"
    house.serve(view(user), {"type": "track", "event": "Seen", "context": {"externalIds": [
        {"type": "card", "id": card, "collection": "users", "encoding": "none"}]}})  # fmt: skip
    assert house.person(user) != house.person(card, "card")
    one = merge(("userId", user), ("card", card))

    answer = house.post("/v1/batch", {"batch": [one]}) if batched else house.post("/v1/merge", one)

    assert answer.told["rejected"] == []
    assert house.person(user) == house.person(card, "card")


def test_a_merge_by_email_leaves_the_address_in_the_vault_alone(house: House) -> None:
    house.serve(view("mailed"))

    assert house.post("/v1/merge", merge(("userId", "mailed"), ("email", "Mailed@Example.org"))).told["accepted"] == 1

    kept = events(house, "mailed")
    assert {event["type"] for event in kept} >= {"alias"}
    assert "xample.org" not in json.dumps(kept)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (merge(("userId", "u1")), "does not name two identifiers"),
        (merge(("userId", "u1"), ("userId", "u1")), "one identifier twice"),
        (merge(("userId", "u1"), ("email", "a@b.example")), "a write key cannot"),
        (merge(("userId", "u1"), ("mobile", "+49 30 1")), "a write key cannot"),
        (merge(("userId", "u1"), ("A B", "x")), "cannot be used"),
        (merge(("userId", "u1"), ("anonymousId", "0000")), "cannot be used"),
        ({"type": "merge", "userId": "u1"}, "does not name two identifiers"),
        ({"type": "merge", "mergeProperties": [1, {"type": 1, "value": {}}]}, "without a type or a value"),
    ],
)
def test_what_is_no_merge_is_refused_with_its_reason(house: House, body: dict[str, Any], what: str) -> None:
    answer = house.post("/v1/merge", body, key=house.write_key)

    (bad,) = answer.told["rejected"]
    assert (bad["code"], what in bad["message"]) == ("collect.merge", True)
    assert bad["message"].startswith("`$.mergeProperties` ")
