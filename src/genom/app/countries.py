"""What an event says of its person's country: the field of it that the purposes name."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from genom.words import Event, Kind

__all__ = ["Unsaid", "said_country", "tells_country"]

_ADDRESS: Final = "address"  # a trait that collection takes out of the body for the vault
_ESCAPED: Final = re.compile(rb"\\u00(?:3\d|[4-7][0-9a-fA-F])")  # a letter or digit that needed no escape
_decode: Final = msgspec.json.Decoder().decode


class Unsaid:
    """The event does not have the field at all."""


def tells_country(body: bytes, field: str) -> bool:
    r"""Whether an event, or a request of events, may say a country: the field's name stands in it, perhaps escaped.

    >>> bodies = b'{"country":1}', rb'{"c\u006funtry":1}', rb'{"a":"\u00fc"}'
    >>> [tells_country(body, "traits.country") for body in bodies]
    [True, True, False]
    """
    name = field.rpartition(".")[2]
    if b'"%s"' % name.encode() in body:
        return True
    return rb"\u" in body and (not name.isascii() or _ESCAPED.search(body) is not None)


def said_country(event: Event, field: str) -> object:
    """What stands in the field of an event, whatever it is; Unsaid if it has none.

    Traits are the event's own before those of its context; a group's are no person's.

    >>> event = Event(
    ...     index=0, kind=3, name="", message_id="", identifiers=(("user_id", "u"),), ts=0, known_at=0, hour_of_week=0,
    ...     channel=0, flags=0, body=b'{"context":{"traits":{"country":"DE"},"location":{"country":"US"}}}',
    ...     direct={"address": '{"country":"FR"}'},
    ... )
    >>> [said_country(event, f) for f in ("traits.country", "context.location.country", "traits.address.country")]
    ['DE', 'US', 'FR']
    >>> said_country(event, "traits.land")
    <class 'genom.app.countries.Unsaid'>
    """
    place, *path = field.split(".")
    if place == "traits" and path[0] == _ADDRESS:
        return _at(_address(event), path[1:])
    if not tells_country(event.body, field):
        return Unsaid
    body = _decode(event.body)
    if place == "context":
        return _at(body.get("context"), path)
    own = Unsaid if event.kind == Kind.GROUPED else _at(body.get("traits"), path)
    return _at(body.get("context"), ["traits", *path]) if own is Unsaid else own


def _address(event: Event) -> Any:
    text = (event.direct or {}).get(_ADDRESS)
    if text is None:
        return Unsaid
    try:
        return _decode(text)
    except msgspec.DecodeError:  # an address in one line of text
        return text


def _at(value: Any, path: list[str]) -> Any:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return Unsaid
        value = value[key]
    return value
