"""Point-in-time rows: the gene vector of each (person, moment), folded by the live kernel and read through the gate.

A row is as of its moment: it holds only what happened and was known before (`max(ts, known_at) < t`, law L9).
Persons are folded in batches, all to their first moment, then to their second, and so on: each journal row once,
however many moments a person is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

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


class _Step(NamedTuple):
    """Some pairs whose persons have been folded to their moments."""

    gate: Gate
    pairs: list[int]
    rows: list[int]  # of the gate's matrix, for each pair

    def views(
        self, at: NDArray[np.int64], *, effective: NDArray[np.uint64], purpose: str
    ) -> Iterator[tuple[int, View]]:
        """The place of each pair, and its view."""
        for pair, row in zip(self.pairs, self.rows, strict=True):
            may = int(effective[pair])
            yield pair, self.gate.view(row, purpose=purpose, effective=may, at=int(at[pair]))


def _numbered(_property: str, code: int) -> str:
    return str(code)


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

    def read_all(
        self, step: _Step, found: NDArray[np.float32], at: NDArray[np.int64], *, effective: NDArray[np.uint64],
        purpose: str,
    ) -> None:  # fmt: skip
        """The numbers of a step's pairs, into their rows of `found`."""
        if self._cells or self._plan.others or self._plan.formulas:
            for pair, view in step.views(at, effective=effective, purpose=purpose):
                found[pair] = self.read(view)
            return
        vector = step.gate.vector(self._plan, purpose=purpose)  # ten times as fast where all genes stand in cells
        for pair, row in zip(step.pairs, step.rows, strict=True):
            found[pair] = vector.read(row, effective=int(effective[pair]), at=int(at[pair]))


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
    for step in _steps(layout, rows, masks, persons, pairs=pairs, purpose_bit=purpose_bit, term=_numbered):
        columns.read_all(step, found, pairs[1], effective=effective, purpose=purpose)
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
    term: Callable[[str, int], str] = _numbered,
) -> Iterator[tuple[int, View]]:
    """The place of each pair, and its view; a view is good until the next one is asked for."""
    for step in _steps(layout, rows, masks, persons, pairs=pairs, purpose_bit=purpose_bit, term=term):
        yield from step.views(pairs[1], effective=effective, purpose=purpose)


def _steps(
    layout: Layout, rows: NDArray[np.void], masks: NDArray[np.uint64], persons: NDArray[np.int64], *,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]], purpose_bit: Callable[[str], int],
    term: Callable[[str, int], str],
) -> Iterator[_Step]:  # fmt: skip
    """Batches of persons, brought to everybody's first moment, then to everybody's second, and so on."""
    who, at = (np.asarray(part, np.int64) for part in pairs)
    wanted, by_person = np.unique(who), np.argsort(persons, kind="stable")
    sorted_persons, by_pair = persons[by_person], np.lexsort((at, who))
    sorted_who = who[by_pair]
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        asked = by_pair[_between(sorted_who, batch[0], batch[-1])]
        mine = by_person[_between(sorted_persons, batch[0], batch[-1])]
        mine = mine[np.isin(persons[mine], batch)]
        known = np.maximum(rows["ts"][mine], rows["known_at"][mine])
        targets = np.searchsorted(batch, persons[mine]) + 1
        numbers = np.searchsorted(batch, who[asked]) + 1
        rank = np.arange(len(asked)) - np.searchsorted(numbers, numbers, "left")
        when = _ranks(targets, known, numbers, at[asked], rank)
        order = np.lexsort((known, when))
        mine, targets, when = mine[order], targets[order], when[order]
        matrix = Matrix(layout, len(batch))
        gate = Gate(matrix, purpose_bit=purpose_bit, term=term)
        for step in range(int(rank.max()) + 1):
            due = _between(when, step, step)
            for first in range(due.start, due.stop, _CHUNK):
                now = slice(first, min(first + _CHUNK, due.stop))
                matrix.fold(whole_rows(rows[mine[now]]), masks[mine[now]], targets[now])
            chosen = rank == step
            yield _Step(gate, asked[chosen].tolist(), numbers[chosen].tolist())


def _ranks(
    targets: NDArray[np.int64], known: NDArray[np.int64], numbers: NDArray[np.int64], at: NDArray[np.int64],
    rank: NDArray[np.int64],
) -> NDArray[np.int64]:  # fmt: skip
    """For each journal row the rank of its person's first moment that is later than it was known; -1 for none.

    `numbers` and `at` are persons and moments of pairs in ascending order, `rank` counts a person's moments from 0.
    """
    begin = min(int(at.min()), int(known.min(initial=at.min())))
    span = max(int(at.max()), int(known.max(initial=at.max()))) - begin + 1
    place = np.searchsorted(numbers * span + (at - begin), targets * span + (known - begin), "right")
    place = np.minimum(place, len(numbers) - 1)
    later = (numbers[place] == targets) & (at[place] > known)
    return np.where(later, rank[place], -1)


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
