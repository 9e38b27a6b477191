"""The short way of frequent requests gives the answers of the long way, in the order of the questions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from genom.app.front import Front
from genom.app.protocol import TimedProtocol
from genom.app.quick import QuickProtocol
from tests.app.events import order, view
from tests.app.house import House

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("quick") / "d") as house:
        house.take(order("ada"))
        yield house


@asynccontextmanager
async def served(
    house: House, protocol: type[TimedProtocol] = QuickProtocol
) -> AsyncIterator[tuple[Reader, Writer, ServerState]]:
    """A connection to the house through a protocol."""
    front, state = Front(), ServerState()
    front.app = house.app
    config = Config(front, proxy_headers=False, ws="none", lifespan="off", log_config=None, access_log=False)
    server = await asyncio.get_running_loop().create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer, state
    finally:
        writer.close()
        server.close()


class Held:
    """The house's commits, which begin only when they are let: what waits for one is under way until then."""

    def __init__(self, house: House, patches: pytest.MonkeyPatch) -> None:
        self._commit = house.committer._commit
        self.under_way, self.let, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        patches.setattr(house.committer, "_commit", self)

    async def __call__(self, group: Any) -> None:
        self.under_way.set()
        await self.let.wait()
        await self._commit(group)
        self.done.set()


async def answer_of(reader: Reader) -> tuple[int, dict[str, str], bytes]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


