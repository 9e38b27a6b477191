"""A request's body as its events, still undecoded, and what it says for all of them."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from genom.collect.tolerant import members, parts
from genom.collect.wire import decode_any
from genom.errors import BadRequest
from genom.typed import json_decoder

__all__ = ["CALLS", "Envelope", "open_envelope"]

CALLS: Final = ("track", "identify", "page", "screen", "group", "alias", "merge", "batch")
_BOM: Final = b"\xef\xbb\xbf"
_SHARED: Final = ("context", "integrations")


class Envelope(Struct, gc=False):
    """The events of one request; `call` says how they came."""

    call: str
    body: bytes
    items: list[Raw] | list[bytes]
    write_key: str = ""
    sent_at: Any = None  # as sent
    context: bytes = b""  # JSON for all events of a batch, empty if there is none
    integrations: bytes = b""
    strict: bool = True  # the whole body is well-formed JSON in UTF-8
    anonymous_id: str = ""  # of the request: whose the events are that name nobody


class _Head(Struct, gc=False):
    writeKey: Any = ""
    sentAt: Any = None


class _Batch(Struct, gc=False):
    batch: list[Raw]
    writeKey: Any = ""
    sentAt: Any = None
    context: Raw = Raw()
    integrations: Raw = Raw()


_decode_head = json_decoder(_Head).decode
_decode_batch = json_decoder(_Batch).decode


def open_envelope(body: bytes, call: str) -> Envelope:
    """The events of a call's body: of a batch its items, else the one event.

    A body that is not well-formed is opened as far as event boundaries can be found.
    Raises BadRequest `collect.body-unreadable` if there are none.

    >>> envelope = open_envelope(b'{"batch":[{"userId":"u"},NaN],"writeKey":"k"}', "batch")
    >>> envelope.write_key, envelope.items
    ('k', [b'{"userId":"u"}', b'NaN'])
    """
    body = body.removeprefix(_BOM)
    try:
        if not body.isascii():
            body.decode()
        return _strict_batch(body) if call == "batch" else _strict_single(body, call)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _tolerant_batch(body) if call == "batch" else _tolerant_single(body, call)


def _strict_batch(body: bytes) -> Envelope:
    found = _decode_batch(body)
    key = found.writeKey or (_key_of(found.batch[0]) if found.batch else "")
    context, integrations = bytes(found.context), bytes(found.integrations)
    return Envelope("batch", body, found.batch, _text(key), found.sentAt, context, integrations)


def _strict_single(body: bytes, call: str) -> Envelope:
    return Envelope(call, body, [body], _text(_decode_head(body).writeKey))


def _tolerant_batch(body: bytes) -> Envelope:
    top = members(body, _opener(body))
    begin = top.get(b"batch", (0, 0))[0]
    if body[begin : begin + 1] != b"[":
        raise _unreadable("it has no list named `batch`")
    slices, closed = parts(body, begin)
    items = [body[one:end].strip() for one, end in slices]
    if not items or (not closed and len(items) == 1 and _value(items[0]) is None):
        raise _unreadable("it ends before its first event does")
    values = {key.decode(): body[one:end].strip() for key, (one, end) in top.items() if key in _KEYS}
    key = _value(values.get("writeKey", b"")) or (_key_of(items[0]) if items else "")
    context, integrations = [_mended(values[name]) if name in values else b"" for name in _SHARED]
    sent_at = _value(values.get("sentAt", b""))
    return Envelope("batch", body, items, _text(key), sent_at, context, integrations, strict=False)


_KEYS: Final = frozenset({b"writeKey", b"sentAt", b"context", b"integrations"})


def _tolerant_single(body: bytes, call: str) -> Envelope:
    opener = _opener(body)
    if not parts(body, opener).closed:
        raise _unreadable("it ends before the event does")
    key = members(body, opener).get(b"writeKey", (0, 0))
    return Envelope(call, body, [body.strip()], _text(_value(body[slice(*key)])), strict=False)


def _opener(body: bytes) -> int:
    start = len(body) - len(body.lstrip())
    if body[start : start + 1] != b"{":
        raise _unreadable("it does not begin with an object")
    return start


def _key_of(item: Raw | bytes) -> Any:
    try:
        return _decode_head(item).writeKey
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""


def _text(key: Any) -> str:
    return key if type(key) is str else ""


def _value(raw: bytes) -> Any:
    try:
        return decode_any(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _mended(raw: bytes) -> bytes:
    """What a batch says for all events, with NaN as null, as JavaScript writes it; left as it is beyond that."""
    try:
        return json.dumps(json.loads(raw, parse_constant=lambda _: None)).encode()
    except (ValueError, RecursionError):
        return raw


def _unreadable(why: str) -> BadRequest:
    return BadRequest(
        "The body is not readable as events.",
        why=why,
        fix='send JSON: an event for /v1/track and its like, {"batch":[…]} for /v1/batch',
        code="collect.body-unreadable",
    )
