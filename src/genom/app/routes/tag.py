"""The browser tag: kept by browsers for an hour under its name, and for a year under the address with its hash."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Final

from genom.app.http import Reply, Request, Route
from genom.app.server import App
from genom.collect import browser_tag
from genom.errors import NotFound

__all__ = ["ROUTES"]

_ALWAYS: Final = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # shops of other origins load it
    (b"x-content-type-options", b"nosniff"),
    (
        b"vary",
        b"accept-encoding, origin",
    ),  # a copy fetched without an origin fits no page that checks its hash
]
_HOUR: Final = (b"cache-control", b"public, max-age=3600")
_YEAR: Final = (b"cache-control", b"public, max-age=31536000, immutable")


@cache
def _small() -> bytes:
    return gzip.compress(browser_tag().script, 9, mtime=0)


async def newest(app: App, request: Request) -> Reply:
    """The script, or that it has not changed."""
    return _reply(request, _HOUR)


async def fixed(app: App, request: Request) -> Reply:
    """The script with exactly this hash."""
    if request.parts != (browser_tag().hash,):
        raise NotFound(
            "There is no browser tag with this hash.",
            why="a node serves the tag that came with it, and no older one",
            fix=f"load /genom.{browser_tag().hash}.js: `genom source snippet` prints it with its integrity;"
            " or load /genom.js, which is always the newest",
            code="tag.unknown-hash",
        )
    return _reply(request, _YEAR)


def _reply(request: Request, kept: tuple[bytes, bytes]) -> Reply:
    etag = b'W/"%s"' % browser_tag().hash.encode()
    headers = [*_ALWAYS, kept, (b"etag", etag)]
    known = [one.strip() for one in request.headers.get(b"if-none-match", b"").split(b",")]
    if etag in known:
        return Reply(304, b"", headers)
    if b"gzip" in request.headers.get(b"accept-encoding", b""):
        return Reply(200, _small(), [*headers, (b"content-encoding", b"gzip")])
    return Reply(200, browser_tag().script, headers)


ROUTES = [
    Route("GET", "/genom.js", newest, "The browser tag", free=True),
    Route("GET", "/genom.{hash}.js", fixed, "The browser tag with this hash", free=True),
]
