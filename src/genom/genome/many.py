"""The numbers of many genes of many people at once: of each what `View.numbers` gives, at a fraction of its cost.

What stands in cells comes by one compiled call for everybody, a formula is evaluated once for all of them, and each
gene of rings, bitmaps or registers comes by a call of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.genome import kernel
from genom.genome.cells_many import SEVERAL
from genom.genome.formula import evaluate
from genom.genome.matrix import Matrix
from genom.genome.plan import Plan
from genom.genome.ring_many import RingsOfMany
from genom.genome.vector import NEVER, read_cells

if TYPE_CHECKING:
    from genom.genome.gate import View

__all__ = ["read_many"]

Floats = NDArray[np.float64]

_FEW = 8  # people for whom a formula is evaluated one by one: a call for all of them costs as much as for so many


def read_many(
    matrix: Matrix, plan: Plan, who: NDArray[np.int64], *, column: int, needs: NDArray[np.uint64],
    effective: NDArray[np.uint64], at: int, view: Callable[[int, int], View],
) -> Floats:  # fmt: skip
    """A plan's genes of these people, shape (people, genes); NaN where nothing is known or may be read.

    `column` is the purpose's place in the matrix, `needs` are the bits that each gene of the plan needs, `effective` is
    what each person permits now; `view` makes the view of a person's number and mask.
    """
    found = np.full((len(who), len(plan.genes)), np.nan)
    if column < 0:
        return found[:, : plan.shown]
    state, purpose = matrix.state, matrix.layout.table.purpose_bits[column]
    readable = (effective & purpose == purpose) & (state.heads[who, column, kernel.SEEN] > 0)
    aged = readable & matrix.outlived(who, column, at).any(axis=1) if matrix.windowed(column) else readable & False
    for place in np.flatnonzero(aged).tolist():  # what is cut at a window is a view's to say
        found[place, : plan.shown] = view(int(who[place]), int(effective[place])).numbers(plan)
    whole = np.flatnonzero(readable & ~aged)
    found[whole] = _whole(matrix, plan, who[whole], column, at)
    lacking = (effective[whole, None] & needs[None, :]) != needs[None, :]
    found[whole] = np.where(lacking | (needs == NEVER)[None, :], np.nan, found[whole])
    return found[:, : plan.shown]


def _whole(matrix: Matrix, plan: Plan, who: NDArray[np.int64], column: int, at: int) -> Floats:
    """All genes of people who permit the purpose, permitted each or not."""
    state, found = matrix.state, np.empty((len(who), len(plan.genes)))
    _cells_of(who, column, at, plan.packed, plan.worth, state.heads, state.decayed, state.integers, found)
    rings = RingsOfMany(matrix, who, column=column, at=at)
    for place, gene in plan.others:
        several = SEVERAL.get(gene.op)
        found[:, place] = several(matrix, gene, who, column, at) if several else rings.numbers(gene)
    for place, gene, inputs in plan.formulas:
        assert gene.formula is not None, "only formulas stand here"
        if len(who) <= _FEW:
            found[:, place] = [evaluate(gene.formula, {name: row[at] for name, at in inputs}) for row in found]
        else:
            found[:, place] = evaluate(gene.formula, {name: found[:, at] for name, at in inputs})
    return found


@compiled
def _cells_of(  # noqa: PLR0917 -- a compiled function takes its arrays by position
    who: Any, column: int, at: int, places: Any, units: Any, heads: Any, decayed: Any, integers: Any, found: Any
) -> None:
    for i in range(len(who)):
        read_cells(who[i], column, at, places, units, heads, decayed, integers, found[i])
