"""The browser tag: one script, kept by browsers for an hour and asked for again by its hash."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from typing import NamedTuple

from genom.app.http import Reply, Request, Route
from genom.app.server import App
from genom.collect import tag_script

__all__ = ["ROUTES"]

_ALWAYS = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"public, max-age=3600"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # shops of other origins load it
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"accept-encoding"),
]


class _Packed(NamedTuple):
    plain: bytes
    small: bytes  # gzip
    etag: bytes


@cache
def _packed() -> _Packed:
    plain = tag_script()
    return _Packed(plain, gzip.compress(plain, 9, mtime=0), b'W/"%s"' % hashlib.sha256(plain).hexdigest()[:20].encode())


async def tag(app: App, request: Request) -> Reply:
    """The script, or that it has not changed."""
    script = _packed()
    headers = [*_ALWAYS, (b"etag", script.etag)]
    known = [one.strip() for one in request.headers.get(b"if-none-match", b"").split(b",")]
    if script.etag in known:
        return Reply(304, b"", headers)
    if b"gzip" in request.headers.get(b"accept-encoding", b""):
        return Reply(200, script.small, [*headers, (b"content-encoding", b"gzip")])
    return Reply(200, script.plain, headers)


ROUTES = [Route("GET", "/genom.js", tag, "The browser tag", free=True)]
