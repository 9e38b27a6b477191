"""Uvicorn's HTTP protocol with a limit on how long a client may take to send its headers."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["TimedProtocol"]

HEADER_SECONDS: Final = 10.0


class TimedProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not arrive in time."""

    _timer: asyncio.TimerHandle | None = None  # at most one, and seldom renewed: most requests arrive at once
    _due: float | None = None  # of the loop's clock; when the headers must be here, None: nothing is awaited

    def connection_made(self, transport: Any) -> None:
        """A client connected: its first headers are awaited."""
        super().connection_made(transport)
        self._await_headers()

    def on_message_begin(self) -> None:
        """A further request began on the connection."""
        super().on_message_begin()
        self._await_headers()

    def on_headers_complete(self) -> None:
        """The headers are here; the body has its own limit."""
        self._due = None
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client left."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        self._due = self.loop.time() + HEADER_SECONDS
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self._look)

    def _look(self) -> None:
        """Close if the headers are late; look again when those of a later request are due."""
        self._timer = None
        if self._due is None:
            return
        if (rest := self._due - self.loop.time()) > 0:
            self._timer = self.loop.call_later(rest, self._look)
        else:
            self.transport.close()
