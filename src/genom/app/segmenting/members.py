"""Who belongs where: a bit for each segment and person, and the records of what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.segments import CHANGE, Reason, Segment, Teller, settle

__all__ = ["Live", "Members"]

_NOBODY: Final = np.zeros(0, np.int64)
_KEYS: Final = 1 << 64


@dataclass(slots=True)
class Live:
    """A version of a segment as it is kept up."""

    segment: Segment
    slot: int  # among the bits
    built: bool = False  # everybody was judged
    progress: float = 0.0  # of the first pass over everybody
    count: int = 0
    entered: int = 0  # since the last point of its growth
    left: int = 0
    entered_key: int = 0  # of these people, as `Teller.keys` add up
    left_key: int = 0

    @property
    def number(self) -> int:
        """That of the version, for ever."""
        return self.segment.number


class Members:
    """The bits of everybody, 64 segments a word."""

    def __init__(self, people: int, teller: Teller) -> None:
        self._people, self._teller = people, teller
        self._bits = np.zeros((people, 1), np.uint64)

    def free_slot(self, live: list[Live]) -> int:
        """A slot that nobody uses, empty."""
        taken = {one.slot for one in live}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        if slot >> 6 >= self._bits.shape[1]:
            wider = np.zeros((self._people, self._bits.shape[1] + 1), np.uint64)
            wider[:, :-1] = self._bits
            self._bits = wider
        self._bits[:, slot >> 6] &= ~_bit(slot)
        return slot

    def clear(self, one: Live) -> None:
        """Nobody belongs any more, and nobody was judged."""
        self._bits[:, one.slot >> 6] &= ~_bit(one.slot)
        one.built, one.progress, one.count = False, 0.0, 0

    def put(self, slot: int, members: NDArray[np.bool_]) -> None:
        """Make these the members, shape (people,)."""
        self._bits[: len(members), slot >> 6] |= np.where(members, _bit(slot), np.uint64(0))

    def of(self, slot: int, people: int) -> NDArray[np.bool_]:
        """Who belongs, of the people up to a number, shape (people + 1,)."""
        return np.asarray(self._bits[: people + 1, slot >> 6] & _bit(slot) != 0)

    def among(self, slot: int, who: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some people belong."""
        return np.asarray(self._bits[who, slot >> 6] & _bit(slot) != 0)

    def has(self, slot: int, person: int) -> bool:
        """Whether a person belongs."""
        return bool(self._bits[person, slot >> 6] & _bit(slot))

    def settle(
        self, live: list[Live], passed: NDArray[np.uint8], *, who: NDArray[np.int64] | None = None, first: int = 0,
        last: int = 0,
    ) -> NDArray[np.int64]:  # fmt: skip
        """Make the bits say what `passed` says (segments, people) of `who`, or of the numbers first … last - 1.

        Returns what changed: place of the segment, person, 1 = entered; shape (changes, 3).
        """
        slots = np.array([one.slot for one in live], np.int64)
        changes = np.empty((passed.size, 3), np.int64)
        first, last = (first, last) if who is None else (0, len(who))
        chosen = _NOBODY if who is None else who
        changes = changes[: settle(first, last, chosen, passed, slots, self._bits, changes)]
        for place in np.unique(changes[:, 0]).tolist():
            mine = changes[changes[:, 0] == place, 2]
            entered = int(mine.sum())
            one = live[place]
            one.count += 2 * entered - len(mine)
            one.entered += entered
            one.left += len(mine) - entered
            came = changes[changes[:, 0] == place]
            one.entered_key = (one.entered_key + self._teller.crowd(came[came[:, 2] == 1, 1]).key) % _KEYS
            one.left_key = (one.left_key + self._teller.crowd(came[came[:, 2] == 0, 1]).key) % _KEYS
        return changes


def records_of(
    changes: NDArray[np.int64], live: list[Live], *, sequences: NDArray[np.int64] | int, at: int, reason: Reason
) -> NDArray[np.void]:
    """The changes as records of the log; of segments that are not built yet there are none."""
    built = np.array([one.built for one in live], np.bool_)
    changes = changes[built[changes[:, 0]]]
    records = np.zeros(len(changes), CHANGE)
    numbers = np.array([one.number for one in live], np.uint32)
    records["segment"], records["person"] = numbers[changes[:, 0]], changes[:, 1]
    records["entered"], records["at"], records["reason"] = changes[:, 2], at, int(reason)
    records["sequence"] = sequences if isinstance(sequences, int) else sequences[changes[:, 1]]
    return records


def _bit(slot: int) -> np.uint64:
    return np.uint64(1 << (slot & 63))
