"""What a shop sends: calls with a fresh message id, so that each counts."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]


def named(user: str) -> Event:
    """The identifier of a name: `a-…` is a browser, `c-…` a loyalty card, all else a user."""
    if user.startswith("c-"):
        return {"context": {"externalIds": [{"type": "card", "id": user, "collection": "users"}]}}
    return {"anonymousId" if user.startswith("a-") else "userId": user}


def when(ms: int | None) -> Event:
    """The time of an event, if one is given."""
    return {} if ms is None else {"timestamp": datetime.fromtimestamp(ms / 1000, UTC).isoformat()}


def track(name: str, user: str, /, *, at: int | None = None, **properties: Any) -> Event:
    """A track call."""
    fresh = {"type": "track", "messageId": uuid.uuid4().hex}
    return fresh | named(user) | when(at) | {"event": name, "properties": properties}


def order(
    user: str, total: float = 2.5, /, *, at: int | None = None, category: str = "TEA", **properties: Any
) -> Event:
    """An order with one line."""
    line = {"product_id": f"p-{category}", "category": category, "price": total, "quantity": 1}
    return track("Order Completed", user, at=at, total=total, currency="EUR", products=[line], **properties)


def view(user: str, category: str = "TEA", *, at: int | None = None) -> Event:
    """A product that somebody looked at."""
    return track("Product Viewed", user, at=at, product_id=f"p-{category}", category=category, price=1)


def identify(user: str, anonymous: str, **traits: Any) -> Event:
    """A browser that says who it is."""
    fresh = {"type": "identify", "messageId": uuid.uuid4().hex}
    return fresh | {"userId": user, "anonymousId": anonymous, "traits": traits}


def consenting(event: Event, **choices: bool) -> Event:
    """The event with what it says of consent."""
    return event | {"context": event.get("context", {}) | {"consent": {"categoryPreferences": choices}}}
