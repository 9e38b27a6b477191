"""RudderStack's pixel: an event in the query of an image's address.

Source: RudderStack, Pixel API; a name with dots leads into the event: `properties.price=3`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from genom.collect.envelope import Envelope, open_envelope
from genom.collect.wire import encode

__all__ = ["pixel_envelope"]

_DEEPEST: Final = 8  # parts of a name; the last one keeps its further dots


def pixel_envelope(query: Mapping[str, str], call: str, *, message_id: str) -> Envelope:
    """The one event of an image's address.

    `message_id` is for an address that names none: the same image is loaded anew at each look, and each look counts.

    >>> query = {"writeKey": "wk", "anonymousId": '"a"', "event": "Opened", "properties.campaign_id": "c1"}
    >>> envelope = pixel_envelope(query, "track", message_id="m1")
    >>> envelope.write_key, envelope.body[:55]
    ('wk', b'{"channel":"web","messageId":"m1","anonymousId":"a","ev')
    """
    event: dict[str, Any] = {"channel": "web", "messageId": message_id}
    for name, value in query.items():
        if name != "writeKey":
            _put(event, name, value)
    if isinstance(anonymous := event.get("anonymousId"), str):
        event["anonymousId"] = anonymous.removeprefix('"').removesuffix('"')  # as their cookie holds it
    envelope = open_envelope(encode(event), call)
    envelope.write_key = query.get("writeKey", "")
    return envelope


def _put(event: dict[str, Any], name: str, value: str) -> None:
    """Under its path; where a text stands in its way, under its whole name."""
    *path, last = name.split(".", _DEEPEST - 1)
    inner: Any = event
    for part in path:
        inner = inner.setdefault(part, {}) if isinstance(inner, dict) else None
    if isinstance(inner, dict) and not isinstance(inner.get(last), dict):
        inner[last] = value
    else:
        event[name] = value
