"""Genes of many people that take several cells each: distinct values, variances, and numbers kept of one event.

Each says to the bit what the gene's op makes of one person's cells; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import log
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.genome import kernel
from genom.genome.genes import Gene
from genom.genome.matrix import Matrix
from genom.genome.ops import FADED, UNITS
from genom.genome.spans import milliseconds

__all__ = ["SEVERAL"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MINUTE: Final = 60_000  # ms
_HALF: Final = (1 << 32) - 1
_FADED: Final = FADED
_NUMBERS: Final = frozenset(UNITS)  # properties of which an event's number is kept


def _distinct(matrix: Matrix, gene: Gene, who: Integers, column: int, at: int) -> Floats:
    """Different values within the window, by the buckets that are empty of it."""
    place, window = matrix.layout.places[gene.id], milliseconds(gene.window) if gene.window else 0
    oldest = max(0, at - window) // _MINUTE + 1 if window else 1
    said, found = _said(gene.buckets), np.empty(len(who))
    _count(who, column, place.start, place.size, oldest, matrix.state.integers, said, found)
    return found


@lru_cache
def _said(buckets: int) -> Floats:
    """What a bitmap says, by how many of its buckets are empty."""
    return np.array([float(round(buckets * log(buckets / max(empty, 0.5)))) for empty in range(buckets + 1)])


def _variance(matrix: Matrix, gene: Gene, who: Integers, column: int, at: int) -> Floats:
    layout, state, found = matrix.layout, matrix.state, np.empty(len(who))
    parts = [part.start for part in layout.parts[gene.id]]
    if gene.decayed:
        span = int(layout.cell_spans[parts[0]])
        _fading(who, column, at, parts[0], parts[2], span, layout.table.half_lives, state.heads, state.decayed, found)
        return found
    places = [place for part in layout.parts[gene.id] for place in range(part.start, part.start + part.size)]
    unit = (1.0 / UNITS[gene.property]) ** 2
    for i, (low, high, whole, count) in enumerate(state.integers[who[:, None], column, places].tolist()):
        squares = (high << 64) + (low & (1 << 64) - 1)
        found[i] = (count * squares - whole * whole) / (count * count) * unit if count else np.nan
    return found


def _kept(matrix: Matrix, gene: Gene, who: Integers, column: int, at: int) -> Floats:  # noqa: ARG001 -- as the others
    """What a register holds, if that is a number."""
    if gene.property not in _NUMBERS:
        return np.full(len(who), np.nan)
    start = matrix.layout.places[gene.id].start
    line, value = (matrix.state.integers[who, column, start + place] for place in (2, 3))
    return np.where(line != 0, value * (1.0 / UNITS[gene.property]), np.nan)


SEVERAL: Final[dict[str, Callable[[Matrix, Gene, Integers, int, int], Floats]]] = {
    "distinct": _distinct, "variance": _variance, "first": _kept, "last": _kept,
}  # fmt: skip
"""Op → its genes' numbers of people at a moment: (matrix, gene, people, column of the purpose, unix ms)."""


@compiled
def _count(  # noqa: PLR0917 -- a kernel takes its arrays by position
    who: Any, column: int, start: int, size: int, oldest: int, integers: Any, said: Any, found: Any
) -> None:
    """Each cell holds two minutes, plus one; 0 = never."""
    for i in range(len(who)):
        empty, ever = 0, False
        for place in range(start, start + size):
            cell = integers[who[i], column, place]
            low, high = cell & _HALF, (cell >> 32) & _HALF
            empty += (low < oldest) + (high < oldest)
            ever |= cell != 0
        found[i] = said[empty] if ever else np.nan


@compiled
def _fading(  # noqa: PLR0917 -- a kernel takes its arrays by position
    who: Any, column: int, at: int, deviations: int, weight: int, span: int, half_lives: Any, heads: Any, decayed: Any,
    found: Any,
) -> None:  # fmt: skip
    for i in range(len(who)):
        cells, scale = decayed[who[i], column], kernel.scales(at, heads[who[i], column], half_lives)[span]
        below = cells[weight] * scale
        found[i] = cells[deviations] * scale / below if below >= _FADED else np.nan
