"""Identifiers of erased people: what happened before an erasure does not come back when it is sent again."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.tables import Table128

__all__ = ["ErasedIdentifiers"]

_AHEAD: Final = 86_400_000  # ms that a clock may be ahead unnoticed
_FRESH: Final = 3_600_000  # ms
_MOST: Final = 1 << 40  # no setting bounds them: after a restore the ledger may name more than the node has room for


class ErasedIdentifiers:
    """Keyed hashes of identifiers, and until when what happened to each is refused.

    >>> erased = ErasedIdentifiers()
    >>> erased.add(np.array([[1, 2]], np.uint64), at=50)
    >>> keys, ts, sure = np.array([[1, 2], [1, 2], [3, 4]], np.uint64), np.array([50, 51, 50]), np.zeros(3, np.bool_)
    >>> erased.refuses(keys, ts, clamped=sure, now=60).tolist()
    [True, False, False]
    """

    def __init__(self) -> None:
        self._until = Table128(max_entries=_MOST)

    def __len__(self) -> int:
        return len(self._until)

    def add(self, keys: NDArray[np.uint64], *, at: int) -> None:
        """These identifiers (shape (n, 2): low, high) were erased at a moment (unix ms)."""
        self._until.put(keys, np.full(len(keys), at, np.int64))

    def refuses(
        self, keys: NDArray[np.uint64], ts: NDArray[np.int64], *, clamped: NDArray[np.bool_], now: int
    ) -> NDArray[np.bool_]:
        """Which events are not taken: at `ts` (unix ms) their identifier belonged to somebody who is erased.

        An erasure that lies more than a day ahead of `now` (unix ms) was dated by a clock that was ahead.  It refuses
        as all do, but for what has just happened: that is of whoever has the identifier now.  `clamped` are those
        whose own time is still to come, so that nobody knows when they were.
        """
        until = self._until.find(keys)  # -1 for an identifier that was never erased
        just_now = (until > now + _AHEAD) & (ts > now - _FRESH) & ~clamped
        return np.asarray((ts <= until) & ~just_now)
