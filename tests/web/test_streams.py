"""Streams: everybody hears, nobody slows the node down, nothing stays open."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from genom.web import Channel, stream_reply
from genom.web import streams as module


def heard(channel: Channel, *, said: int) -> tuple[bytes, int]:
    async def run() -> tuple[bytes, int]:
        stream = channel.join()
        assert stream is not None
        for number in range(said):
            channel.say(str(number), event="row")
        stream.close()
        return b"".join([piece async for piece in stream.pieces()]), stream.dropped

    return asyncio.run(run())


def test_a_reader_hears_what_is_said_in_order() -> None:
    text, dropped = heard(Channel(), said=3)

    assert text == b": hello\n\nevent: row\ndata: 0\n\nevent: row\ndata: 1\n\nevent: row\ndata: 2\n\n"
    assert dropped == 0


def test_a_slow_reader_loses_the_oldest_and_costs_bounded_memory() -> None:
    text, dropped = heard(Channel(), said=1_200)

    assert dropped == 700
    assert text.count(b"event: row") == 500
    assert b"data: 1199\n" in text


def test_nobody_listens_so_a_sender_may_skip_its_work() -> None:
    channel = Channel()
    assert not channel
    stream = channel.join()
    assert stream is not None
    assert channel
    channel.leave(stream)
    assert not channel


def test_there_is_a_most_of_readers() -> None:
    channel = Channel(most=2)

    assert [channel.join() is not None for _ in range(3)] == [True, True, False]
    assert stream_reply(channel, may_go_on=lambda: True) is None


def test_a_silent_stream_says_now_and_then_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HEARTBEAT", 0.01)

    async def run() -> list[bytes]:
        stream = Channel().join()
        assert stream is not None
        pieces = stream.pieces()
        told = [await anext(pieces) for _ in range(2)]
        stream.close()
        return told + [piece async for piece in pieces]

    assert asyncio.run(run()) == [b": hello\n\n", b": still here\n\n"]


@pytest.mark.parametrize("busy", [False, True])
def test_a_stream_ends_within_a_heartbeat_of_its_session(monkeypatch: pytest.MonkeyPatch, busy: bool) -> None:
    monkeypatch.setattr(module, "_HEARTBEAT", 0.05)
    session = {"holds": True}
    channel = Channel()

    async def run() -> list[bytes]:
        stream = channel.join()
        assert stream is not None
        told = []
        async for piece in stream.pieces(lambda: session["holds"]):
            told.append(piece)
            if len(told) == 3:
                session["holds"] = False
            if busy:
                channel.say("secret" if len(told) > 50 else "news")
                await asyncio.sleep(0.01)
        return told

    told = asyncio.run(asyncio.wait_for(run(), 5))

    assert 3 <= len(told) < 15
    assert not [piece for piece in told if b"secret" in piece]


def test_a_reader_who_leaves_is_forgotten() -> None:
    channel = Channel()

    async def run() -> None:
        reply = stream_reply(channel, may_go_on=lambda: True)
        assert reply is not None
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                gone.set()

        await reply({"type": "http", "asgi": {"spec_version": "2.0"}}, receive, send)

    asyncio.run(run())

    assert not channel


def test_the_end_of_the_node_ends_all_streams() -> None:
    channel = Channel()

    async def run() -> list[bytes]:
        stream = channel.join()
        assert stream is not None
        channel.close()
        return [piece async for piece in stream.pieces()]

    assert asyncio.run(run()) == [b": hello\n\n"]
