"""A map from 128-bit keys to numbers that costs 24 bytes a slot."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genom.errors import Busy
from genom.tables.probing import Keys, Values, find_all, insert_all, move_all, plain, remove_all

__all__ = ["Slots", "Table128"]


class Slots:
    """The arrays behind a table: a power of two of slots, at most three quarters of them taken."""

    __slots__ = ("bits", "count", "keys", "values")

    def __init__(self, entries: int, *, values: type[np.generic] | None) -> None:
        self.bits = max(4, (entries * 4 // 3).bit_length())
        self.count = 0
        self.keys: Keys = np.zeros((1 << self.bits, 2), np.uint64)
        self.values: NDArray[Any] = np.zeros(0 if values is None else 1 << self.bits, values or np.int64)

    @property
    def limit(self) -> int:
        """Entries that fit before the slots must double."""
        return (1 << self.bits) * 3 // 4

    @property
    def taken(self) -> NDArray[np.bool_]:
        """Which slots hold a key."""
        taken: NDArray[np.bool_] = (self.keys[:, 0] | self.keys[:, 1]) != 0
        return taken

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self.keys.nbytes + self.values.nbytes

    def grow(self) -> None:
        """Double the slots."""
        wider = Slots(self.limit * 2 - 1, values=self.values.dtype.type if self.values.size else None)
        move_all(self.keys, self.values, wider.keys, wider.values, wider.bits)
        self.bits, self.keys, self.values = wider.bits, wider.keys, wider.values


class Table128:
    """Maps keys (shape (n, 2), uint64: low, high) to values of zero or more; grows up to `max_entries`.

    >>> table = Table128(max_entries=1_000)
    >>> keys = np.array([[1, 2], [3, 4], [1, 2]], np.uint64)
    >>> table.insert(keys, np.array([10, 11, 12])).tolist()
    [-1, -1, 10]
    >>> table.find(keys).tolist(), len(table)
    ([10, 11, 10], 2)
    """

    def __init__(self, entries: int = 1024, *, max_entries: int) -> None:
        self._slots = Slots(min(entries, max_entries), values=np.int64)
        self._max_entries = max_entries

    def __len__(self) -> int:
        return self._slots.count

    @property
    def nbytes(self) -> int:
        """Memory of the table: 24 bytes a slot, so 32 bytes an entry when it is about to grow, 64 when it has grown."""
        return self._slots.nbytes

    @property
    def arrays(self) -> tuple[Keys, Values, int]:
        """Keys, values and the number of bits of a slot, for a kernel that looks up one by one with `locate`."""
        return self._slots.keys, self._slots.values, self._slots.bits

    def find(self, keys: Keys) -> Values:
        """Each key's value, -1 if it is absent."""
        slots, out = self._slots, np.empty(len(keys), np.int64)
        find_all(slots.keys, slots.values, slots.bits, plain(keys, np.uint64), out)
        return out

    def insert(self, keys: Keys, values: Values) -> Values:
        """Add the keys that are not yet in; returns the values that were there before, -1 for a new key.

        A key that occurs twice in `keys` is new once. Raises Busy, with nothing changed, if there is no room.
        """
        return self._write(keys, values, replace=False)

    def put(self, keys: Keys, values: Values) -> Values:
        """As `insert`, and a key that was there gets the new value."""
        return self._write(keys, values, replace=True)

    def remove(self, keys: Keys) -> int:
        """Take keys out; returns how many were in."""
        slots = self._slots
        removed = remove_all(slots.keys, slots.values, slots.bits, plain(keys, np.uint64))
        slots.count -= removed
        return removed

    def dump(self) -> dict[str, NDArray[np.generic]]:
        """All entries as arrays, for `load`."""
        taken = self._slots.taken
        return {"keys": self._slots.keys[taken], "values": self._slots.values[taken]}

    def load(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Replace all entries with those of a `dump`."""
        self._slots = Slots(len(arrays["keys"]), values=np.int64)
        self.insert(arrays["keys"].astype(np.uint64), arrays["values"].astype(np.int64))

    def _write(self, keys: Keys, values: Values, *, replace: bool) -> Values:
        keys, values = plain(keys, np.uint64), plain(values, np.int64)
        self._check_room(keys)
        out = np.empty(len(keys), np.int64)
        slots, done = self._slots, 0
        while True:
            room = slots.limit - slots.count
            at, added = insert_all(
                slots.keys, slots.values, slots.bits, room, keys[done:], values[done:], out[done:], replace
            )
            slots.count += added
            done += at
            if done == len(keys):
                return out
            slots.grow()

    def _check_room(self, keys: Keys) -> None:
        room = self._max_entries - self._slots.count
        if len(keys) <= room:
            return
        new = len(np.unique(keys[self.find(keys) < 0], axis=0))
        if new > room:
            raise Busy(
                f"There is no room for {new} more entries.",
                why=f"{self._slots.count} of {self._max_entries} are taken",
                fix="raise the limit in settings.yaml and restart",
            )
