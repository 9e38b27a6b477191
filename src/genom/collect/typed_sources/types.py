"""The typed sources that come with Genom."""

from __future__ import annotations

from typing import Final

from genom.collect.typed_sources.access_logs import ACCESS_LOGS
from genom.collect.typed_sources.calls import CALLS
from genom.collect.typed_sources.contacts import CONTACTS
from genom.collect.typed_sources.email_events import EMAIL_EVENTS
from genom.collect.typed_sources.events import EVENTS
from genom.collect.typed_sources.loyalty_cards import CARDS
from genom.collect.typed_sources.loyalty_points import POINTS
from genom.collect.typed_sources.products import PRODUCTS
from genom.collect.typed_sources.receipts import RECEIPTS
from genom.collect.typed_sources.source_type import SourceType
from genom.errors import UnknownName, nearest

__all__ = ["TYPES", "type_named"]

TYPES: Final[dict[str, SourceType]] = {
    one.name: one for one in (RECEIPTS, CARDS, POINTS, CALLS, CONTACTS, EMAIL_EVENTS, PRODUCTS, ACCESS_LOGS, EVENTS)
}


def type_named(name: str) -> SourceType:
    """The type of that name; raises UnknownName."""
    if name not in TYPES:
        raise UnknownName(
            f"There is no type of source {name[:40]!r}.", why=f"there are {', '.join(TYPES)}",
            fix=nearest(name, TYPES) or "see `genom import types`",
        )  # fmt: skip
    return TYPES[name]
