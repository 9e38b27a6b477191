"""Point-in-time rows: the gene vector of each (person, moment), folded by the live kernel and read through the gate.

A row is as of its moment: it holds only what happened and was known before (`max(ts, known_at) < t`, law L9).
Persons are folded in batches and each journal row once, however many moments a person is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.gate import Gate, View
from genom.genome.genes import Gene, Genes
from genom.genome.matrix import Matrix
from genom.genome.plan import plan_of
from genom.genome.program import Layout
from genom.words import ROW

__all__ = ["Cell", "Columns", "numeric_genes", "rows_at", "views_at", "whole_rows"]

_BATCH: Final = 512  # persons whose genes are in memory at once
_CHUNK: Final = 16_384  # journal rows that are copied at once: they are wide
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a histogram, as a column."""

    gene: str
    code: int


class Columns:
    """Which numbers are read of a view: single-valued genes, then cells."""

    def __init__(self, layout: Layout, genes: tuple[Gene, ...], cells: tuple[Cell, ...] = ()) -> None:
        for cell in cells:
            if not 0 <= cell.code < layout.places[cell.gene].size:
                raise ValueError(f"{cell.gene} has no cell {cell.code}")
        self._plan, self._cells = plan_of(layout, genes), cells
        self.names = (*(gene.id for gene in genes), *(f"{cell.gene}[{cell.code}]" for cell in cells))

    def read(self, view: View) -> Floats:
        """The numbers, NaN where nothing is known or may be read; never a text, a time or a whole histogram."""
        values = np.full(len(self._cells), np.nan)
        for i, cell in enumerate(self._cells):
            held = view.cells(cell.gene)
            if len(held):
                values[i] = held[cell.code]
        return np.concatenate([view.numbers(self._plan), values])


def numeric_genes(genes: Genes) -> tuple[Gene, ...]:
    """All genes whose value is a number.

    >>> from genom.genome import load_genes
    >>> "rhythm.order.recency" in {gene.id for gene in numeric_genes(load_genes())}
    True
    """
    return tuple(gene for gene in genes if gene.is_number)


def rows_at(
    layout: Layout,
    rows: NDArray[np.void],
    masks: NDArray[np.uint64],
    persons: NDArray[np.int64],
    *,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    effective: NDArray[np.uint64],
    purpose: str,
    purpose_bit: Callable[[str], int],
    columns: Columns,
) -> NDArray[np.float32]:
    """The columns of each (person, moment), shape (pairs, columns).

    `rows` (ROW, or those of its columns that a genome reads) belong to `persons` and serve what `masks` say; a caller
    that restricts the masks restricts what is seen.  `pairs` are the persons and the moments in unix ms; `effective` is
    what each pair's person permits now.
    """
    found = np.full((len(pairs[0]), len(columns.names)), np.nan, np.float32)
    for index, view in views_at(
        layout, rows, masks, persons, pairs=pairs, effective=effective, purpose=purpose, purpose_bit=purpose_bit
    ):
        found[index] = columns.read(view)
    return found


def views_at(
    layout: Layout,
    rows: NDArray[np.void],
    masks: NDArray[np.uint64],
    persons: NDArray[np.int64],
    *,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    effective: NDArray[np.uint64],
    purpose: str,
    purpose_bit: Callable[[str], int],
    term: Callable[[str, int], str] = lambda _property, code: str(code),
) -> Iterator[tuple[int, View]]:
    """The place of each pair, and its view; a view is good until the next one is asked for."""
    who, at = (np.asarray(part, np.int64) for part in pairs)
    wanted, by_person = np.unique(who), np.argsort(persons, kind="stable")
    sorted_persons, by_moment = persons[by_person], np.argsort(at, kind="stable")
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        mine = by_person[_between(sorted_persons, batch[0], batch[-1])]
        mine = mine[np.isin(persons[mine], batch)]
        known = np.maximum(rows["ts"][mine], rows["known_at"][mine])
        order = np.argsort(known, kind="stable")
        mine, known = mine[order], known[order]
        matrix = Matrix(layout, len(batch))
        gate = Gate(matrix, purpose_bit=purpose_bit, term=term)
        targets, folded = np.searchsorted(batch, persons[mine]) + 1, 0
        for index in by_moment[np.isin(who[by_moment], batch)].tolist():
            moment = int(at[index])
            until = int(np.searchsorted(known, moment, side="left"))
            for first in range(folded, until, _CHUNK):
                now = slice(first, min(first + _CHUNK, until))
                matrix.fold(whole_rows(rows[mine[now]]), masks[mine[now]], targets[now])
            folded = max(folded, until)
            row = int(np.searchsorted(batch, who[index])) + 1
            yield index, gate.view(row, purpose=purpose, effective=int(effective[index]), at=moment)


def whole_rows(rows: NDArray[np.void]) -> NDArray[np.void]:
    """Rows that were kept without some columns as ROW again; those columns are 0."""
    if rows.dtype == ROW:
        return rows
    whole = np.zeros(len(rows), ROW)
    for name in rows.dtype.names or ():
        whole[name] = rows[name]
    return whole


def _between(ascending: NDArray[np.int64], first: int, last: int) -> slice:
    """The places of values from `first` to `last`."""
    return slice(int(np.searchsorted(ascending, first, "left")), int(np.searchsorted(ascending, last, "right")))
