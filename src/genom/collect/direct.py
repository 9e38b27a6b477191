"""Direct identifiers: what names a person leaves the event's body and goes to the vault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import astuple

from genom.collect.wire import Item, Traits, decode_any, encode
from genom.words import DIRECT_TYPES

__all__ = ["has_direct", "take_out"]

_KEYS: Final = {
    "email": "email",
    "phone": "phone",
    "name": "name",
    "firstName": "first_name",
    "first_name": "first_name",
    "lastName": "last_name",
    "last_name": "last_name",
    "address": "address",
}
_IN_PROPERTIES: Final = tuple(key for key in _KEYS if key not in ("name", "address"))  # those may be a product's


def has_direct(item: Item, call: str) -> bool:
    """Whether an event carries a direct identifier; a group's traits are no person's.

    >>> has_direct(Item(traits=Traits(email="a@b.example")), "identify"), has_direct(Item(), "track")
    (True, False)
    """
    p, context = item.properties, item.context
    if p is not None and not (
        p.email is UNSET
        and p.phone is UNSET
        and p.firstName is UNSET
        and p.first_name is UNSET
        and p.lastName is UNSET
        and p.last_name is UNSET
    ):
        return True
    if item.traits is not None and call != "group" and _named(item.traits):
        return True
    if context is None:
        return False
    if context.traits is not None and _named(context.traits):
        return True
    return bool(context.externalIds) and any(external.type in DIRECT_TYPES for external in context.externalIds or ())


def _named(traits: Traits) -> bool:
    return any(value is not UNSET for value in astuple(traits))


def take_out(raw: bytes, call: str) -> tuple[bytes, dict[str, str]]:
    """The event without its direct identifiers (nor a key), and them: traits before the context's before properties.

    >>> take_out(b'{"userId":"u","traits":{"email":"a@b.example","plan":"gold"}}', "identify")
    (b'{"userId":"u","traits":{"plan":"gold"}}', {'email': 'a@b.example'})
    """
    event = decode_any(raw)
    event.pop("writeKey", None)  # a key is no part of what happened, and a server's must not be kept
    context = event.get("context") or {}
    found: dict[str, str] = {}
    if call != "group":
        _move(event.get("traits"), _KEYS, found)
    _move(context.get("traits"), _KEYS, found)
    _move(event.get("properties"), _IN_PROPERTIES, found)
    if context.get("externalIds"):
        context["externalIds"] = [external for external in context["externalIds"] if not _is_direct(external, found)]
    return encode(event), found


def _move(part: dict[str, Any] | None, keys: Iterable[str], found: dict[str, str]) -> None:
    if not part:
        return
    for key in keys:
        if value := _text(part.pop(key, None)):
            found.setdefault(_KEYS[key], value)


def _is_direct(external: dict[str, Any], found: dict[str, str]) -> bool:
    if external.get("type") not in DIRECT_TYPES:
        return False
    if value := _text(external.get("id")):
        found.setdefault(external["type"], value)
    return True


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if type(value) is str else encode(value).decode()
