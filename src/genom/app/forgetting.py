"""Forgetting: people's rows without what is past a purpose's read window, and no memory for those who have faded.

What is past its window is withheld by the gate as soon as the day begins; a sweep then refolds these people, a few
milliseconds at a time, and what may still serve is read again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from genom.app.world import World
from genom.consent import Purposes, category_of
from genom.genome import DAY, KINDS, Windows
from genom.journal import Journal

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["CATEGORIES", "Forgetting", "outlived", "sweep", "windows_of"]

CATEGORIES: Final = tuple(category_of(kind) for kind in range(KINDS))
"""The category of each kind of row."""

_LOOKED_AT: Final = 16_384  # people whose rows are looked at in one turn: less than a millisecond
_SHARE: Final = 0.1  # of the time of a processor that a sweep takes at most
_AGAIN: Final = 600_000  # ms after which everybody is looked at again, though no day has begun
_TOGETHER: Final = 64  # neighbours without a row whose memory is given back with a person's: rows share pages


@lru_cache(maxsize=4)
def windows_of(purposes: Purposes) -> Windows:
    """The read windows that purposes declare; what is stored for a time alone is read no longer than that."""
    by_kind = {one.mask: tuple(one.read_days(category) or 0 for category in CATEGORIES) for one in purposes.every}
    return Windows(
        {mask: max(days) for mask, days in by_kind.items() if any(days)},
        {mask: days for mask, days in by_kind.items() if len(set(days)) > 1},
    )


def outlived(world: World, *, at: int, first: int = 1, last: int | None = None) -> NDArray[np.int64]:
    """The persons (from `first` to `last`) whose rows hold what is past a window at a moment."""
    matrix, last = world.matrix, world.profiles.count if last is None else last
    who, found = np.arange(first, last + 1), np.zeros(max(last + 1 - first, 0), np.bool_)
    for column in range(len(world.layout.genes.purposes)):
        if matrix.windowed(column):
            found |= matrix.outlived(who, column, at).any(axis=1)
    return np.asarray(who[found], np.int64)


def sweep(world: World, journal: Journal, *, now: int) -> int:
    """Refold everybody whose row holds what is past a window; returns how many there were."""
    people = outlived(world, at=now).tolist()
    for person in people:
        world.refold(person, journal, now=now, until=world.position)
    return len(people)


class Forgetting:
    """Sweeps a node's genome, slice by slice, between its other work."""

    def __init__(self, node: Node, *, clock: Callable[[], int]) -> None:
        self._node, self._clock = node, clock
        self._day, self._looked, self._genome = -1, 0, ref(node.world.matrix)  # of the sweep that ended last
        self.swept = 0  # unix ms; when it ended
        self.refolded = self.dropped = 0  # people, since the start
        self.waiting = 0  # people withheld when they were last looked for, and not refolded yet

    @property
    def due(self) -> bool:
        """Whether a day has begun since the last sweep, or the genome is another one, or it is some time ago."""
        if not self._node.world.layout.windows:
            return False
        now, another = self._clock(), self._genome() is not self._node.world.matrix
        return another or now // DAY != self._day or now - self._looked >= _AGAIN

    async def tend(self, *, rest: Callable[[float], float] = lambda worked: worked / _SHARE - worked) -> None:
        """Sweep if that is due; `rest`: seconds of work → seconds until the next person is refolded."""
        if not self.due:
            return
        now, genome = self._clock(), self._node.world.matrix
        people = await self._withheld(now)
        self.waiting = len(people)
        for person in people:
            if self._node.world.matrix is not genome:
                return  # it was replaced: everybody is looked at anew
            began = time.monotonic()
            self._refold(person)
            self.waiting -= 1
            await asyncio.sleep(rest(time.monotonic() - began))
        self._day, self._looked, self._genome, self.swept = now // DAY, now, ref(genome), self._clock()

    async def _withheld(self, now: int) -> list[int]:
        found = list[int]()
        for first in range(1, self._node.world.profiles.count + 1, _LOOKED_AT):
            last = min(first + _LOOKED_AT - 1, self._node.world.profiles.count)
            found += outlived(self._node.world, at=now, first=first, last=last).tolist()
            await asyncio.sleep(0)
        return found

    def _refold(self, person: int) -> None:
        """Of a person who has joined another meanwhile nothing is kept, and there is nothing to do."""
        node, world = self._node, self._node.world
        if world.people.person(person) != person:
            return
        world.refold(person, node.journal, now=self._clock(), until=world.position)
        self.refolded += 1
        if world.matrix.empty(np.array([person]))[0]:
            self._drop(person)

    def _drop(self, person: int) -> None:
        """Give the memory of a person of whom nothing is kept back; the person's number and identifiers stay."""
        world = self._node.world
        first, last = max(person - _TOGETHER, 1), min(person + _TOGETHER, world.profiles.count)
        empty = world.matrix.empty(np.arange(first, last + 1))
        place = person - first
        before, after = np.flatnonzero(~empty[:place]), np.flatnonzero(~empty[place:])
        begin = first + (int(before[-1]) + 1 if len(before) else 0)
        end = person + (int(after[0]) - 1 if len(after) else last - person)
        world.matrix.release(begin, end)
        self.dropped += 1
