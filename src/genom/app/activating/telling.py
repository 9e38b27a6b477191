"""Where people are outside, for their own eyes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from genom.app.activating.destinations import stored_destinations
from genom.app.node import Node
from genom.app.reading import rfc3339

__all__ = ["recipients_of"]


def recipients_of(node: Node, persons: Collection[int]) -> list[dict[str, Any]]:
    """Where people are, were, or are to be; reads the disk."""
    known = stored_destinations(node)
    found = [(row, known[row.destination].destination) for row in node.deliveries.outbox.of(persons)]
    return [
        {
            "destination": one.id,
            "recipient": one.recipient,
            "country": one.country,
            "purposes": list(one.purposes),
            "known_there_as": row.id,
            "state": str(row.pair.state),
            "since": rfc3339(row.pair.since),
        }
        for row, one in found
    ]
