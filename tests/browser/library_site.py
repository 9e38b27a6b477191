"""A foreign shop's site for tests of libraries: one page, and the files of a folder under `/lib/`."""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">'


@contextmanager
def serve_page(body: str, *, files: Path) -> Iterator[str]:
    """The address of a site whose every page has this body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = (files / self.path.removeprefix("/lib/").partition("?")[0]).resolve()
            is_file = self.path.startswith("/lib/") and path.is_relative_to(files) and path.is_file()
            content = path.read_bytes() if is_file else (_HEAD + body).encode()
            kind = "text/javascript" if path.suffix == ".mjs" else mimetypes.guess_type(path.name)[0]
            self.send_response(200)
            self.send_header("content-type", kind or "text/html" if is_file else "text/html")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
