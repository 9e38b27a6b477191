"""People at destinations outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app.activating.telling import recipients_of
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["DestinationHolder"]


class DestinationHolder:
    """Rows of the outbox; the catalogue's own holder names the files."""

    name = "destinations"
    files: tuple[str, ...] = ()

    def __init__(self, node: Node) -> None:
        self._node, self._outbox = node, node.deliveries.outbox

    def find(self, subject: Subject) -> Iterator[Found]:
        """Destinations where the person is, was, or is to be."""
        return tallied(row.destination for row in self._outbox.of(subject.profiles))

    def count(self, subject: Subject) -> Count:
        """Destinations where the person is, was, or is to be."""
        return Count(records=len(self._outbox.of(subject.profiles)))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """These destinations: who receives it, for what, and since when."""
        return iter(recipients_of(self._node, subject.profiles))

    def drop(self, subject: Subject) -> None:
        """Nobody is sent any more who is in no segment."""

    def erase(self, subject: Subject) -> Erased:
        """The rows forget whose they are; recipients who heard of the person are told to let go."""
        gone = self._outbox.forget(subject.profiles, now=now_ms())
        return Erased(
            records=gone, kept="what a recipient calls somebody, until it has confirmed the removal" if gone else ""
        )
