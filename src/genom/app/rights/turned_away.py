"""Rejected events that name a person, for their copy of everything.

They lie as they came, so one may be of somebody else who is named beside, or of a whole batch that was no JSON.
Its text is handed out if it says of itself that it is the person's and nobody else's; the others are only told of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from genom.app.holders.naming import named_in
from genom.app.reading import rfc3339
from genom.collect import BadRow, BadRows

__all__ = ["turned_away"]


def turned_away(store: BadRows, names: Callable[[BadRow], bool], values: Collection[str]) -> Iterator[dict[str, Any]]:
    """The rows that name a person, oldest first; `values` are those of their identifiers.  Reads the disk."""
    for row in (row for day in store.days() for row in store.read(day) if names(row)):
        own, context = _is_of(row, values), row.came.context if row.came else b""
        yield {
            "received_at": rfc3339(row.received_at),
            "source": row.source,
            "code": row.code,
            "why": row.message if own else None,  # it may quote the event
            "sent": b"\n".join(filter(None, (row.raw, context))).decode("utf-8", "replace") if own else None,
        }


def _is_of(row: BadRow, values: Collection[str]) -> bool:
    """Whether a row says whose it is, and names nobody else as that.

    >>> row = BadRow(0, "shop", 0, None, "collect.nan", "not a number", b'{"userId":"u1","properties":{"a":NaN}}')
    >>> _is_of(row, {"u1", "phone"}), _is_of(row, {"u2"})
    (True, False)
    """
    said = named_in(row)
    return bool(said) and said <= {value.casefold() for value in values}
