"""Refold, the one repair: a person's row is thrown away and folded again from the journal's rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genom.genome.matrix import Matrix
from genom.genome.program import Layout

__all__ = ["known_before", "refold"]


def known_before(rows: NDArray[np.void], at: int) -> NDArray[np.bool_]:
    """Which rows count "as of" a moment: those that happened and were known before it.

    >>> import numpy as np
    >>> from genom.words import ROW
    >>> rows = np.zeros(2, ROW); rows["ts"] = [5, 5]; rows["known_at"] = [5, 20]
    >>> known_before(rows, 10).tolist()
    [True, False]
    """
    return np.asarray(np.maximum(rows["ts"], rows["known_at"]) < at)


def refold(layout: Layout, rows: NDArray[np.void], masks: NDArray[np.uint64]) -> Matrix:
    """A matrix that holds one person, in row 1, folded from these rows (ROW, with the purposes that they serve)."""
    matrix = Matrix(layout, 1)
    matrix.fold(rows, masks, np.ones(len(rows), np.int64))
    return matrix
