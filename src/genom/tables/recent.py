"""A bounded memory of keys that forgets the oldest first, and counts those that it had to forget too early."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.tables.probing import Keys, drop_some, plain, remove_all, seen_since, there
from genom.tables.table import Slots

__all__ = ["Recent"]

_RING: Final = 256  # portions that a byte tells apart
_PORTIONS: Final = 240  # of the most keys; the others are room for portions that a rollback has left small
_AT_ONCE: Final = 4  # portions that go in one pass
_SPARE: Final = 2  # portions before the memory is full, when a pass begins
_A_KEY: Final = 256  # slots that a pass goes on with for each new key, so that it ends before the memory is full


class Recent:
    """Remembers the last `most` keys (shape (n, 2), uint64), or 39 of 40 of them, at 17 bytes a slot.

    Memory doubles as it fills.  Keys come in portions of one 240th; near `most` the oldest ones go, bit by bit.

    >>> memory = Recent(1_000, days=30)
    >>> memory.seen(np.array([[1, 2], [3, 4], [1, 2]], np.uint64), day=20_000).tolist()
    [False, False, True]
    """

    def __init__(self, most: int, *, days: int, entries: int = 1024) -> None:
        self._most, self._days, self._size = most, days, -(-most // _PORTIONS)
        self._slots = Slots(min(entries, most), values=np.uint8)
        self._first = self._last = 0  # numbers of the oldest and the newest portion
        self._taken = 0  # keys of the newest one
        self._came = np.zeros(_RING, np.int64)  # day of a portion's newest key
        self._cut = self._at = 0  # portions that go now, and the slot up to which they are gone
        self.forgotten = 0
        """Keys that are not remembered any more."""
        self.early = 0
        """Those of them that came less than `days` before."""

    def __len__(self) -> int:
        return self._slots.count

    @property
    def nbytes(self) -> int:
        """Memory of the slots."""
        return self._slots.nbytes

    def seen(self, keys: Keys, *, day: int) -> NDArray[np.bool_]:
        """Which keys were there, or earlier in `keys`; the others are remembered from now on (days since 1970)."""
        keys, out = plain(keys, np.uint64), np.empty(len(keys), np.bool_)
        done = 0
        while True:
            slots, stamp = self._slots, self._last % _RING
            room = min(slots.limit - slots.count, self._most - slots.count, self._size - self._taken)
            at, added = seen_since(slots.keys, slots.values, slots.bits, room, stamp, keys[done:], out[done:])
            if added:
                slots.count += added
                self._taken += added
                self._came[stamp] = max(self._came[stamp], day)
                self._go_on(added * _A_KEY)
            done += at
            if done == len(keys):
                return out
            self._make_room(day)

    def knows(self, keys: Keys) -> NDArray[np.bool_]:
        """Which keys are there; nothing is remembered.

        >>> memory = Recent(1_000, days=30)
        >>> memory.seen(np.array([[1, 2]], np.uint64), day=20_000).tolist()
        [False]
        >>> [memory.knows(np.array([[1, 2], [3, 4]], np.uint64)).tolist() for _ in range(2)]
        [[True, False], [True, False]]
        """
        found: NDArray[np.bool_] = there(self._slots.keys, self._slots.bits, plain(keys, np.uint64))
        return found

    def forget(self, keys: Keys) -> None:
        """Take keys out again, as a rollback does."""
        slots = self._slots
        slots.count -= remove_all(slots.keys, slots.values, slots.bits, plain(keys, np.uint64))

    def lacks(self, other: Recent, *, days: int) -> int:
        """How many keys it does not have of those that came to the other in its last days."""
        slots, newest = other._slots, int(other._came.max())
        late = (other._came >= newest - days)[slots.values]
        keys = plain(slots.keys[slots.taken & late], np.uint64)
        return int(np.count_nonzero(~self.knows(keys)))

    def dump(self) -> dict[str, NDArray[np.generic]]:
        """Keys, their portions and what is known of these, as arrays, for `load`."""
        taken, about = self._slots.taken, np.array([self._first, self._last, self._taken], np.int64)
        return {
            "keys": self._slots.keys[taken],
            "stamps": self._slots.values[taken],
            "came": self._came,
            "about": about,
        }

    def load(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Replace everything with a `dump`; of more keys than there is room for the newest stay.

        Slots are wide enough from the start: a dump has keys in the order of their slots, and in a table that grows
        meanwhile they would all crowd into its first slots.
        """
        keys, stamps = arrays["keys"].astype(np.uint64), arrays["stamps"].astype(np.uint8)
        first, last, taken = (int(number) for number in arrays["about"])
        came, ages = arrays["came"].astype(np.int64), (last - stamps.astype(np.int64)) % _RING
        order = np.argsort(-ages, kind="stable")[max(0, len(keys) - self._most) :]  # oldest first
        self._slots, self._cut, self._at = Slots(len(order), values=np.uint8), 0, 0
        if len(order) < len(keys) or self._size < taken:  # of a larger memory: in portions of its own
            gone = np.setdiff1d(np.arange(len(keys)), order)
            self.forgotten += len(gone)
            self.early += int(np.count_nonzero(came[stamps[gone]] > came.max() - self._days))
            self._first = self._last = self._taken = 0
            for age in np.unique(ages[order])[::-1].tolist():
                self.seen(keys[order][ages[order] == age], day=int(came[(last - age) % _RING]))
            return
        self._first, self._last, self._taken, self._came = first, last, taken, came.copy()
        for stamp in np.unique(stamps).tolist():
            some, slots = plain(keys[stamps == stamp], np.uint64), self._slots
            _, added = seen_since(
                slots.keys, slots.values, slots.bits, len(some), stamp, some, np.empty(len(some), np.bool_)
            )
            slots.count += added

    def _make_room(self, day: int) -> None:
        slots = self._slots
        if self._taken >= self._size:
            while self._last + 1 - self._first >= _RING:
                self._end_pass()
            self._last, self._taken = self._last + 1, 0
            self._came[self._last % _RING] = day
        elif slots.count >= self._most:
            self._end_pass()
        else:
            slots.grow()
            self._at = 0

    def _go_on(self, slots: int) -> None:
        """Take the oldest portions out of some slots, if there is little room."""
        if not self._cut:
            if self._slots.count < self._most - _SPARE * self._size or self._last - self._first <= _AT_ONCE:
                return
            self._cut, self._at = _AT_ONCE, 0
        whole = 1 << self._slots.bits
        count = min(slots, whole - self._at)
        first, cut = self._first % _RING, self._cut
        oldest = [int(self._came[(first + n) % _RING]) for n in range(cut)]
        young = int(self._came.max()) - self._days
        early = next((n for n, came in enumerate(oldest) if came > young), cut)  # from this portion on
        gone, soon = drop_some(
            self._slots.keys, self._slots.values, self._slots.bits, self._at, count, first, cut, early
        )
        self._slots.count -= gone
        self.forgotten += gone
        self.early += soon
        self._at += count
        if self._at == whole:
            self._first, self._cut, self._at = self._first + cut, 0, 0

    def _end_pass(self) -> None:
        if not self._cut:
            self._cut, self._at = min(_AT_ONCE, max(1, self._last - self._first)), 0
        while self._cut:
            self._go_on(1 << 22)
