"""Where a value stands among all people: quantiles of each gene from a sample of people, measured beside the traffic.

The sample is read through the gate, person by person, so only people who permit the purpose are in it, and of them only
those who do not object to statistics; of fewer than `FEWEST` there are no places.  It is taken in
slices of less than a millisecond between which everything else has its turn, and kept for some minutes.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.values import has_amount, size
from genom.app.reading import view_of

__all__ = ["FEWEST", "PEOPLE", "Places", "Ruler"]

log = logging.getLogger("genom.pages")

PEOPLE: Final = 500  # in the sample: a place is then right to about two per cent
FEWEST: Final = 50  # people: a place among fewer would tell of single ones
_STATISTICS: Final = "measure_aggregate"
_GENES: Final = 40  # read in one slice
_PAUSE: Final = 0.002  # seconds between slices
_FRESH: Final = 600_000  # ms that a measure is used before it is taken anew


@dataclass(frozen=True, slots=True)
class Ruler:
    """The measure of one purpose."""

    at: int  # unix ms
    people: int  # in the sample
    sorted: dict[str, NDArray[np.float64]]  # gene → values of the people who have one, ascending

    def place(self, gene: str, value: float) -> float | None:
        """The share of people who have less; None if nobody in the sample has a value."""
        values = self.sorted.get(gene)
        if values is None or not len(values):
            return None
        return float(np.searchsorted(values, value, "left") / len(values))

    def coverage(self, gene: str) -> float:
        """The share of people for whom the gene holds anything."""
        values = self.sorted.get(gene)
        return float(np.count_nonzero(values)) / self.people if values is not None and self.people else 0.0


class Places:
    """The rulers of all purposes, measured when a page first asks and again when they are old."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._rulers: dict[str, Ruler] = {}
        self._measuring: dict[str, asyncio.Task[None]] = {}

    def ruler(self, purpose: str) -> Ruler | None:
        """The newest ruler, None while the first is being measured and while people are too few for places."""
        known = self._rulers.get(purpose)
        if (known is None or now_ms() - known.at > _FRESH) and purpose not in self._measuring:
            task = asyncio.get_running_loop().create_task(self.measure(purpose))
            self._measuring[purpose] = task
            task.add_done_callback(lambda done: self._done(purpose, done))
        return known if known is not None and known.people >= FEWEST else None

    def close(self) -> None:
        """Measure no more: the node ends."""
        for task in self._measuring.values():
            task.cancel()

    async def measure(self, purpose: str, *, people: int = PEOPLE, pause: float = _PAUSE) -> None:
        """Take the measure of a purpose now."""
        found: dict[str, list[float]] = {gene.id: [] for gene in self._node.world.layout.genes if has_amount(gene)}
        read = 0
        for person in self._sample(people):
            read += await self._add(person, purpose, found, pause)
            if read >= people:
                break
        measured = {gene: np.sort(np.array(values)) for gene, values in found.items()}
        self._rulers[purpose] = Ruler(now_ms(), read, measured)

    async def _add(self, person: int, purpose: str, found: dict[str, list[float]], pause: float) -> bool:
        view = view_of(self._node, person, purpose=purpose)
        counts = self._node.effective(person, now_ms()) & self._node.purposes.bit(_STATISTICS)
        if not (view.permitted and counts):
            return False
        for number, gene in enumerate(self._node.world.layout.genes):
            if gene.id in found and (amount := size(view.read(gene))) is not None:
                found[gene.id].append(amount)
            if number % _GENES == _GENES - 1:
                await asyncio.sleep(pause)
        return True

    def _sample(self, people: int) -> Iterator[int]:
        """Persons drawn without order, each at most once; the same ones until people come."""
        world = self._node.world
        profiles = random.Random(7).sample(range(1, world.profiles.count + 1), min(world.profiles.count, 4 * people))  # noqa: S311
        return (profile for profile in profiles if world.people.person(profile) == profile)

    def _done(self, purpose: str, task: asyncio.Task[None]) -> None:
        self._measuring.pop(purpose, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("people could not be measured", exc_info=error)
