"""Data keys of profiles: without them the bodies of the journal are noise, in every copy of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app.journals import SLOTS
from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["KeyHolder"]


class KeyHolder:
    """One slot for each profile."""

    name = "keys"
    files: tuple[str, ...] = (SLOTS, "keys/epochs.json", "keys/root.key", "keys/root.salt")

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Keys that are there."""
        return tallied("data key" for profile in subject.profiles if self._node.slots.has(profile))

    def count(self, subject: Subject) -> Count:
        """Keys that are there."""
        return Count(records=sum(map(self._node.slots.has, subject.profiles)))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Nothing: a key says nothing of a person."""
        return iter(())

    def drop(self, subject: Subject) -> None:
        """They are overwritten at once; whoever came before in the order has read what it had to."""
        self._node.slots.destroy(subject.profiles)

    def erase(self, subject: Subject) -> Erased:
        """Zeros are on disk."""
        gone = self._node.slots.destroy(subject.profiles)
        self._node.slots.sync()
        return Erased(records=max(gone, len(subject.profiles)))
