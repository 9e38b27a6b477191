"""Bad input: the answer, the good events of the batch, and a process that goes on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from tests.contract.http.black_box import Door, basic, bearer, order, track, unique

DEEP = "[" * 40 + "]" * 40
GOOD = [
    b'{"type":"track","event":"A","userId":"%s","messageId":"%s"}',
    b'{"type":"track","event":"B","userId":"%s","messageId":"%s"}',
]
BAD = {
    "too deep": b'{"type":"track","event":"X","userId":"u","messageId":"bad","properties":{"a":%s}}' % DEEP.encode(),
    "over 32 KB": b'{"type":"track","event":"X","userId":"u","messageId":"bad","properties":{"a":"%s"}}'
    % (b"x" * 33_000),
    "NaN": b'{"type":"track","event":"X","userId":"u","messageId":"bad","properties":{"price":NaN}}',
    "infinity": b'{"type":"track","event":"X","userId":"u","messageId":"bad","properties":{"price":-Infinity}}',
    "invalid UTF-8": b'{"type":"track","event":"X","userId":"u","messageId":"bad","properties":{"a":"\xff\xfe"}}',
}
UNUSUAL = {
    "an id of 10,000 characters": {"userId": "x" * 10_000},
    "a message id of 10,000 characters": {"messageId": "x" * 10_000},
    "a time in year 1": {"timestamp": "0001-01-01T00:00:00Z"},
    "a time in year 9999": {"timestamp": "9999-12-31T23:59:59Z"},
    "a time that is none": {"timestamp": "yesterday"},
    "a negative quantity": {"properties": {"products": [{"product_id": "p", "price": 1, "quantity": -3}]}},
    "a number too large for any column": {"properties": {"total": 1e300, "quantity": 1e300, "currency": "EUR"}},
    "properties of the wrong type": {"properties": "none"},
    "a name of the wrong type": {"event": 17},
    "no identifier": {"userId": None},
}


@pytest.fixture(autouse=True)
def _the_process_goes_on(door: Door) -> Iterator[None]:
    yield
    assert door.node.process.poll() is None
    door.take(track("Product Viewed", unique()))


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"17", b'"text"', b"null", b'{"batch":17}', b'{"batch":[{"type":"tra', b"\xff\xfe"],
)
def test_a_body_in_which_no_event_can_be_found_is_answered_400(door: Door, body: bytes) -> None:
    reply = door.send("/v1/batch", body)

    assert reply.status_code == 400
    assert set(reply.json()) == {"code", "message", "why", "fix"}


@pytest.mark.parametrize("size", [510_000, 10_000_000])
def test_a_body_over_500_kb_is_answered_400(door: Door, size: int) -> None:
    reply = door.send("/v1/batch", {"batch": [track("X", unique(), a="x" * 10_000)] * (size // 10_000)})

    assert reply.status_code == 400


def test_the_limit_counts_after_decompression(door: Door) -> None:
    body = gzip.compress(json.dumps({"batch": [], "filler": " " * 600_000}).encode())

    reply = door.send("/v1/batch", body, headers={"Content-Encoding": "gzip"})

    assert len(body) < 10_000
    assert reply.status_code == 400


@pytest.mark.parametrize("keep", [1, 10, 0.5, 0.98])
def test_half_a_gzip_stream_is_answered_400(door: Door, keep: float) -> None:
    whole = gzip.compress(json.dumps({"batch": [order(unique()) for _ in range(20)]}).encode())
    cut = whole[: int(keep if keep >= 1 else len(whole) * keep)]

    reply = door.send("/v1/batch", cut, headers={"Content-Encoding": "gzip"})

    assert reply.status_code == 400


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_event_is_rejected_alone(door: Door, bad: bytes, place: int) -> None:
    user = unique()
    events = [good % (user.encode(), unique("m").encode()) for good in GOOD]
    events.insert(place, bad)

    reply = door.send("/v1/batch", b'{"batch":[' + b",".join(events) + b"]}")

    answer = reply.json()
    assert (reply.status_code, answer["success"], answer["accepted"]) == (200, True, 2)
    assert [set(one) for one in answer["rejected"]] == [{"index", "messageId", "code", "message"}]
    assert (answer["rejected"][0]["index"], answer["rejected"][0]["messageId"]) == (place, "bad")
    assert {event["event"] for event in door.events(door.person(user))} == {"A", "B"}


@pytest.mark.parametrize("unusual", UNUSUAL.values(), ids=UNUSUAL)
def test_an_unusual_event_leaves_its_neighbours_alone(door: Door, unusual: dict[str, object]) -> None:
    user = unique()
    odd = track("Product Viewed", unique()) | unusual

    answer = door.batch(track("A", user), odd, track("B", user))

    assert answer["accepted"] + len(answer["rejected"]) == 3
    assert {one["index"] for one in answer["rejected"]} <= {1}
    assert {event["event"] for event in door.events(door.person(user))} == {"A", "B"}


def test_an_event_without_anybody_is_rejected(door: Door) -> None:
    answer = door.batch({"type": "track", "event": "A", "messageId": "m-nobody"})

    assert (answer["accepted"], answer["rejected"][0]["messageId"]) == (0, "m-nobody")


@pytest.mark.parametrize("size", [33_000, 200_000])
def test_a_server_key_may_send_events_up_to_256_kb(door: Door, size: int) -> None:
    event = track("Product Viewed", unique(), note="x" * size)
    by_server = door.http.post("/v1/batch", json={"batch": [event]}, headers=bearer(door.node.server_key))

    by_client = door.batch(event | {"messageId": unique("m")})

    assert by_server.json()["accepted"] == 1
    assert by_client["accepted"] == 0


def test_rejections_are_counted(door: Door) -> None:
    before = rejected(door)

    door.batch({"type": "track", "event": "A", "messageId": unique("m")})

    assert rejected(door) > before


def test_an_unknown_path_is_answered_404_with_the_reason(door: Door) -> None:
    reply = door.http.post("/v1/trakc", json={}, headers=basic(door.node.write_key))

    assert reply.status_code == 404
    assert set(reply.json()) == {"code", "message", "why", "fix"}


def rejected(door: Door) -> float:
    """Rejected events so far, as the metrics tell: the sum over all series that count them."""
    lines = door.http.get("/metrics").text.splitlines()
    names = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    series = [(name, float(value)) for name, _, value in names if "reject" in name]
    assert series, "no metric counts rejected events"
    return sum(value for _, value in series)
