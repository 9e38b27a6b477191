"""Read windows: how long an event may serve a purpose.

"As of t" an event counts for a purpose with a window of N days if it happened on one of the last N days (UTC), the day
of t among them.  Nothing older than N days is ever read, what counts stays the same for a whole day, and so live state,
a refold and a training row agree.

Records of rings say when they happened and are cut when they are read.  Sums cannot be cut: each row keeps the oldest
day that was added to it, and when that has passed the window the row's sums are withheld until it is refolded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAY", "EVER", "FAR", "NO_WINDOWS", "Windows"]

DAY: Final = 86_400_000  # ms
FAR: Final = 1 << 24  # a day later than any

_ALWAYS: Final = np.iinfo(np.int32).max  # no head is more than this
EVER: Final = -(1 << 62)  # every time is later


@dataclass(frozen=True, slots=True)
class Windows:
    """The purposes that have a read window: bit of the purpose mask → days.

    >>> windows, noon = Windows({1 << 10: 90}), 20_000 * DAY + DAY // 2
    >>> (noon - windows.cut(1 << 10, noon)) / DAY, windows.cut(1 << 4, noon) == EVER
    (89.5, True)
    """

    days: Mapping[int, int]

    def __bool__(self) -> bool:
        return bool(self.days)

    def cut(self, bits: int, at: int) -> int:
        """The first moment (unix ms) that still serves all purposes in a mask at a moment."""
        return max((_first_day(days, at) * DAY for bit, days in self.days.items() if bits & bit), default=EVER)

    def cuts(self, at: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The bits of the purposes with a window, and the first moment that still serves each; both (windows,)."""
        bits = np.array(list(self.days), np.uint64)
        return bits, np.array([_first_day(days, at) * DAY for days in self.days.values()], np.int64)

    def within(self, masks: NDArray[np.uint64], ts: NDArray[np.int64], at: int) -> NDArray[np.uint64]:
        """The purposes that rows may still serve at a moment, of those in their masks; `ts`: when each happened.

        >>> masks, ts = np.array([3, 3], np.uint64), np.array([DAY, 9 * DAY])
        >>> Windows({1: 7}).within(masks, ts, 10 * DAY).tolist()
        [2, 3]
        """
        for bit, cut in zip(*self.cuts(at), strict=True):
            masks = np.where(ts < cut, masks & ~bit, masks)
        return masks

    def limits(self, bits: NDArray[np.uint64], at: int) -> NDArray[np.int32]:
        """What a head may hold as its oldest day and not be withheld at a moment, for each of these purposes."""
        held = [FAR - _first_day(self.days[bit], at) if bit in self.days else _ALWAYS for bit in bits.tolist()]
        return np.array(held, np.int32)


NO_WINDOWS: Final = Windows({})
"""Every event counts for ever."""


def _first_day(days: int, at: int) -> int:
    """The first day since 1970 that counts at a moment."""
    return at // DAY + 1 - days
