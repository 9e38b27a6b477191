"""A recipient of people over HTTP, on this machine: it answers what it is told to, and keeps what came."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

__all__ = ["Came", "Recipient", "recipient_at_work"]


class Came(NamedTuple):
    """A request."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


class Recipient:
    """`members` are those whom it was told to take in and not to let go."""

    def __init__(self) -> None:
        self.status, self.answer, self.came = 200, b'{"state": "done"}', list[Came]()
        self.members: dict[str, dict[str, Any]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}/genom"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, came: Came) -> None:
        """Keep a request, and do what a good one says."""
        self.came.append(came)
        told = json.loads(came.body) if came.body and self.status == 200 else {"members": []}
        for member in told["members"]:
            if told["what"] == "add":
                self.members[member["id"]] = member
            else:
                self.members.pop(member["id"], None)


@contextmanager
def recipient_at_work() -> Iterator[Recipient]:
    """A recipient, until the block ends."""
    made = Recipient()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


def _handler(recipient: Recipient) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recipient.take(Came(self.command, self.path, headers, body))
            self.send_response(recipient.status)
            self.send_header("content-length", str(len(recipient.answer)))
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(recipient.answer)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
