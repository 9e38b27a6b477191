"""What a rejected event says, in every form in which the protocols write one, so that whom it names can be found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from genom.collect.iglu import Described, unpacked
from genom.collect.rejected import Rejected

__all__ = ["readings"]

_ADDRESS: Final = re.compile(rb"[\w.%~+\[\]-]+=")
_PLAIN, _PACKED = ("ue_pr", "co"), ("ue_px", "cx")
_IDS: Final = {"uid": "userId", "duid": "anonymousId"}
_ENTITIES: Final = {"client_session": ("userId", "anonymousId"), "user": ("id", "userId")}


def readings(raw: bytes) -> list[Any]:
    """The values that can be read out of it: its JSON (also with NaN) or the parameters of its address.

    The identifiers of Snowplow's payloads stand under Segment's names, and each object that is described within such a
    payload by itself.

    >>> readings(b'{"userId":"u1"}'), readings(b"uid=u1&e=xx"), readings(b"nothing")
    ([{'userId': 'u1'}], [{'uid': 'u1', 'e': 'xx', 'userId': 'u1'}], [])
    """
    value = _json(raw)
    if value is None and _ADDRESS.match(raw):
        value = dict(parse_qsl(raw.decode("latin-1"), errors="replace"))
    if type(value) is not dict:
        return [] if value is None else [value]
    said = {to: value[key] for key, to in _IDS.items() if key in value}
    return [value | said, *_within(value)]


def _json(raw: bytes | str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _within(payload: dict[str, Any]) -> Iterator[Any]:
    for key in (*_PLAIN, *_PACKED):
        text = payload.get(key)
        if type(text) is str and text:
            for one in _described(_json(_opened(text) if key in _PACKED else text)):
                yield {"schema": one.schema, "traits": one.data} | _named(one)


def _opened(text: str) -> bytes:
    try:
        return unpacked(text, "")
    except Rejected:
        return b""


def _described(value: Any) -> Iterator[Described]:
    data = value.get("data") if type(value) is dict else None
    for one in data if type(data) is list else [data]:
        if type(one) is dict and type(one.get("schema")) is str:
            name = one["schema"].partition("/")[2].partition("/")[0]
            yield Described(one["schema"], "", name, one.get("data"))


def _named(one: Described) -> dict[str, Any]:
    """The identifier that an entity gives."""
    if one.name not in _ENTITIES or type(one.data) is not dict:
        return {}
    key, to = _ENTITIES[one.name]
    return {to: one.data[key]} if key in one.data else {}
