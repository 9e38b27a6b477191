"""Sessions and one-time links of a person's own pages, and deeds about the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app import audit
from genom.app.node import Node
from genom.app.pages.sessions import Sessions
from genom.privacy import Count, Erased, Subject

__all__ = ["CatalogueHolder"]

_AUDIT_ROWS = 10_000  # about one identifier


class CatalogueHolder:
    """What the catalogue has under a person's public ids."""

    name = "catalogue"
    files: tuple[str, ...] = ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm")

    def __init__(self, node: Node, sessions: Sessions) -> None:
        self._node, self._sessions = node, sessions

    def count(self, subject: Subject) -> Count:
        """Sessions and links."""
        return Count(records=self._sessions.held_of(subject.public))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Deeds about the person."""
        for name in subject.public:
            for row in audit.rows(self._node.catalogue, name=name, limit=_AUDIT_ROWS):
                yield {"at": row.at, "action": row.action, "by": row.who.partition(":")[0], "reason": row.reason}

    def drop(self, subject: Subject) -> None:
        """Whoever is signed in as the person is signed out."""
        self._sessions.forget(subject.public)

    def erase(self, subject: Subject) -> Erased:
        """Sessions and links go, out of the write-ahead log as well."""
        gone = self._sessions.erase(subject.public)
        self._node.catalogue.shred()
        return Erased(
            records=gone,
            kept="deeds in the audit log, under a public id that belongs to nobody any more",
        )
