"""An event in the address of an image, for pages without scripts and for e-mails."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from genom.collect.envelope import Envelope
from genom.collect.pages import campaign_of, page_of
from genom.collect.rejected import Rejected
from genom.collect.snowplow import Sender
from genom.collect.wire import encode

__all__ = ["image_envelope", "in_address", "without_key"]

_KEY: Final = re.compile(rb"(?:^|(?<=&))writeKey=[^&]*&?")
_PARAMETERS: Final = 100  # of an event
_OWN: Final = ("userId", "anonymousId", "messageId", "timestamp", "event", "name")
_CONSENT: Final = "consent."
_ANSWERS: Final = {"true": True, "1": True, "false": False, "0": False}


def in_address(query: bytes) -> dict[str, str]:
    """What an address says; the last of a name counts, and what is no UTF-8 is read as far as it goes.

    >>> in_address(b"writeKey=wk&name=K%C3%B6ln")
    {'writeKey': 'wk', 'name': 'Köln'}
    """
    return dict(parse_qsl(query.decode("latin-1"), errors="replace"))


def without_key(query: bytes) -> bytes:
    """The address as it came, but for its key: that is no part of what happened.

    >>> without_key(b"a=1&writeKey=wk&b=2")
    b'a=1&b=2'
    """
    return _KEY.sub(b"", query)


def image_envelope(query: bytes, sender: Sender, *, message_id: str, limit: int) -> Envelope:
    """The one event of an address: a page that was seen, or what `event` names.

    `message_id` is for an address that has none: each look at the image counts.  Raises Rejected.

    >>> image_envelope(b"userId=u1&event=Opened&box=2", Sender(), message_id="m", limit=100).items
    [b'{"type":"track","userId":"u1","messageId":"m","event":"Opened","context":{"channel":"web"},"properties":{"box":"2"}}']
    """
    if len(query) > limit:
        raise Rejected("collect.too-large", "", f"has {len(query)} bytes", f"send at most {limit} bytes")
    parts = in_address(query)
    if "\ufffd" in "".join([*parts, *parts.values()]):
        raise Rejected("collect.utf8", "", "is not valid UTF-8", "encode the address as UTF-8")
    if len(parts) > _PARAMETERS:
        raise Rejected("collect.too-large", "", f"has {len(parts)} parameters", f"send at most {_PARAMETERS}")
    parts.pop("writeKey", None)
    body = encode(_event({"messageId": message_id} | parts, sender))
    return Envelope("batch", b'{"batch":[' + body + b"]}", [body])


def _event(parts: dict[str, str], sender: Sender) -> dict[str, Any]:
    about = page_of(
        parts.pop("url", "") or sender.referrer, title=parts.pop("title", ""), referrer=parts.pop("referrer", "")
    )
    context: dict[str, Any] = {
        "userAgent": sender.user_agent,
        "page": about,
        "campaign": campaign_of(about),
    } | _consent(parts)
    call = "track" if parts.get("event") else "page"
    own = {key: parts.pop(key) for key in _OWN if key in parts}
    kept = {"channel": "web"} | {key: value for key, value in context.items() if value}
    properties = parts if call == "track" else {k: v for k, v in about.items() if k not in ("path", "search")} | parts
    return {"type": call} | own | {"context": kept, "properties": properties}


def _consent(parts: dict[str, str]) -> dict[str, Any]:
    """What the person answered, as `consent.PURPOSE=true` or `false`; another answer stays a property."""
    keys = [key for key, value in parts.items() if key.startswith(_CONSENT) and value.lower() in _ANSWERS]
    answers = {key.removeprefix(_CONSENT): _ANSWERS[parts.pop(key).lower()] for key in keys}
    return {"consent": {"categoryPreferences": answers}} if answers else {}
