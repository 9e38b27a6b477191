"""The short way of the frequent requests: from the parser to the handler and back, without ASGI and without a task.

It takes a request whose whole body came along with its head, to an address that has a quick handler.  Every other
request goes the long way of `TimedProtocol`, with the same answers.
"""

from __future__ import annotations

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from genom.app.front import Front
from genom.app.http import Reply, Request, Route
from genom.app.protocol import TimedProtocol
from genom.app.server import App

__all__ = ["QuickProtocol"]


class _NoEvent:
    """Nobody waits for a message of a quick request."""

    def set(self) -> None:
        """Nothing."""


class _Cycle:
    """A quick request under way, as Uvicorn sees it: it lets a further request wait, and a shutdown."""

    message_event: Final = _NoEvent()

    def __init__(self, app: App, route: Route) -> None:
        self.app, self.route = app, route
        self.response_complete, self.disconnected, self.keep_alive = False, False, True


class QuickProtocol(TimedProtocol):
    """Answers the frequent requests itself."""

    app: Any
    cycle: Any
    _began: _Cycle | None = None  # a request whose head is here and whose body may be
    _body = b""

    def data_received(self, data: bytes) -> None:
        """Bytes arrived; what is not whole after them goes the long way."""
        super().data_received(data)
        if self._began is not None and self.parser is not None:
            self._began, body, self._body = None, self._body, b""
            super().on_headers_complete()
            if body:
                super().on_body(body)

    def on_headers_complete(self) -> None:
        """A request's head is here."""
        self._began = self._quick()
        if self._began is None:
            super().on_headers_complete()
        else:
            self._due = None

    def _quick(self) -> _Cycle | None:
        """Whether it may go the short way: nothing is under way before it, and nothing about it is special."""
        front = self.app
        app = front.app if isinstance(front, Front) else None
        route = app.quick.get(self.url) if app is not None else None
        if (
            app is None
            or route is None
            or (self.cycle is not None and not self.cycle.response_complete)
            or self.parser.get_method() != b"POST"
            or self.parser.get_http_version() != "1.1"
            or not self.parser.should_keep_alive()
            or self.parser.should_upgrade()
            or self.expect_100_continue
            or self.flow.write_paused
        ):
            return None
        return _Cycle(app, route)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._began is None:
            super().on_body(body)
        else:
            self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._began is None:
            super().on_message_complete()
            return
        cycle, self._began, body, self._body = self._began, None, self._body, b""
        self.cycle = cycle
        peer = self.client[0] if self.client else ""
        request = Request("POST", cycle.route.path, b"", dict(self.headers), peer, body)
        cycle.app.answer(request, cycle.route, lambda reply: self._reply(cycle, reply))

    def _reply(self, cycle: _Cycle, reply: Reply) -> None:
        cycle.response_complete = True
        if cycle.disconnected or self.transport.is_closing():
            return
        assert isinstance(reply.body, bytes)
        head = [b"%s: %s\r\n" % header for header in reply.headers]
        if not cycle.keep_alive:
            head.append(b"connection: close\r\n")
        head.append(b"content-length: %d\r\n\r\n" % len(reply.body))
        self.transport.write(b"".join([STATUS_LINE[reply.status], *head, reply.body]))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
