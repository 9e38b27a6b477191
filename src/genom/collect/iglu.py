"""Self-describing JSON: data with the address of the schema that describes them.

Source: Snowplow, "Self-describing JSON schemas" and "Snowplow tracker protocol".
"""

from __future__ import annotations

import binascii
import re
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from genom.collect.rejected import Rejected
from genom.typed import json_decoder

__all__ = ["Described", "entities", "event_within", "unpacked"]

_ADDRESS: Final = re.compile(r"iglu:([\w.-]{1,200})/([\w.-]{1,200})/[\w.-]{1,60}/[\d-]{1,30}", re.ASCII)
_MOST: Final = 100  # entities of an event
_ALPHABET: Final = str.maketrans("-_ ", "+/+")  # URL-safe; and a plus that a query turned into a space


class Described(NamedTuple):
    """Data, and who describes them under which name."""

    schema: str  # as it came
    vendor: str
    name: str
    data: Any


class _Json(Struct, gc=False):
    schema: str
    data: Any


_decode = json_decoder(_Json).decode


def unpacked(text: str, where: str) -> bytes:
    """What is packed in base64, with the padding or without it, in the usual alphabet or the one for addresses.

    Raises Rejected if it is none.

    >>> unpacked("eyJhIjoiPz8_In0", ""), unpacked("eyJhIjoiPz8/In0=", "")
    (b'{"a":"???"}', b'{"a":"???"}')
    """
    bare = text.strip().rstrip("=").translate(_ALPHABET)
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except ValueError as error:  # binascii's own, and letters beyond ASCII
        raise Rejected("collect.base64", where, f"is not base64 ({error})", "send it whole") from None


def event_within(raw: bytes | str, where: str) -> Described:
    """The event that an `unstruct_event` wraps.  Raises Rejected.

    >>> event_within('{"schema":"iglu:a/unstruct_event/jsonschema/1-0-0",'
    ...              '"data":{"schema":"iglu:com.acme/tasted/jsonschema/1-0-0","data":{"beer":"Ale"}}}', "").name
    'tasted'
    """
    return _described(_wrapped(raw, where), f"{where}.data")


def entities(raw: bytes | str, where: str) -> list[Described]:
    """The entities that `contexts` wrap.  Raises Rejected for any that cannot be read."""
    listed = _wrapped(raw, where)
    if type(listed) is not list:
        raise _wrong(f"{where}.data", "is not a list of entities")
    if len(listed) > _MOST:
        raise Rejected("collect.too-large", f"{where}.data", f"has {len(listed)} entities", f"send at most {_MOST}")
    return [_described(one, f"{where}.data[{place}]") for place, one in enumerate(listed)]


def _wrapped(raw: bytes | str, where: str) -> Any:
    try:
        return _decode(raw).data
    except RecursionError:
        raise Rejected("collect.too-deep", where, "is nested too deep", "send flat keys") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _wrong(where, f"is not self-describing JSON ({error})") from None


def _described(value: Any, where: str) -> Described:
    schema = value.get("schema") if type(value) is dict else None
    found = _ADDRESS.fullmatch(schema) if type(schema) is str else None
    if found is None:
        raise _wrong(f"{where}.schema", f"is {str(schema)[:60]!r}, which is no address of a schema")
    return Described(str(schema), found[1], found[2], value.get("data"))


def _wrong(where: str, what: str) -> Rejected:
    return Rejected(
        "collect.self-describing", where, what, 'send {"schema": "iglu:VENDOR/NAME/jsonschema/1-0-0", "data": …}'
    )
