"""Read windows: how long an event may serve a purpose.

"As of t" an event counts for a purpose with a window of N days if it happened on one of the last N days (UTC), the day
of t among them.  Nothing older than N days is ever read, what counts stays the same for a whole day, and so live state,
a refold and a training row agree.

Records of rings say when they happened and are cut when they are read.  Sums cannot be cut: each row keeps the oldest
day that was added to it, and when that has passed the window the row's sums are withheld until it is refolded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAY", "EVER", "FAR", "KINDS", "NO_WINDOWS", "Windows"]

DAY: Final = 86_400_000  # ms
FAR: Final = 1 << 24  # a day later than any
KINDS: Final = 256  # kinds of rows that there can be

_ALWAYS: Final = np.iinfo(np.int32).max  # no head is more than this
EVER: Final = -(1 << 62)  # every time is later


@dataclass(frozen=True, slots=True)
class Windows:
    """The purposes that have a read window: bit of the purpose mask → days.

    >>> windows, noon = Windows({1 << 10: 90}), 20_000 * DAY + DAY // 2
    >>> (noon - windows.cut(1 << 10, noon)) / DAY, windows.cut(1 << 4, noon) == EVER
    (89.5, True)

    A purpose that keeps some kinds of events for other times says how long for each kind; then `days` has the longest.

    >>> short = tuple(30 if kind == 16 else 90 for kind in range(KINDS))  # products that were viewed
    >>> (noon - Windows({1 << 10: 90}, {1 << 10: short}).cut(1 << 10, noon, kind=16)) / DAY
    29.5
    """

    days: Mapping[int, int]
    by_kind: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # (KINDS,) days by kind of row, 0 = for ever

    def __bool__(self) -> bool:
        return bool(self.days)

    def cut(self, bits: int, at: int, *, kind: int = 0) -> int:
        """The first moment (unix ms) at which a row of a kind still serves all purposes in a mask at a moment."""
        mine = [self.days_of(bit, kind) for bit in self.days if bits & bit]
        return max((_first_day(days, at) * DAY for days in mine if days), default=EVER)

    def days_of(self, bit: int, kind: int) -> int:
        """For how many days a row of a kind serves a purpose; 0 = for ever.

        >>> Windows({1 << 10: 90}).days_of(1 << 10, 16), Windows({1 << 10: 90}).days_of(1 << 4, 16)
        (90, 0)
        """
        return self.by_kind[bit][kind] if bit in self.by_kind else self.days.get(bit, 0)

    def cuts(self, at: int) -> tuple[NDArray[np.uint64], NDArray[np.int64], int]:
        """The bits of the purposes with a window (windows,), and the first moment at which rows still serve them.

        That moment by kind of row (windows, KINDS), and the latest of all.
        """
        bits = np.array(list(self.days), np.uint64)
        days = np.empty((len(bits), KINDS), np.int64)
        for place, bit in enumerate(self.days):
            days[place] = self.by_kind.get(bit, self.days[bit])
        moments = np.where(days > 0, (at // DAY + 1 - days) * DAY, EVER)
        return bits, moments, int(moments.max(initial=EVER))

    def within(self, masks: NDArray[np.uint64], rows: NDArray[np.void], at: int) -> NDArray[np.uint64]:
        """The purposes that rows (with `ts` and `kind`) may still serve at a moment, of those in their masks.

        >>> rows = np.zeros(2, [("ts", np.int64), ("kind", np.uint8)]); rows["ts"] = [DAY, 9 * DAY]
        >>> Windows({1: 7}).within(np.array([3, 3], np.uint64), rows, 10 * DAY).tolist()
        [2, 3]
        """
        if self.days:
            bits, moments, _ = self.cuts(at)
            for bit, first in zip(bits, moments, strict=True):
                masks = np.where(rows["ts"] < first[rows["kind"]], masks & ~bit, masks)
        return masks

    def inside(self, bit: int, rows: NDArray[np.void], at: int) -> NDArray[np.bool_]:
        """Which rows (with `ts` and `kind`) a purpose may still read at a moment.

        >>> rows = np.zeros(2, [("ts", np.int64), ("kind", np.uint8)]); rows["ts"] = [DAY, 9 * DAY]
        >>> Windows({1: 7}).inside(1, rows, 10 * DAY).tolist()
        [False, True]
        """
        if bit not in self.by_kind:
            return np.asarray(rows["ts"] >= self.cut(bit, at))
        return np.asarray(self.within(np.full(len(rows), bit, np.uint64), rows, at) & np.uint64(bit) != 0)

    def limits(self, bits: NDArray[np.uint64], at: int) -> NDArray[np.int32]:
        """What a head may hold as its oldest day and not be withheld at a moment, for each of these purposes."""
        held = [FAR - _first_day(self.days[bit], at) if bit in self.days else _ALWAYS for bit in bits.tolist()]
        return np.array(held, np.int32)

    def later(self, bits: NDArray[np.uint64]) -> NDArray[np.int32]:
        """By how many days a row's day is moved before a head keeps it, shape (KINDS, purposes).

        What counts for fewer days than others of the purpose is kept as if it were older; what counts for ever, as if
        it lay in days that never pass.
        """
        found = np.zeros((KINDS, len(bits)), np.int32)
        for place, bit in enumerate(bits.tolist()):
            if bit in self.by_kind:
                found[:, place] = [days - self.days[bit] if days else FAR for days in self.by_kind[bit]]
        return found

    def uneven(self, bit: int, kinds: Iterable[int]) -> bool:
        """Whether rows of these kinds serve a purpose for different times."""
        return bit in self.by_kind and len({self.by_kind[bit][kind] for kind in kinds}) > 1


NO_WINDOWS: Final = Windows({})
"""Every event counts for ever."""


def _first_day(days: int, at: int) -> int:
    """The first day since 1970 that counts at a moment."""
    return at // DAY + 1 - days
