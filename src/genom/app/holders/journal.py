"""The journal: events, facts, decisions and shadow decisions, and the index over them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject, tallied
from genom.words import ROW, Kind

__all__ = ["JournalHolder"]

_PAUSE: Final = 0.002  # seconds after some blocks, so that commits get the disk


class JournalHolder:
    """Rows by profile."""

    name = "journal"
    files: tuple[str, ...] = ("journal/*",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Rows, by what they are about."""
        return tallied(_what(kind) for kind in self._rows(subject)["kind"].tolist())

    def _rows(self, subject: Subject) -> NDArray[np.void]:
        rows = self._node.journal.rows_of(subject.profiles).rows
        return np.asarray(rows[rows["kind"] != Kind.ERASED])

    def count(self, subject: Subject) -> Count:
        """Rows and their bytes, bodies included."""
        rows = self._rows(subject)
        return Count(records=len(rows), bytes=len(rows) * ROW.itemsize + int(rows["body_length"].sum()))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Every row that has a body, with it."""
        found = self._node.journal.rows_of(subject.profiles)
        for row, place in zip(found.rows, found.places, strict=True):
            if body := self._node.journal.body(place):
                yield {"kind": Kind(int(row["kind"])).name.lower(), "body": msgspec.json.decode(body)}

    def drop(self, subject: Subject) -> None:
        """What is held of decisions goes to its place now, so that the physical part finds it."""
        self._node.journal.write_held(now=now_ms())

    def erase(self, subject: Subject) -> Erased:
        """Overwrite rows, bodies, index entries, and what rows of others say of the person."""
        wiped = self._node.journal.erase(subject.profiles, progress=lambda _: time.sleep(_PAUSE))
        return Erased(
            records=wiped.rows, bytes=wiped.bytes,
            kept="keyed hashes of message ids, which name nobody, so that events that are sent again stay out",
        )  # fmt: skip


def _what(kind: int) -> str:
    """A kind of row in small letters, such as `order completed`; one that this version does not know is other."""
    try:
        return Kind(kind).name.lower().replace("_", " ")
    except ValueError:
        return "other"
