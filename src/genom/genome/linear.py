"""A linear model over the genes of all people at once, at the speed of memory.

Cells of one half-life are added up as they lie there; what they are worth now is one factor a person and half-life.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genom.compiled import added_up
from genom.genome import kernel
from genom.genome.matrix import Matrix
from genom.genome.plan import Plan
from genom.genome.threads import on_threads, threads

__all__ = ["Linear"]


class Linear:
    """Scores everybody; made by the gate, which says what each gene needs."""

    def __init__(
        self, matrix: Matrix, plan: Plan, weights: NDArray[np.float64], *, column: int, needs: NDArray[np.uint64]
    ) -> None:
        cells = len(plan.decayed) + len(plan.whole)
        if len(weights) != len(plan.genes) or cells != len(plan.genes):
            raise ValueError("a linear model takes one weight for each of its genes, which are counts and sums")
        layout, table = matrix.layout, matrix.layout.table
        self._fading, self._whole = np.zeros(layout.decayed_cells, np.float32), np.zeros(layout.integer_cells)
        np.add.at(self._fading, plan.cells, weights[plan.decayed].astype(np.float32))
        np.add.at(self._whole, plan.integers, weights[plan.whole] * plan.units)
        self._blocks, self._half_lives = table.block_starts.astype(np.int64), table.half_lives
        self._used = np.flatnonzero(self._whole)
        self._matrix, self._column = matrix, column
        self._need = np.uint64(np.bitwise_or.reduce(needs, initial=0))

    def score(self, effective: NDArray[np.uint64], *, at: int) -> NDArray[np.float64]:
        """The scores of persons 0 … at a moment (unix ms), given what each permits now; NaN where it may not be read.

        A person who permits less than all genes need has no score, and neither has one of whom nothing is known.
        """
        found = np.full(len(effective), np.nan)
        if self._column < 0:
            return found
        if self._matrix.windowed(self._column):
            effective = effective & ~self._matrix.outlived_bits(np.arange(len(effective)), self._column, at)
        state = self._matrix.state
        ticks = at // self._half_lives
        rest = np.exp2(-(at % self._half_lives) / self._half_lives)

        def part(n: int, parts: int) -> int:
            first, last = len(found) * n // parts, len(found) * (n + 1) // parts
            _score(
                first, last, self._column, effective, self._need, self._fading, self._whole, self._used, self._blocks,
                ticks, rest, state.heads, state.decayed, state.integers, found,
            )  # fmt: skip
            return 0

        on_threads(part, threads())
        return found


@added_up
def _score(  # noqa: PLR0917 -- a compiled function takes its arrays by position
    first: int, last: int, column: int, effective: Any, need: Any, fading: Any, whole: Any, used: Any, blocks: Any,
    ticks: Any, rest: Any, heads: Any, decayed: Any, integers: Any, found: Any,
) -> None:  # fmt: skip
    flat, purposes, cells = decayed.reshape(decayed.size), decayed.shape[1], decayed.shape[2]
    for person in range(first, last):
        if (effective[person] & need) != need or heads[person, column, kernel.SEEN] == 0:
            continue
        base, score = np.uint64((person * purposes + column) * cells), 0.0
        for h in range(len(ticks)):
            total = np.float32(0.0)
            for i in range(np.uint64(blocks[h]), np.uint64(blocks[h + 1])):
                total += flat[base + i] * fading[i]
            score += total * kernel._power(np.int64(heads[person, column, h]) * kernel._STEP - ticks[h]) * rest[h]  # noqa: SLF001
        for k in used:
            score += integers[person, column, k] * whole[k]
        found[person] = score
