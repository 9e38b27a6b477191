"""Server-sent events: a channel that readers listen to, each with a bounded queue, and the answer that streams it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Final

from starlette.responses import StreamingResponse

__all__ = ["Channel", "Stream", "stream_reply"]

_HEARTBEAT: Final = 15.0  # seconds; a proxy closes what is silent for long
_WAITING: Final = 500  # messages that a slow reader may be behind; then the oldest are dropped and counted


class Stream:
    """What one reader has not seen yet."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self.dropped = 0
        self.closed = False

    def put(self, message: bytes) -> None:
        """Add a message; never waits."""
        if len(self._waiting) >= _WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(message)
        self._wake.set()

    def close(self) -> None:
        """End the stream after what waits."""
        self.closed = True
        self._wake.set()

    async def pieces(self, may_go_on: Callable[[], bool] = lambda: True) -> AsyncIterator[bytes]:
        """What arrives, as bytes of the stream; a comment when nothing did for a while.

        The stream ends, without what waits, when `may_go_on` says no; nothing is sent longer than a heartbeat after
        it was asked.
        """
        yield b": hello\n\n"
        asked = monotonic()
        while True:
            if not self._waiting:
                if self.closed:
                    return
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _HEARTBEAT)
            if monotonic() - asked >= _HEARTBEAT:
                if not may_go_on():
                    return
                asked = monotonic()
            if self._waiting:
                yield b"".join(self._waiting)
                self._waiting.clear()
            elif not self.closed:
                yield b": still here\n\n"


class Channel:
    """Who listens now; truth value: whether anybody does, so that a sender can skip its work."""

    def __init__(self, *, most: int = 64) -> None:
        self._streams: set[Stream] = set()
        self._most = most

    def __bool__(self) -> bool:
        return bool(self._streams)

    def join(self) -> Stream | None:
        """A new reader; None if there are too many."""
        if len(self._streams) >= self._most:
            return None
        stream = Stream()
        self._streams.add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """A reader left."""
        self._streams.discard(stream)

    def say(self, data: str, *, event: str = "message") -> None:
        """Tell all readers."""
        message = encoded(data, event=event)
        for stream in self._streams:
            stream.put(message)

    def close(self) -> None:
        """End all streams."""
        for stream in self._streams:
            stream.close()


def encoded(data: str, *, event: str) -> bytes:
    r"""One message of a stream.

    >>> encoded("a\nb", event="row")
    b'event: row\ndata: a\ndata: b\n\n'
    """
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {event}\n{lines}\n".encode()


def stream_reply(channel: Channel, *, may_go_on: Callable[[], bool]) -> StreamingResponse | None:
    """The answer that streams a channel until the reader leaves, or until `may_go_on` says no: a session may end.

    None if there are too many readers.
    """
    stream = channel.join()
    if stream is None:
        return None

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in stream.pieces(may_go_on):
                yield piece
        finally:
            channel.leave(stream)

    return StreamingResponse(pieces(), media_type="text/event-stream", headers={"cache-control": "no-store"})
