"""The request's body as it was before the client compressed it."""

from __future__ import annotations

import zlib
from typing import Final

from genom.errors import BadRequest

__all__ = ["inflate"]

_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's wbits: 31 = gzip, 15 = zlib
_MEMBERS: Final = 16  # gzip streams in one body; more is an attack, not a client


def inflate(raw: bytes, encoding: str, limit: int) -> bytes:
    """The body in plain, at most `limit` bytes; memory stays bounded for a zip bomb as well.

    Raises BadRequest: `collect.body-encoding` for an unknown encoding or a damaged or unfinished stream,
    `collect.body-too-large` for more than `limit` bytes before or after decompression.

    >>> import gzip
    >>> inflate(gzip.compress(b'{"batch":[]}'), "gzip", 500_000)
    b'{"batch":[]}'
    """
    if len(raw) > limit:
        raise _too_large(limit)
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return raw
    if name not in _WINDOW:
        raise BadRequest(
            "The body's encoding is unknown.",
            why=f"Content-Encoding is {encoding[:40]!r}",
            fix="send gzip, deflate or identity",
            code="collect.body-encoding",
        )
    try:
        return _members(raw, _window(raw, name), limit)
    except zlib.error as error:
        raise _damaged(str(error)) from None


def _window(raw: bytes, name: str) -> int:
    """Some clients send `deflate` without zlib's header; its first byte tells."""
    bare = name == "deflate" and (not raw or raw[0] & 15 != 8)
    return -15 if bare else _WINDOW[name]


def _members(raw: bytes, window: int, limit: int) -> bytes:
    plain = b""
    for _ in range(_MEMBERS):
        stream = zlib.decompressobj(window)
        plain += stream.decompress(raw, limit + 1 - len(plain))
        if len(plain) > limit:
            raise _too_large(limit)
        if not stream.eof:
            raise _damaged("the compressed stream ends too early")
        raw = stream.unused_data
        if not raw:
            return plain
    raise _damaged(f"the body has more than {_MEMBERS} compressed streams")


def _damaged(why: str) -> BadRequest:
    return BadRequest(
        "The body cannot be decompressed.", why=why, fix="send the whole stream again", code="collect.body-encoding"
    )


def _too_large(limit: int) -> BadRequest:
    return BadRequest(
        "The body is too large.",
        why=f"it has more than {limit} bytes",
        fix="send fewer events in a request",
        code="collect.body-too-large",
    )
