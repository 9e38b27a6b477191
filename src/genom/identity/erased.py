"""Identifiers of erased people: what happened before an erasure does not come back when it is sent again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genom.tables import Table128

__all__ = ["ErasedIdentifiers"]


class ErasedIdentifiers:
    """Keyed hashes of identifiers, and until when what happened to each is refused.

    >>> erased = ErasedIdentifiers(max_entries=100)
    >>> erased.add(np.array([[1, 2]], np.uint64), at=50)
    >>> erased.refuses(np.array([[1, 2], [1, 2], [3, 4]], np.uint64), np.array([50, 51, 50])).tolist()
    [True, False, False]
    """

    def __init__(self, *, max_entries: int) -> None:
        self._until = Table128(max_entries=max_entries)

    def __len__(self) -> int:
        return len(self._until)

    def add(self, keys: NDArray[np.uint64], *, at: int) -> None:
        """These identifiers (shape (n, 2): low, high) were erased at a moment (unix ms).  Raises Busy at the limit."""
        self._until.put(keys, np.full(len(keys), at, np.int64))

    def refuses(self, keys: NDArray[np.uint64], ts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which events are not taken: at `ts` (unix ms) their identifier belonged to somebody who is erased."""
        return np.asarray(ts <= self._until.find(keys))  # -1 for an identifier that was never erased
