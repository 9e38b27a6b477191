"""Pending links that are already in the journal, so that each is recorded once and not with every event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genom.tables import Generations

__all__ = ["Pending"]

Pairs = Sequence[tuple[int, int]]  # two profiles each, in either order


class Pending:
    """A bounded memory: a link that it forgot is recorded a second time, which does no harm.

    >>> pending = Pending(1_000)
    >>> pending.first([(1, 2), (2, 1), (1, 3)])
    [True, False, True]
    """

    def __init__(self, max_entries: int = 1_000_000) -> None:
        self._seen = Generations(max_entries)

    def first(self, pairs: Pairs) -> list[bool]:
        """Which of these links are new; all are remembered. A replay calls it likewise."""
        first: list[bool] = (~self._seen.seen(_keys(pairs))).tolist()
        return first

    def forget(self, pairs: Pairs) -> None:
        """Take links out, because they were confirmed or undone."""
        self._seen.forget(_keys(pairs))


def _keys(pairs: Pairs) -> NDArray[np.uint64]:
    return np.array([(a, b) if a < b else (b, a) for a, b in pairs], np.uint64).reshape(-1, 2)
