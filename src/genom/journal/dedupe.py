"""The same event twice counts once: remembered message ids."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.tables import Hasher, Recent
from genom.words import Kind

__all__ = ["Dedupe"]

_ERASED: Final = int(Kind.ERASED)
_DAY: Final = 86_400_000  # ms
_DAYS: Final = 30
_FACTS: Final = 200  # kinds from here on are facts of Genom's own


class Dedupe:
    """Keyed 128-bit hashes of (source, message id), in bounded memory; rebuilt from the journal at a start.

    Each is remembered for 30 days and longer: until there is no room for another.
    """

    def __init__(self, key: bytes, *, max_entries: int) -> None:
        self.hasher, self._seen = Hasher(key), Recent(max_entries, days=_DAYS)
        self._known_at = 0  # the newest of all rows that were taken in, unix ms

    def keys(self, ids: Sequence[bytes]) -> NDArray[np.uint64]:
        """Hashes, shape (n, 2), of ids that begin with their source's number."""
        return self.hasher.digest(ids)

    def __len__(self) -> int:
        """Ids that are remembered."""
        return len(self._seen)

    def seen(self, keys: NDArray[np.uint64], *, now: int) -> NDArray[np.bool_]:
        """Which of these came before (in this batch too); all are remembered from now on (unix ms)."""
        return self._seen.seen(keys, day=now // _DAY)

    def knows(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of these came before; nothing is remembered."""
        return self._seen.knows(keys)

    def forget(self, keys: NDArray[np.uint64]) -> None:
        """Take back `seen` for events that could not be written."""
        self._seen.forget(keys)

    def remember(self, rows: NDArray[np.void], *, now: int) -> None:
        """Take in journalled event rows (lines repeat their event's id and are skipped), and erased ones.

        What a row does not say of when it came, such as one of history, the rows before it say; else it counts as now.
        """
        ids, days = _ids(np.require(rows, requirements=["C", "W"]), self._known_at)
        self._known_at = max(self._known_at, int(rows["known_at"].max(initial=0)))
        for day in np.unique(days).tolist():
            self._seen.seen(ids[days == day], day=min(day, now // _DAY) if day else now // _DAY)

    def dump(self) -> dict[str, NDArray[np.generic]]:
        """Arrays for a state file."""
        return self._seen.dump()

    def load(self, parts: dict[str, NDArray[np.generic]]) -> None:
        """Take in the arrays of a state file; of one that does not say when its ids came, they came today."""
        if "stamps" in parts:
            self._seen.load(parts)
            return
        for half in ("older", "current"):
            self._seen.seen(parts[half].astype(np.uint64), day=int(time.time() * 1000) // _DAY)

    def lacks(self, other: Dedupe) -> int:
        """How many ids of the other's last 30 days it does not remember."""
        return self._seen.lacks(other._seen, days=_DAYS)

    @property
    def forgotten(self) -> int:
        """Ids that are not remembered any more, because memory is bounded."""
        return self._seen.forgotten

    @property
    def early(self) -> int:
        """Those of them that came less than 30 days before."""
        return self._seen.early


@compiled
def _ids(rows: Any, known_at: int) -> Any:
    """Ids, and the day on which each came as far as the rows up to it tell, 0 = they do not."""
    ids, days, count = np.empty((len(rows), 2), np.uint64), np.empty(len(rows), np.int64), 0
    for i in range(len(rows)):
        row = rows[i]
        known_at = max(known_at, row.known_at)
        erased = row.kind == _ERASED and (row.id_low != 0 or row.id_high != 0)
        if erased or (row.line == 0 and row.kind < _FACTS):
            ids[count, 0], ids[count, 1], days[count] = row.id_low, row.id_high, known_at // _DAY
            count += 1
    return ids[:count], days[:count]
