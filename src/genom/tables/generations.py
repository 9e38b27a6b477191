"""A bounded memory of keys: when it is full, the older half is forgotten at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genom.tables.probing import Keys, has_all, plain, remove_all, seen_all
from genom.tables.table import Slots

__all__ = ["Generations"]


class Generations:
    """Remembers at least the last `max_entries // 2` keys (shape (n, 2), uint64), at 16 bytes a slot.

    Memory doubles as it fills; `entries` reserves room beforehand, because doubling millions of keys takes a while.

    >>> memory = Generations(1_000)
    >>> memory.seen(np.array([[1, 2], [3, 4], [1, 2]], np.uint64)).tolist()
    [False, False, True]
    """

    def __init__(self, max_entries: int, *, entries: int = 1024) -> None:
        self._half = max(1, max_entries // 2)
        self._current = Slots(min(entries, self._half), with_values=False)
        self._older = Slots(0, with_values=False)
        self.forgotten = 0  # keys dropped since the start

    def __len__(self) -> int:
        return self._current.count + self._older.count

    @property
    def nbytes(self) -> int:
        """Memory of both halves."""
        return self._current.nbytes + self._older.nbytes

    def seen(self, keys: Keys) -> NDArray[np.bool_]:
        """Which keys were there, or earlier in `keys`; the others are remembered from now on."""
        keys, out = plain(keys, np.uint64), np.empty(len(keys), np.bool_)
        done = 0
        while True:
            now, older = self._current, self._older
            room = min(now.limit, self._half) - now.count
            at, added = seen_all(now.keys, now.bits, older.keys, older.bits, room, keys[done:], out[done:])
            now.count += added
            done += at
            if done == len(keys):
                return out
            self._make_room()

    def knows(self, keys: Keys) -> NDArray[np.bool_]:
        """Which keys are there; nothing is remembered.

        >>> memory = Generations(1_000)
        >>> memory.remember(np.array([[1, 2]], np.uint64))
        >>> [memory.knows(np.array([[1, 2], [3, 4]], np.uint64)).tolist() for _ in range(2)]
        [[True, False], [True, False]]
        """
        out = np.empty(len(keys), np.bool_)
        has_all(self._current.keys, self._current.bits, self._older.keys, self._older.bits, plain(keys, np.uint64), out)
        return out

    def remember(self, keys: Keys) -> None:
        """Remember keys of the past, oldest first, as a replay does."""
        self.seen(keys)

    def forget(self, keys: Keys) -> None:
        """Take keys out again, as a rollback does."""
        for half in (self._current, self._older):
            half.count -= remove_all(half.keys, half.values, half.bits, plain(keys, np.uint64))

    def dump(self) -> dict[str, NDArray[np.generic]]:
        """Both halves as arrays, for `load`."""
        halves = {"current": self._current, "older": self._older}
        return {name: half.keys[half.taken] for name, half in halves.items()}

    def load(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Replace everything with a `dump`."""
        self._older, self._current = self._filled(arrays["older"]), self._filled(arrays["current"])

    def _filled(self, keys: NDArray[np.generic]) -> Slots:
        """Slots with these keys, wide enough from the start.

        A dump has them in the order of their slots: in a table that grows meanwhile they would all crowd into its first
        slots, and each search would pass most of those before it.
        """
        kept = plain(keys[: self._half].astype(np.uint64), np.uint64)
        self.forgotten += len(keys) - len(kept)
        slots, none = Slots(len(kept), with_values=False), Slots(0, with_values=False)
        _, slots.count = seen_all(
            slots.keys, slots.bits, none.keys, none.bits, len(kept), kept, np.empty(len(kept), np.bool_)
        )
        return slots

    def _make_room(self) -> None:
        if self._current.count < self._half:
            self._current.grow()
            return
        self.forgotten += self._older.count
        self._older = self._current
        self._current = Slots(0, with_values=False)
