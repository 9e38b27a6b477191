"""A small HTTP server with the node's interface for the sample, which keeps what it is sent and can be made to fail."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import msgspec

Fault = Callable[[BaseHTTPRequestHandler], bool]
"""Answers a POST itself and returns True, or leaves it alone."""


class SampleNode:
    """What arrived, and how the next posts shall fail."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"state": "none", "lines": 0}
        self.states: list[dict[str, Any]] = []
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []
        self.faults: list[Fault | None] = []
        self.rejected: list[dict[str, Any]] = []
        self.connections = self.at_once = self.most_at_once = 0
        self.slow = 0.0
        self.url = ""
        self.lock = Lock()

    def items(self, path: str) -> list[Any]:
        """All items that were posted to a path."""
        return [
            item for to, body, _ in self.posts if to == path for item in next(iter(msgspec.json.decode(body).values()))
        ]

    def message_ids(self) -> Counter[str]:
        """How often each message id arrived."""
        return Counter(event["messageId"] for event in self.items("/v1/batch"))


@contextmanager
def serving() -> Iterator[SampleNode]:
    """Serves on a free loopback port for as long as the block lasts."""
    node = SampleNode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(node))
    server.daemon_threads = True
    node.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def busy(request: BaseHTTPRequestHandler) -> bool:
    """Answers 503 at once."""
    _answer(request, 503, {"code": "node.busy"}, {"Retry-After": "0"})
    return True


def cut(request: BaseHTTPRequestHandler) -> bool:
    """Takes the request, but the connection is gone before the answer."""
    request.close_connection = True
    return True


def _handler(node: SampleNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with node.lock:
                node.connections += 1

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            _answer(self, 200, node.state)

        def do_PUT(self) -> None:
            node.state = json.loads(self._body())
            node.states.append(node.state)
            _answer(self, 200, {})

        def do_POST(self) -> None:
            body = self._body()
            with node.lock:
                node.at_once += 1
                node.most_at_once = max(node.most_at_once, node.at_once)
                fault = node.faults.pop(0) if node.faults else None
                if fault is not busy:
                    node.posts.append((self.path, body, dict(self.headers.items())))
            time.sleep(node.slow)
            with node.lock:
                node.at_once -= 1
            if fault is None or not fault(self):
                _answer(self, 200, {"success": True, "rejected": node.rejected})

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

    return Handler


def _answer(request: BaseHTTPRequestHandler, status: int, body: object, headers: dict[str, str] | None = None) -> None:
    content = json.dumps(body).encode()
    request.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)
