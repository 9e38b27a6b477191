"""What RudderStack's events have beyond Segment's: a merge, and a request's header that says who it is about.

Source: RudderStack, HTTP API; its gateway reads the header `AnonymousId`, which its libraries write in base64.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Any, Final

from genom.collect.identifiers import external_name
from genom.collect.rejected import Rejected
from genom.collect.wire import ExternalId, Item, decode_any, encode
from genom.words import DIRECT_TYPES

__all__ = ["as_alias", "header_id", "is_nameless", "merged_in", "with_anonymous_id"]

_TYPES: Final = {"userId": "user_id", "anonymousId": "anonymous_id", "mobile": "phone"}  # theirs → ours
_LONGEST: Final = 1_024  # bytes of the header, enough for the base64 of any identifier that is taken


def header_id(header: bytes) -> str:
    """The anonymous id in the header `AnonymousId`, in base64 or as it is; "" if there is none.

    One that is too long to be an identifier comes cut, and still too long, so that it is refused where it is used.

    >>> header_id(b"ZGV2aWNlLTE="), header_id(b"8f14e45f-ceea-467f-9575-1b9e04f7e6a1"), header_id(b"")
    ('device-1', '8f14e45f-ceea-467f-9575-1b9e04f7e6a1', '')
    """
    text = header.strip()[:_LONGEST]
    try:
        plain = binascii.a2b_base64(text, strict_mode=True).decode()
    except ValueError:  # of base64, and of UTF-8
        plain = ""
    return plain if plain and plain.isprintable() else text.decode("latin-1")


def is_nameless(item: Item) -> bool:
    """Whether an event says nothing at all about whom it is.

    >>> is_nameless(Item(userId="", anonymousId=None)), is_nameless(Item(userId="u"))
    (True, False)
    """
    return not (item.userId or item.anonymousId or item.previousId or (item.context and item.context.externalIds))


def with_anonymous_id(raw: bytes, anonymous: str) -> bytes:
    """The event as one of this anonymous id.

    >>> with_anonymous_id(b'{"event":"Seen","anonymousId":null}', "device-1")
    b'{"event":"Seen","anonymousId":"device-1"}'
    """
    event = decode_any(raw)
    event["anonymousId"] = anonymous
    return encode(event)


def as_alias(raw: bytes, *, server: bool) -> bytes:
    """A merge as the alias that says the same: its two identifiers are external ids of one person.

    Raises Rejected for anything but two different identifiers, and for a direct one (an e-mail address, a telephone
    number) with a write key, which is public and cannot name a person by it.

    >>> two = b'[{"type":"userId","value":"u1"},{"type":"card","value":"c1"}]'
    >>> as_alias(b'{"type":"merge","mergeProperties":' + two + b"}", server=False)[:60]
    b'{"type":"alias","context":{"externalIds":[{"type":"user_id",'
    """
    event = decode_any(raw)
    named = [_named(one, server=server) for one in _pair(event.pop("mergeProperties", None))]
    if named[0] == named[1]:
        raise _refused("names one identifier twice", "send two different ones")
    context = event.get("context")
    context = dict(context) if isinstance(context, dict) else {}
    given = context.get("externalIds")
    fresh = [{"type": kind, "id": value, "collection": "users", "encoding": "none"} for kind, value in named]
    context["externalIds"] = fresh + (given if isinstance(given, list) else [])
    return encode({**event, "type": "alias", "context": context})


def merged_in(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Type and value of the identifiers that a merge names, also of one that was refused.

    >>> merged_in({"mergeProperties": [{"type": "mobile", "value": "+49 30 1"}, 5]})
    [('phone', '+49 30 1')]
    """
    given = event.get("mergeProperties")
    listed = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    pairs = [(one.get("type"), one.get("value")) for one in listed]
    return [(_TYPES.get(kind, kind), value) for kind, value in pairs if type(kind) is str and type(value) is str]


def _pair(properties: Any) -> list[Any]:
    if not isinstance(properties, list) or len(properties) != 2:
        raise _refused("does not name two identifiers", 'send two of {"type": …, "value": …}')
    return properties


def _named(one: Any, *, server: bool) -> tuple[str, str]:
    kind, value = (one.get("type"), one.get("value")) if isinstance(one, dict) else (None, None)
    if type(kind) is not str or type(value) is not str:
        raise _refused("has an identifier without a type or a value", "send both as texts")
    kind = _TYPES.get(kind, kind)
    if kind in DIRECT_TYPES and not server:
        raise _refused(f"names a person by {kind}, which a write key cannot", "send it with a server key")
    if not external_name(ExternalId(kind, value), server):
        raise _refused(f"has an identifier that cannot be used, of type {kind[:40]!r}", "send userId, card or the like")
    return kind, value


def _refused(what: str, fix: str) -> Rejected:
    return Rejected("collect.merge", ".mergeProperties", what, fix)
