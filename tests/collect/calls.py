"""Short ways to send something to the collect stage and see what became of it."""

from __future__ import annotations

import json
from typing import Any

from genom.collect import Decoded, open_envelope, understand
from genom.settings import Settings
from genom.words import Event, Rejection, Source

NOW = 1_763_719_872_000  # 2025-11-21T10:11:12Z
SHOP = Source(number=1, name="shop")
ARCHIVE = Source(number=2, name="archive", history=True)


def received(
    body: bytes, call: str = "batch", *, server: bool = False, source: Source = SHOP, at: int = NOW
) -> Decoded:
    envelope = open_envelope(body, call)
    return understand(envelope, source=source, server=server, received_at=at, settings=Settings())


def taken(event: dict[str, Any], *, server: bool = False, source: Source = SHOP) -> Event:
    """The one event of a call, which must be taken."""
    decoded = received(json.dumps(event).encode(), event.get("type", "track"), server=server, source=source)
    assert decoded.rejected == []
    return decoded.events[0]


def refused(event: dict[str, Any], *, server: bool = False) -> Rejection:
    """Why the one event of a call is not taken."""
    decoded = received(json.dumps(event).encode(), event.get("type", "track"), server=server)
    assert decoded.events == []
    return decoded.rejected[0]


def track(name: str, /, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": "u1", "event": name, "properties": properties}


def batch(*items: bytes | dict[str, Any], **members: Any) -> bytes:
    """A batch of events; bytes go in as they are."""
    parts = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in items]
    rest = "".join(f',"{name}":{json.dumps(value)}' for name, value in members.items())
    return b'{"batch":[' + b",".join(parts) + b"]" + rest.encode() + b"}"