def raw(house: House, path: str, body: object, *, key: str | None = None, **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    key = house.server_key if key is None else key
    given = {"Host": "x", "Content-Length": str(len(content))} | headers
    given |= {"Authorization": f"Bearer {key}"} if key else {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + content


def asked(person: str = "ada", **more: Any) -> dict[str, Any]:
    return {"point": "next_product", "person": {"user_id": person}} | more


def lasting(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, dict[str, str], Any]:
    """What two answers to one question have in common: not chance, time and position."""
    status, headers, body = answer
    told = json.loads(body)
    for name in ("decision_id", "ms", "choices", "control"):
        told.pop(name, None)
    return status, {n: v for n, v in headers.items() if n not in {"content-length", "x-genom-position"}}, told


QUESTIONS: dict[str, dict[str, Any]] = {
    "a decision": {"path": "/v1/decide", "body": asked()},
    "of a browser": {"path": "/v1/decide", "body": asked(), "Origin": "https://shop.example"},
    "no point": {"path": "/v1/decide", "body": asked(point="nowhere")},
    "no JSON": {"path": "/v1/decide", "body": b"{"},
    "nothing": {"path": "/v1/decide", "body": b""},
    "no key": {"path": "/v1/decide", "body": asked(), "key": ""},
    "another's key": {"path": "/v1/decide", "body": asked(), "key": "sk_none"},
    "too many choices": {"path": "/v1/decide", "body": asked(n=1_000)},
    "an order": {"path": "/v1/batch", "body": {"batch": [order("ada")]}},
    "by the short path": {"path": "/v1/t", "body": view("ada")},
    "an empty batch": {"path": "/v1/batch", "body": {"batch": []}},
    "one of two is wrong": {"path": "/v1/batch", "body": {"batch": [order("ada"), {"type": "track"}]}},
    "a broken batch": {"path": "/v1/batch", "body": b"[" * 100},
    "an unknown encoding": {"path": "/v1/batch", "body": {"batch": []}, "Content-Encoding": "br"},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_ways_give_the_same_answer(house: House, question: str) -> None:
    asked_for = raw(house, **QUESTIONS[question])

    async def through(protocol: type[TimedProtocol]) -> Any:
        async with served(house, protocol) as (reader, writer, _):
            writer.write(asked_for)
            return lasting(await answer_of(reader))

    assert house.run(through(QuickProtocol)) == house.run(through(TimedProtocol))


def test_a_frequent_request_is_no_task(house: House) -> None:
    async def tasks() -> int:
        async with served(house) as (reader, writer, state):
            writer.write(raw(house, "/v1/decide", asked()))
            assert (await answer_of(reader))[0] == 200
            assert state.total_requests == 1
            return len(state.tasks)

    assert house.run(tasks()) == 0


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/track"])
def test_a_request_may_arrive_in_two_pieces_cut_anywhere(house: House, path: str) -> None:
    async def in_pieces() -> set[int]:
        found = set()
        async with served(house) as (reader, writer, _):
            whole = raw(house, path, asked() if path == "/v1/decide" else view("ada"))
            for cut in range(1, len(whole), 3):
                writer.write(whole[:cut])
                for _ in range(3):
                    await house.nothing()
                writer.write(whole[cut:])
                found.add((await answer_of(reader))[0])
        return found

    assert house.run(in_pieces()) == {200}


def test_answers_come_in_the_order_of_the_questions(house: House) -> None:
    """An event waits for its commit; a decision and a page that were asked for behind it wait for the event."""
    get = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

    async def pipelined() -> list[bytes]:
        async with served(house) as (reader, writer, _):
            track_it, decide = raw(house, "/v1/track", view("ada")), raw(house, "/v1/decide", asked())
            writer.write(track_it + decide + get + decide + track_it)
            return [(await answer_of(reader))[2][:12] for _ in range(5)]

    answers = [answer.decode() for answer in house.run(pipelined())]

    assert [answer[2:5] for answer in answers] == ["suc", "dec", "sta", "dec", "suc"]


def test_a_connection_closes_when_the_client_asks_for_it(house: House) -> None:
    async def closing() -> tuple[str, bytes]:
        async with served(house) as (reader, writer, _):
            writer.write(raw(house, "/v1/decide", asked(), Connection="close"))
            _, headers, _ = await answer_of(reader)
            return headers["connection"], await reader.read()

    assert house.run(closing()) == ("close", b"")


def test_a_shutdown_lets_what_is_under_way_be_answered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ending() -> tuple[int, str, bytes]:
        held = Held(house, monkeypatch)
        async with served(house) as (reader, writer, state):
            writer.write(raw(house, "/v1/track", view("ada")))
            await asyncio.wait_for(held.under_way.wait(), 20)
            for connection in list(state.connections):
                connection.shutdown()
            held.let.set()
            status, headers, _ = await answer_of(reader)
            return status, headers["connection"], await reader.read()

    assert house.run(ending()) == (200, "close", b"")


def test_the_event_of_a_client_that_left_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with House(tmp_path / "d") as house:

        async def leave() -> None:
            held = Held(house, monkeypatch)
            async with served(house) as (_, writer, state):
                writer.write(raw(house, "/v1/track", order("ada")))
                await asyncio.wait_for(held.under_way.wait(), 20)
                writer.transport.abort()
                while state.connections:
                    await house.nothing()
                held.let.set()
                await asyncio.wait_for(held.done.wait(), 20)

        house.run(leave())

        assert house.get("/v1/stats").told["events"] == 1


def test_a_bug_is_answered_and_the_connection_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def twice() -> list[int]:
        async with served(house) as (reader, writer, _):
            found = []
            with monkeypatch.context() as broken:
                broken.setattr(house.node, "effective", lambda *_: 1 / 0)
                writer.write(raw(house, "/v1/decide", asked()))
                found.append((await answer_of(reader))[0])
            writer.write(raw(house, "/v1/decide", asked()))
            return [*found, (await answer_of(reader))[0]]

    assert house.run(twice()) == [500, 200]


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/track"])
def test_what_is_too_long_is_refused(tmp_path: Path, path: str) -> None:
    async def asked_for(house: House) -> tuple[int, str]:
        async with served(house) as (reader, writer, _):
            writer.write(raw(house, path, b" " * 1_001))
            status, _, body = await answer_of(reader)
            return status, json.loads(body)["code"]

    with House(tmp_path / "d", body_bytes=1_000) as house:
        assert house.run(asked_for(house)) == (400, "collect.body-too-large")
