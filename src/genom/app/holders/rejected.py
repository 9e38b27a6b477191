"""Rejected events, which are kept as they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from genom.app.holders.naming import naming
from genom.app.node import Node
from genom.app.webhooks import places_of
from genom.collect import BadRow
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["RejectedHolder"]


class RejectedHolder:
    """Rows that name the person: see `genom.app.holders.naming`."""

    name = "rejected"
    files: tuple[str, ...] = ("badrows/*",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Rows that name the person."""
        return tallied("rejected event" for _ in self._of(subject))

    def count(self, subject: Subject) -> Count:
        """Rows that name the person."""
        found = list(self._of(subject))
        return Count(records=len(found), bytes=sum(len(row.raw) for row in found))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """These rows."""
        for row in self._of(subject):
            context = row.came.context.decode("utf-8", "replace") if row.came else ""
            raw = row.raw.decode("utf-8", "replace")
            yield {"received_at": row.received_at, "why": row.message, "raw": raw, "context": context}

    def _of(self, subject: Subject) -> Iterator[BadRow]:
        store, names = self._node.bad_rows, self._naming(subject)
        return (row for day in store.days() for row in store.read(day) if names(row))

    def _naming(self, subject: Subject) -> Callable[[BadRow], bool]:
        return naming(subject, token=self._node.world.profiles.token, places=places_of(self._node))

    def drop(self, subject: Subject) -> None:
        """They serve nothing, and only the operator reads them."""

    def erase(self, subject: Subject) -> Erased:
        """Write the days that have such rows without them."""
        rows, size = self._node.bad_rows.erase(self._naming(subject))
        return Erased(records=rows, bytes=size)
