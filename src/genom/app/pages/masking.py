"""Events as the console shows them: no text in them names anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from genom.app.pages.who import masked
from genom.app.show.clean import clean

__all__ = ["facts_of", "masked_json", "masked_text", "raw_of"]

_PERSONAL: Final = frozenset(
    {"userid", "anonymousid", "previousid", "groupid", "userhash", "ip", "email", "phone", "firstname", "lastname"}
    | {"first_name", "last_name", "birthday", "street", "zip", "postal_code", "postalcode", "username", "token"}
    | {"advertisingid", "latitude", "longitude"}
)
_WHOLE: Final = frozenset({"traits", "externalids", "address", "location"})  # nothing in them is shown plainly
_HIDDEN: Final = _PERSONAL | _WHOLE
_MAIL: Final = re.compile(r"[^\s\"'<>@]{1,64}@[^\s\"'<>@]{1,253}")
_PHONE: Final = re.compile(r"\+\d[\d ()/-]{6,20}\d")
_KEYED: Final = re.compile(r'("(?:userId|anonymousId|previousId|groupId|userHash|ip)"\s*:\s*)("[^"]{0,400}"?|[\d.]+)')
_LONGEST: Final = 4_000  # characters of a raw event
_FACTS: Final = 24
_DEPTH: Final = 8


def masked_json(event: Any, *, inside: bool = False, depth: int = 0) -> Any:
    """The event with everything personal masked: identifiers, all traits, addresses of mail wherever they stand.

    >>> masked_json({"userId": "C-204118", "properties": {"name": "Tea", "price": 3, "note": "to ada@example.org"}})
    {'userId': 'C-•••18', 'properties': {'name': 'Tea', 'price': 3, 'note': 'to •••'}}
    >>> masked_json({"traits": {"shoe": "42", "vip": True}})
    {'traits': {'shoe': '4•••', 'vip': '•••'}}
    """
    if depth > _DEPTH:
        return "…"
    if isinstance(event, dict):
        return {
            masked_text(key): masked_json(value, inside=inside or key.lower() in _HIDDEN, depth=depth + 1)
            for key, value in event.items()
        }
    if isinstance(event, list):
        return [masked_json(value, inside=inside, depth=depth + 1) for value in event[:50]]
    if inside:
        return masked(event) if isinstance(event, str) else "•••"
    return masked_text(event) if isinstance(event, str) else event


def masked_text(text: str) -> str:
    """A text without addresses of mail and numbers to call.

    >>> masked_text("call +49 30 1234567 or write to ada@example.org")
    'call ••• or write to •••'
    """
    if not (text.isascii() and text.isprintable()):
        text = clean(text)
    if "@" in text:
        text = _MAIL.sub("•••", text)
    return _PHONE.sub("•••", text) if "+" in text else text


def raw_of(body: bytes) -> str:
    """The event for the eye: indented and masked; of what is no JSON, the beginning."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        text = body[:_LONGEST].decode("utf-8", "replace")
        return masked_text(_KEYED.sub(r'\1"•••"', text))
    return json.dumps(masked_json(event), ensure_ascii=False, indent=2)[:_LONGEST]


def facts_of(event: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Name and value of the properties, one line each, masked."""
    shown = masked_json(event.get("properties"))
    return tuple(_flat("", shown))[:_FACTS] if isinstance(shown, dict) else ()


def _flat(before: str, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(f"{before}{key}.", value)
        elif isinstance(value, list):
            yield f"{before}{key}", f"[{len(value)}]"
        elif value is not None:
            yield f"{before}{key}", str(value)[:120]
