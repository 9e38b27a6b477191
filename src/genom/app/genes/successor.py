"""The genome of another gene set: folded beside the living one from a state file and the journal, then in its place.

All folding but that of the last few rows happens in other threads, whose kernels hold no interpreter lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.world import World
from genom.genome import Gate, Layout, read_state
from genom.identity import erased_in
from genom.journal import Block, Journal

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["LAST_ROWS", "Successor", "successor_of", "take_over"]

LAST_ROWS: Final = 2_048  # at most folded between two commits: about a millisecond
_LAST_ERASED: Final = 8  # profiles at most taken out between two commits
_WORK: Final = 0.002  # seconds of a following thread's work before the node's own thread has as much


class Successor(World):
    """What a fold needs of a world; profiles and message ids stay those of the living one."""

    at_once = 4_096  # rows: a following thread goes in short steps, and alone: the loop keeps its core
    paced = True  # whether it works beside the node's loop, and lets it go first

    def __init__(self, node: Node, layout: Layout) -> None:
        super().__init__(
            layout, node.data.secrets, node.settings, popularity_bit=node.purposes.bit("measure_aggregate")
        )
        self._node, self._pause = node, time.monotonic()

    def take_file(self, path: Path) -> None:
        """Load what the file of this gene set holds; the genome straight into its place."""
        position, version, parts = read_state(path, into=self.places, alone=True)
        assert version == self.layout.version, "the job writes the file of the set that it was started for"
        kept = {"people", "assumptions", "matrix", "small"}
        self.load({name: part for name, part in parts.items() if name.partition(".")[0] in kept}, position=position)
        self.people.erase(erased_in(parts["profiles.keys"]).tolist())

    def erased_since(self) -> NDArray[np.int64]:
        """Profiles that the living world has forgotten, and this one has not."""
        to = self._node.world.profiles.count + 1
        gone = (self._node.world.people.person_of[1:to] == 0) & (self.people.person_of[1:to] != 0)
        return np.asarray(np.flatnonzero(gone) + 1, np.int64)

    def follow_journal(self, journal: Journal, *, gone: NDArray[np.int64], now: int) -> None:
        """Fold what the journal has beyond the position, with what may be assumed of people now, but of nobody erased.

        `gone` are those of `erased_since`, asked for before the journal was read: it then tells all that their links
        and splits were.  Their rows are in it still, for their erasure waits with its files.
        """
        self.assumptions.set_sources(list(self._node.sources.values()))
        self.follow(_newer(journal, self.position), journal, now=now)
        for profile in gone.tolist():
            if person := self.people.person(profile):  # another of their profiles may have taken this one along
                self._breathe()
                self.forget(person, journal, now=now)

    def _take_profiles(self, block: Block) -> None:
        """They are known already."""

    def _take_fact(self, row: np.void, body: bytes) -> set[int]:
        self._breathe()
        return super()._take_fact(row, body)

    def _flush(self, waiting: list[NDArray[np.void]], *, now: int) -> None:
        self._breathe()
        super()._flush(waiting, now=now)

    def _remember(self, rows: NDArray[np.void], now: int) -> None:
        """The living world does."""

    def _breathe(self) -> None:
        if self.paced and (worked := time.monotonic() - self._pause) > _WORK:
            time.sleep(min(worked, _WORK * 5))
            self._pause = time.monotonic()


def successor_of(node: Node, layout: Layout, path: Path) -> Successor:
    """The genome that a state file holds, with room for the people to come; for another thread than the loop."""
    successor = Successor(node, layout)
    successor.take_file(path)
    count = node.world.profiles.count
    successor.matrix.reserve(count + 1, count + 4_096)
    return successor


def take_over(node: Node, successor: Successor, models: Callable[[], bool]) -> None:
    """Between two commits: fold the last rows, and have everything read the other genome from here on.

    Nothing changes for readers if too much came meanwhile, other models serve now, or the two differ in who exists.
    """
    world, gone = node.world, successor.erased_since()
    if node.journal.last - successor.position > LAST_ROWS or len(gone) > _LAST_ERASED:
        return
    successor.paced = False
    try:
        successor.follow_journal(node.journal, gone=gone, now=now_ms())
    finally:
        successor.paced = True
    if not _same_people(world, successor) or not models():
        return
    world.adopt(successor)
    node.gate = Gate(world.matrix, purpose_bit=node.purposes.bit, term=world.term)
    node.outcomes.forget_readers()


def _same_people(world: World, successor: Successor) -> bool:
    """A link that could not be written yet, for lack of room, is known to the living world alone."""
    to = world.profiles.count + 1
    return bool(np.array_equal(world.people.person_of[:to], successor.people.person_of[:to]))


def _newer(journal: Journal, position: int) -> list[Block]:
    """Blocks beyond a position, found from the end: what was read long ago is not looked at."""
    found = list[Block]()
    for block in journal.latest():
        if block.header.first_sequence + block.header.rows - 1 <= position:
            break
        found.append(block)
    return found[::-1]
