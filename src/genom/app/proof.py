"""Whether an event proves its user id: then its client speaks for that person."""

from __future__ import annotations

from genom.identity import prove
from genom.words import Event, Source

__all__ = ["proven"]


def proven(event: Event, source: Source) -> bool:
    """Whether `context.userHash` is the HMAC of the event's user id under the source's secret."""
    if not event.user_hash:
        return False
    return prove(source.secret, dict(event.identifiers).get("user_id", ""), event.user_hash)
