"""Scripts that foreign pages load from the node: packed once, kept by browsers, asked for again by their hash."""

from __future__ import annotations

import gzip
import hashlib
from typing import Final, NamedTuple

from genom.app.http import Reply, Request

__all__ = ["Script", "packed", "script_reply"]

_ALWAYS: Final = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # shops of other origins load it
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"accept-encoding, origin"),  # a copy fetched without an origin fits no page that checks its hash
]


class Script(NamedTuple):
    """A script as it is sent."""

    plain: bytes
    small: bytes  # gzip
    etag: bytes


def packed(plain: bytes) -> Script:
    """A script with its compressed form and its hash."""
    return Script(plain, gzip.compress(plain, 9, mtime=0), b'W/"%s"' % hashlib.sha256(plain).hexdigest()[:20].encode())


def script_reply(script: Script, request: Request, *, kept: str) -> Reply:
    """The script, or that it has not changed; `kept` tells browsers for how long."""
    headers = [*_ALWAYS, (b"cache-control", b"public, " + kept.encode()), (b"etag", script.etag)]
    known = [one.strip() for one in request.headers.get(b"if-none-match", b"").split(b",")]
    if script.etag in known:
        return Reply(304, b"", headers)
    if b"gzip" in request.headers.get(b"accept-encoding", b""):
        return Reply(200, script.small, [*headers, (b"content-encoding", b"gzip")])
    return Reply(200, script.plain, headers)
