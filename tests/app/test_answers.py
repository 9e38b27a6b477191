"""Answers to what cannot be done: always the same shape, always with what to do."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.events import order, view
from tests.app.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house") / "d") as house:
        house.take(order("u1"))
        yield house


BAD: list[tuple[str, str, object, int]] = [
    ("GET", "/v1/nothing", None, 404),
    ("GET", "/v1/consent", None, 405),
    ("POST", "/v1/people:lookup", {"type": "user_id", "value": "nobody"}, 404),
    ("POST", "/v1/people:lookup", {"type": "user_id"}, 400),
    ("POST", "/v1/people:lookup", b"\xff", 400),
    ("POST", "/v1/people:lookup", b"", 400),
    ("POST", "/v1/people:unlink", {"type": "user_id", "value": "nobody"}, 404),
    ("POST", "/v1/people:undo-unlink", {"type": "user_id", "value": "nobody"}, 404),
    ("GET", "/v1/people/nobody/genome", None, 404),
    ("GET", "/v1/people/p" + 26 * "a" + "/events", None, 404),
    ("GET", "/v1/people/{u1}/genome?purpose=advertising", None, 400),
    ("GET", "/v1/people/{u1}/genome?at=tomorrow", None, 400),
    ("GET", "/v1/people/{u1}/genome?at=0001-01-01T00:00:00%2B14:00", None, 400),
    ("GET", "/v1/people/{u1}/genome?at=9999-12-31T23:59:59-14:00", None, 400),
    ("GET", "/v1/people/{u1}/genome?" + "&".join(f"a{i}=1" for i in range(60)), None, 400),
    ("GET", "/v1/people/{u1}/events?limit=0", None, 400),
    ("GET", "/v1/people/{u1}/events?limit=100001", None, 400),
    ("GET", "/v1/people/{u1}/events?limit=-1", None, 400),
    ("GET", "/v1/people/{u1}/events?limit=%C2%B2", None, 400),
    ("GET", "/v1/people/{u1}/events?limit=" + 5_000 * "9", None, 400),
    ("POST", "/v1/consent", {"type": "user_id", "value": "u1", "purpose": "emial", "granted": True}, 400),
    ("POST", "/v1/consent", {"type": "user_id", "value": "u1", "purpose": "email", "granted": "yes"}, 400),
    ("POST", "/v1/consent", {"type": "user_id", "value": "", "purpose": "email", "granted": True}, 400),
    ("POST", "/v1/consent", {"type": "user_id", "value": "x" * 257, "purpose": "email", "granted": True}, 400),
    ("POST", "/v1/consent", [], 400),
    ("POST", "/v1/decide", {"point": "next_ofer", "person": {}}, 400),
    ("POST", "/v1/decide", {"point": "next_offer", "person": {"user_id": "u1"}, "n": 0}, 400),
    ("POST", "/v1/decide", {"point": "next_offer", "person": {"user_id": "u1"}, "n": 10**30}, 400),
    ("POST", "/v1/decide", {"point": "next_offer", "person": "u1"}, 400),
    ("GET", "/v1/decisions/d", None, 404),
    ("GET", "/v1/decisions/d0000000000000000", None, 404),
    ("GET", "/v1/decisions/d00000000000000zz", None, 404),
    ("POST", "/v1/sources", {"name": ""}, 400),
    ("POST", "/v1/sources", {"name": "default"}, 400),
    ("POST", "/v1/sources", {"name": "x", "consent": "none"}, 400),
    ("PUT", "/v1/sources", {"name": "default"}, 400),
    ("PUT", "/v1/sources", {"name": "defautl", "consent": "required"}, 404),
    ("POST", "/v1/actions", {"actions": [{"id": "a", "point": "next_ofer"}]}, 400),
    ("POST", "/v1/batch", b"", 400),
    ("POST", "/v1/batch", b"not json", 400),
    ("POST", "/v1/batch", b"[]", 400),
    ("POST", "/v1/batch", b'{"batch": {}}', 400),
    ("POST", "/v1/batch", b"x" * 500_001, 400),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status"), BAD, ids=lambda value: str(value)[:50])
def test_every_refusal_says_what_why_and_how_to_fix(
    house: House, method: str, path: str, body: object, status: int
) -> None:
    answer = house.run(house.ask(method, path.replace("{u1}", house.person("u1")), body))

    assert answer.status == status
    assert answer.json.keys() == {"code", "message", "why", "fix"}
    assert all(isinstance(text, str) and text for text in answer.json.values())
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_gzip_body_over_the_limit_is_refused_though_it_is_small_on_the_wire(house: House) -> None:
    packed = gzip.compress(b'{"batch":[' + b" " * 600_000 + b"]}")

    answer = house.post("/v1/batch", packed, headers={"content-encoding": "gzip"})

    assert (answer.status, answer.json["code"]) == (400, "collect.body-too-large")


def test_half_a_gzip_stream_is_refused(house: House) -> None:
    packed = gzip.compress(json.dumps({"batch": [order("u1")]}).encode())

    assert house.post("/v1/batch", packed[: len(packed) // 2], headers={"content-encoding": "gzip"}).status == 400


def test_a_body_that_stops_is_no_event_and_the_node_goes_on(house: House) -> None:
    before = house.orders("u1")
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b'{"batch":[', "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/batch",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    house.run(house.app(scope, receive, send))

    assert house.orders("u1") == before
    assert b"\ngenom_clients_left 1\n" in house.get("/metrics").body


def test_browsers_may_ask_before_they_send(house: House) -> None:
    origin = {"origin": "https://shop.example", "access-control-request-method": "POST"}

    answer = house.run(house.ask("OPTIONS", "/v1/track", key="", headers=origin))

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "POST" in answer.headers["access-control-allow-methods"]
    asked = {"authorization", "content-type", "x-retry-count", "anonymousid"}
    assert asked <= set(answer.headers["access-control-allow-headers"].split(", "))


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
def test_no_page_reads_with_what_a_browser_was_given_for_others(house: House, method: str) -> None:
    """A browser that was once given a server key would send it along; what it brings must stay unreadable."""
    origin = {"origin": "https://evil.example", "access-control-request-method": "POST"}

    for path in ("/v1/stats", "/v1/people:lookup", "/v1/decide", "/v1/consent", "/metrics"):
        answer = house.run(house.ask(method, path, {}, headers=origin))

        assert "access-control-allow-credentials" not in answer.headers, path


@pytest.mark.parametrize(
    ("body", "key", "status"), [(view("u1"), None, 200), (view("u1"), "wk_guess", 401), (b"x", None, 400)]
)
def test_browsers_may_read_answers_and_refusals_alike(house: House, body: object, key: str | None, status: int) -> None:
    answer = house.post("/v1/track", body, key=key, headers={"origin": "https://shop.example"})

    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["vary"] == "origin"


def test_a_trailing_slash_changes_nothing(house: House) -> None:
    assert house.get("/health/", key="").json == house.get("/health", key="").json


def test_a_full_queue_is_answered_503_with_when_to_come_back(tmp_path: Path) -> None:
    with House(tmp_path / "d", queue_bytes=400) as house:
        sent = [house.ask("POST", "/v1/track", view(f"u{i}"), key=house.write_key) for i in range(8)]

        answers = house.together(*sent)

        refused = [answer for answer in answers if answer.status != 200]
        assert 0 < len(refused) < 8
        assert {(a.status, a.json["code"], a.headers["retry-after"]) for a in refused} == {
            (503, "node.queue-full", "1")
        }
        assert house.get("/v1/stats").told["events"] == 8 - len(refused)


def test_without_room_for_new_people_the_answer_is_503_and_known_people_go_on(tmp_path: Path) -> None:
    with House(tmp_path / "d", people_max=3) as house:
        house.take(order("u1"), order("u2"), order("u3"))

        answer = house.send(order("u4"))
        house.take(order("u1"))

        assert (answer.status, answer.json["code"]) == (503, "identity.full")
        assert house.orders("u1") == 2
