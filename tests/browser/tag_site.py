"""A foreign shop's site for tests of the tag: plain pages that load `genom.js` from a node."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.node import Node

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{path}</title><link rel="icon" href="data:,">
<h1>{path}</h1><a href="/next">next</a>
<script src="{node}/genom.js"></script>
<script>if (window.genom) {{ genom.load("{key}", {{ host: "{node}" }}); genom.page(); }}</script></html>"""

PURPOSES = ["measure_person", "personalise_onsite", "recommend", "price", "model_training", "experiment", "email"]
ALL = dict.fromkeys(PURPOSES, True)
NONE = dict.fromkeys(PURPOSES, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the site is, and the source that its events belong to."""

    url: str
    write_key: str
    secret: bytes


@contextmanager
def serve_site(node: Node, name: str) -> Iterator[Site]:
    """The site, with a source of its own that requires consent."""
    made = node.post("/v1/sources", {"name": name})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = _PAGE.format(path=self.path, node=node.url, key=made["write_key"]).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(
            url=f"http://127.0.0.1:{server.server_port}",
            write_key=made["write_key"],
            secret=bytes.fromhex(made["secret"]),
        )
    finally:
        server.shutdown()
        server.server_close()
