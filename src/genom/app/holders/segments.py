"""Who belongs to which segment, and the log of who entered and left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["SegmentHolder"]


class SegmentHolder:
    """Bits by person in memory and in a file, and records of changes."""

    name = "segments"
    files: tuple[str, ...] = ("segments/*",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Memberships and records of changes."""
        bits, records = self._node.segments.kept_of(subject.profiles)
        return tallied(["membership"] * bits + ["change"] * records)

    def count(self, subject: Subject) -> Count:
        """Memberships and records of changes."""
        return Count(records=sum(self._node.segments.kept_of(subject.profiles)))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """The segments that the person belongs to now."""
        for one in self._node.segments.of_person(subject.person, now=now_ms()) if subject.person else ():
            yield {"segment": one.segment.id, "purpose": one.segment.purpose}

    def drop(self, subject: Subject) -> None:
        """The person leaves every segment."""
        self._node.segments.permissions_changed(list(subject.profiles), now=now_ms())

    def erase(self, subject: Subject) -> Erased:
        """Overwrite the person's number in the log; how many entered and left stays.  The node saves the bits anew."""
        return Erased(records=self._node.segments.erase(subject.profiles))
