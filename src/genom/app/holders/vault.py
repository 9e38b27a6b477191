"""The vault: names, addresses, telephone numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["VaultHolder"]


def _places(subject: Subject) -> list[int]:
    """Where the vault keeps them: see `pipeline.vault_place`."""
    return [int(token[16:], 16) >> 1 for token in subject.tokens]


class VaultHolder:
    """Values under a part of the identifier's hash."""

    name = "vault"
    files: tuple[str, ...] = ("vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm")

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Values, by their type."""
        return tallied(kind for place in _places(subject) for kind in self._node.vault.get(place))

    def count(self, subject: Subject) -> Count:
        """Values."""
        held = [self._node.vault.get(place) for place in _places(subject)]
        return Count(records=sum(map(len, held)), bytes=sum(len(v.encode()) for one in held for v in one.values()))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Type and value of each."""
        for place in _places(subject):
            for kind, value in self._node.vault.get(place).items():
                yield {"type": kind, "value": value}

    def drop(self, subject: Subject) -> None:
        """Nobody finds the place any more once the identifiers are forgotten."""

    def erase(self, subject: Subject) -> Erased:
        """Overwrite the values, in the write-ahead log as well."""
        count = self.count(subject)
        for place in _places(subject):
            self._node.vault.erase(place)
        return Erased(records=count.records, bytes=count.bytes)
