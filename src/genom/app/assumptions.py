"""What development mode assumes about people, and for how long.

An event without consent information from a source in development mode may serve a few purposes for seven days.
When that ends, or the source leaves the mode, the person is refolded without those events.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.words import Source

__all__ = ["ASSUMED_MS", "Assumptions", "served"]

ASSUMED_MS: Final = 7 * 86_400_000
_NEVER: Final = np.iinfo(np.int64).max


def served(rows: NDArray[np.void], *, now: int, since: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The purposes that each row may serve at a moment; `since`: source → when it entered development mode."""
    masks: NDArray[np.uint64] = rows["mask"].copy()
    assumed = rows["assumed"]
    if assumed.any():
        known = rows["known_at"]
        alive = (known + ASSUMED_MS > now) & (known > since[rows["source"]])
        masks |= np.where(alive, assumed, np.uint64(0))
    return masks


def _bit(numbers: NDArray[np.uint16]) -> NDArray[np.uint64]:
    return np.minimum(numbers, 63).astype(np.uint64)


class Assumptions:
    """For each person: when the first assumed event ends, when the last does, and which sources they came by."""

    def __init__(self, people: int) -> None:
        self._first, self._last = np.zeros(people + 1, np.int64), np.zeros(people + 1, np.int64)
        self._sources = np.zeros(people + 1, np.uint64)  # bit set; sources from 63 on share a bit
        self.since = np.full(65_536, _NEVER)  # source → unix ms; what it assumed up to then has ended
        self._ended: dict[int, int] = {}  # bit → the latest of its sources' `since`

    def set_sources(self, sources: list[Source]) -> None:
        """Which sources are in development mode now."""
        self.since[:] = _NEVER
        self._ended = {}
        for source in sources:
            since, bit = source.since if source.consent else _NEVER, min(source.number, 63)
            self.since[source.number] = since
            self._ended[bit] = max(self._ended.get(bit, 0), since)

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
        """`since` of the sources; of the persons the first and the last end, and the sources, for `admit`."""
        return self.since, self._first, self._last, self._sources

    def note(self, persons: NDArray[np.int64], rows: NDArray[np.void]) -> None:
        """Take in rows that were folded into these persons."""
        chosen = rows["assumed"] != 0
        if not chosen.any():
            return
        who, ends = persons[chosen], rows["known_at"][chosen] + ASSUMED_MS
        self._first[who] = np.where(self._first[who] == 0, _NEVER, self._first[who])
        np.minimum.at(self._first, who, ends)
        np.maximum.at(self._last, who, ends)
        np.bitwise_or.at(self._sources, who, np.uint64(1) << _bit(rows["source"][chosen]))

    def stale(self, person: int, now: int) -> bool:
        """Whether the row may hold events that do not count any more: it must be refolded before it is read."""
        first, sources = int(self._first[person]), int(self._sources[person])
        if not first:
            return False
        return now >= first or any(
            sources >> bit & 1 and first - ASSUMED_MS <= ended for bit, ended in self._ended.items()
        )

    def stale_all(self, people: int, now: int) -> NDArray[np.bool_]:
        """`stale` for all persons up to a number."""
        first, sources = self._first[: people + 1], self._sources[: people + 1]
        stale = now >= first
        for bit, ended in self._ended.items():
            stale |= (sources >> np.uint64(bit) & np.uint64(1) == 1) & (first - ASSUMED_MS <= ended)
        return np.asarray(stale & (first != 0))

    def active(self, person: int, now: int) -> bool:
        """Whether something is assumed now about a person whose row is not stale."""
        return int(self._last[person]) > now

    def reset(self, person: int) -> None:
        """Forget what was noted of a person, before a refold notes it anew."""
        self._first[person] = self._last[person] = 0
        self._sources[person] = 0

    def merge(self, kept: int, gone: int) -> None:
        """Two rows became one."""
        ends = [int(e) for e in (self._first[kept], self._first[gone]) if e]
        self._first[kept] = min(ends, default=0)
        self._last[kept] = max(self._last[kept], self._last[gone])
        self._sources[kept] |= self._sources[gone]
        self.reset(gone)

    def dump(self, people: int) -> dict[str, NDArray[np.generic]]:
        """Arrays for a state file."""
        arrays = (("first", self._first), ("last", self._last), ("sources", self._sources))
        return {name: array[: people + 1].copy() for name, array in arrays}

    def load(self, parts: dict[str, NDArray[np.generic]]) -> None:
        """Take in the arrays of a state file."""
        for name, array in (("first", self._first), ("last", self._last), ("sources", self._sources)):
            array[: len(parts[name])] = parts[name]
