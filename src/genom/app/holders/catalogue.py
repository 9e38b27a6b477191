"""Sessions and one-time links of a person's own pages, deeds about the person, and lists that they stood in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from genom.app import audit, list_reads
from genom.app.commit import now_ms
from genom.app.looks import Looks
from genom.app.node import Node
from genom.app.pages.sessions import Sessions
from genom.privacy import Count, Erased, Found, Subject, tallied
from genom.words import DIRECT_TYPES

__all__ = ["CatalogueHolder"]

_AUDIT_ROWS: Final = 10_000  # about one identifier
_SHORTEST: Final = 6  # characters of an identifier that is looked for in reasons


class CatalogueHolder:
    """What the catalogue has under a person's public ids."""

    name = "catalogue"
    files: tuple[str, ...] = ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm")

    def __init__(self, node: Node, sessions: Sessions, looks: Looks) -> None:
        self._node, self._sessions, self._looks = node, sessions, looks

    def find(self, subject: Subject) -> Iterator[Found]:
        """Sessions, links, and lists that were read."""
        lists = list_reads.held_of(self._node.catalogue, subject.profiles)
        return tallied(["log-in"] * self._sessions.held_of(subject.public) + ["list"] * lists)

    def count(self, subject: Subject) -> Count:
        """Sessions, links, and lists that were read."""
        lists = list_reads.held_of(self._node.catalogue, subject.profiles)
        return Count(records=self._sessions.held_of(subject.public) + lists)

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Deeds about the person, and readings of lists that they stood in."""
        catalogue = self._node.catalogue
        rows = [row for name in subject.public for row in audit.rows(catalogue, name=name, limit=_AUDIT_ROWS)]
        for row in rows + list_reads.rows_about(catalogue, subject.profiles, limit=_AUDIT_ROWS):
            yield {"at": row.at, "action": row.action, "by": row.who.partition(":")[0], "reason": row.reason}

    def drop(self, subject: Subject) -> None:
        """Whoever is signed in as the person is signed out."""
        self._sessions.forget(subject.public)
        self._looks.forget(subject.public)

    def erase(self, subject: Subject) -> Erased:
        """Sessions, links, places in lists and what the audit log says go, out of the write-ahead log as well."""
        self._looks.write()
        gone = self._sessions.erase(subject.public)
        with self._node.catalogue.begin() as connection:
            gone += list_reads.erase(connection, subject.profiles)
            gone += audit.redact(
                connection, about=subject.public, words=_unmistakable(subject), who="node", at=now_ms()
            )
        self._node.catalogue.shred()
        return Erased(records=gone, kept="who did what and when in the audit log, without to whom and why")


def _unmistakable(subject: Subject) -> list[str]:
    """Identifiers that mean nobody else wherever a reason names them; a user id may be a word of any sentence."""
    return [one.value for one in subject.identifiers if one.type in DIRECT_TYPES and len(one.value) >= _SHORTEST]
