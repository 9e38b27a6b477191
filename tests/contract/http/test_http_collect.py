"""Collection: paths, keys, encodings, time, duplicates."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.http.black_box import Door, Event, add_source, basic, bearer, order, track, unique

CALLS: dict[str, Event] = {
    "track": {"event": "Product Viewed", "properties": {"product_id": "p1"}},
    "identify": {"traits": {"city": "Ulm"}},
    "page": {"name": "Home", "properties": {"path": "/"}},
    "screen": {"name": "Home"},
    "group": {"groupId": "g1"},
    "alias": {"previousId": "replaced below"},
}
SHORT = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}
TAKEN = {"success": True, "accepted": 1, "rejected": []}


def call(kind: str) -> Event:
    """One event of a kind, without its type: the path says it."""
    event = {"userId": unique(), "messageId": unique("m"), **CALLS[kind]}
    return event | ({"previousId": unique("old")} if kind == "alias" else {})


def stored(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


@pytest.mark.parametrize("path", [*CALLS, *SHORT.values(), "track/", "t/"])
def test_each_path_takes_its_event_and_answers_exactly_200(door: Door, path: str) -> None:
    kind = next(kind for kind, short in SHORT.items() if path.strip("/") in {kind, short})

    reply = door.send(f"/v1/{path}", call(kind))

    assert (reply.status_code, reply.json()) == (200, TAKEN)


@pytest.mark.parametrize("path", ["batch", "b", "batch/"])
def test_a_batch_takes_all_its_events(door: Door, path: str) -> None:
    events = [call(kind) | {"type": kind} for kind in CALLS]

    reply = door.send(f"/v1/{path}", {"batch": events})

    assert reply.json() == {"success": True, "accepted": len(events), "rejected": []}


def test_the_answer_is_json_and_names_the_journal_position(door: Door) -> None:
    first, second = (door.send("/v1/track", call("track")) for _ in range(2))

    assert first.headers["content-type"].startswith("application/json")
    assert 0 < int(first.headers["x-genom-position"]) < int(second.headers["x-genom-position"])


@pytest.mark.parametrize("where", ["basic", "basic without colon", "body", "event", "bearer and body"])
def test_a_write_key_counts_wherever_clients_put_it(door: Door, where: str) -> None:
    key, event = door.node.write_key, call("track") | {"type": "track"}
    colonless = {"Authorization": "Basic " + base64.b64encode(key.encode()).decode()}
    headers = {"basic": basic(key), "basic without colon": colonless, "bearer and body": bearer("some-oauth-token")}
    body: dict[str, object] = {"batch": [event | ({"writeKey": key} if where == "event" else {})]}
    if "body" in where:
        body["writeKey"] = key

    reply = door.http.post("/v1/batch", json=body, headers=headers.get(where, {}))

    assert (reply.status_code, reply.json()) == (200, TAKEN)


def test_a_server_key_may_collect_too(door: Door) -> None:
    reply = door.http.post("/v1/track", json=call("track"), headers=bearer(door.node.server_key))

    assert (reply.status_code, reply.json()) == (200, TAKEN)


@pytest.mark.parametrize("headers", [{}, basic("nobody's key"), bearer("nobody's key")])
def test_an_unknown_key_is_answered_401(door: Door, headers: dict[str, str]) -> None:
    reply = door.http.post("/v1/batch", json={"batch": [call("track") | {"type": "track"}]}, headers=headers)

    assert reply.status_code == 401
    assert set(reply.json()) == {"code", "message", "why", "fix"}


def test_plain_text_is_read_as_json(door: Door) -> None:
    reply = door.send("/v1/t", call("track"), headers={"Content-Type": "text/plain"})

    assert (reply.status_code, reply.json()) == (200, TAKEN)


def test_a_gzip_body_is_unpacked(door: Door) -> None:
    body = gzip.compress(json.dumps({"batch": [order(user := unique())]}).encode())

    reply = door.send("/v1/batch", body, headers={"Content-Encoding": "gzip"})

    assert (reply.status_code, reply.json()) == (200, TAKEN)
    assert len(door.events(door.person(user))) == 1


def test_browsers_may_ask_before_they_send(door: Door) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-retry-count",
    }

    reply = door.http.options("/v1/t", headers=asked)

    allowed = reply.headers["access-control-allow-headers"].lower()
    assert reply.status_code in {200, 204}
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    assert all(name in allowed for name in ("authorization", "content-type", "x-retry-count", "anonymousid"))
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert int(reply.headers["access-control-max-age"]) > 0


def test_a_browser_may_read_the_answer(door: Door) -> None:
    reply = door.send("/v1/t", call("track"), headers={"Origin": "https://shop.example"})

    assert reply.headers["access-control-allow-origin"] == "https://shop.example"


def test_a_client_whose_clock_is_an_hour_slow_is_corrected(door: Door) -> None:
    slow = datetime.now(UTC) - timedelta(hours=1)
    event = order(user := unique()) | {"timestamp": (slow - timedelta(minutes=5)).isoformat()}

    door.send("/v1/batch", {"batch": [event], "sentAt": slow.isoformat()})

    at = stored(door.events(door.person(user))[0]["timestamp"])
    assert abs(datetime.now(UTC) - timedelta(minutes=5) - at) < timedelta(minutes=1)


def test_an_event_from_the_future_happens_now(door: Door) -> None:
    event = order(user := unique()) | {"timestamp": (datetime.now(UTC) + timedelta(days=365)).isoformat()}

    door.take(event)

    assert stored(door.events(door.person(user))[0]["timestamp"]) <= datetime.now(UTC)


def test_the_same_message_twice_counts_once(door: Door) -> None:
    counts, sums = door.counting_genes()
    event = order(user := unique(), total=2.5)

    door.take(event)
    door.take(event)
    door.take(event, event)

    values = door.values(person := door.person(user))
    assert len(door.events(person)) == 1
    assert {values[name] for name in counts} == {1}
    assert {values[name] for name in sums} == {2.5}


def test_without_a_message_id_the_same_content_counts_once(door: Door) -> None:
    event = order(user := unique()) | {"timestamp": datetime.now(UTC).isoformat()}
    del event["messageId"]

    door.take(event)
    door.take(event)

    assert len(door.events(door.person(user))) == 1


def test_two_sources_may_use_the_same_message_id(door: Door) -> None:
    other, user = add_source(door.node.data, "--consent", "development"), unique()
    event = order(user)

    door.take(event)
    door.take(event, key=other)

    assert len(door.events(door.person(user))) == 2


def test_duplicates_are_counted(door: Door) -> None:
    before = door.told("/v1/stats")
    event = track("Product Viewed", unique())

    door.take(event)
    door.take(event)

    assert found(door.told("/v1/stats"), "duplicate") == found(before, "duplicate") + 1


def found(stats: dict[str, object], word: str) -> int:
    """The count of a name that begins with the word, at whatever depth."""
    for name, value in stats.items():
        if isinstance(value, dict):
            inner = found(value, word)
            if inner >= 0:
                return inner
        elif name.startswith(word) and isinstance(value, int):
            return value
    return -1
