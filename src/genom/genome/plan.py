"""A plan to read many numeric genes of a view at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genom.genome.genes import Gene
from genom.genome.ops import OPS, UNITS, Storage
from genom.genome.program import Layout

__all__ = ["Plan", "plan_of"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_QUOTIENTS = frozenset({"mean", "ratio", "share"})


@dataclass(frozen=True, slots=True)
class _Quotients:
    """Genes that divide one cell by another: places in the result, then places in the row."""

    at: Integers
    over: Integers
    under: Integers
    over_units: Floats  # stored integers that are one, for those that are kept for ever
    under_units: Floats
    spans: Integers  # half-life, for those that fade


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the genes' values stand in a row: places in the result, then places in the row."""

    genes: tuple[Gene, ...]  # those that were asked for, then those that only formulas read
    shown: int  # how many were asked for
    decayed: Integers
    cells: Integers
    whole: Integers  # counts and sums for ever
    integers: Integers
    units: Floats  # what one integer is worth
    others: tuple[tuple[int, Gene], ...]  # read one by one
    formulas: tuple[tuple[int, Gene, tuple[tuple[str, int], ...]], ...]  # each after those that it reads, and where
    families: dict[str, Integers]  # family → places in the result that come from it
    elsewhere: dict[str, Integers]  # purpose → places of genes that are not kept for it
    packed: Integers  # half-lives, then the places of each kind of gene, one after the other, for `vector.read_cells`
    worth: Floats  # units and quotients' units one after the other


def plan_of(layout: Layout, genes: tuple[Gene, ...]) -> Plan:
    """The plan for genes of a layout; histograms have no single value and may not stand among them."""
    every = (*genes, *_inputs(layout, genes))
    kinds: dict[str, list[int]] = {kind: [] for kind in ("decayed", "whole", "recent", "fading", "lasting", "other")}
    families: dict[str, list[int]] = {}
    for place, gene in enumerate(every):
        kinds.setdefault(_kind_of(gene), []).append(place)
        for family in layout.genes.families(gene):
            families.setdefault(family, []).append(place)
    starts = {place: layout.places[gene.id].start for place, gene in enumerate(every) if gene.id in layout.places}
    cells, integers, times = (_ints(starts[p] for p in kinds[kind]) for kind in ("decayed", "whole", "recent"))
    at = {gene.id: place for place, gene in reversed(list(enumerate(every)))}
    decayed, whole, recent = (_ints(kinds[kind]) for kind in ("decayed", "whole", "recent"))
    fading, lasting = (_quotients(layout, every, kinds[kind]) for kind in ("fading", "lasting"))
    units = np.array([1.0 / UNITS.get(every[p].property, 1) for p in kinds["whole"]])
    parts = (
        layout.table.half_lives, decayed, cells, layout.cell_spans[cells], whole, integers, recent, times,
        fading.at, fading.over, fading.under, fading.spans, lasting.at, lasting.over, lasting.under,
    )  # fmt: skip
    return Plan(
        genes=every,
        shown=len(genes),
        decayed=decayed,
        cells=cells,
        whole=whole,
        integers=integers,
        units=units,
        others=tuple((p, every[p]) for p in kinds["other"]),
        formulas=tuple(
            (p, every[p], tuple((name, at[name]) for name in every[p].inputs))
            for p in _ordered(every, kinds.get("formula", []))
        ),
        families={family: _ints(places) for family, places in families.items()},
        elsewhere={
            purpose: _ints(p for p, gene in enumerate(every) if gene.purposes and purpose not in gene.purposes)
            for purpose in layout.genes.purposes
        },
        packed=np.concatenate([np.cumsum([len(parts) + 1, *map(len, parts)]), *parts]).astype(np.int64),
        worth=np.concatenate([units, lasting.over_units, lasting.under_units]),
    )


def _inputs(layout: Layout, genes: Iterable[Gene]) -> list[Gene]:
    """What formulas read and was not asked for."""
    asked, found, open_ = {gene.id for gene in genes}, dict[str, Gene](), list(genes)
    while open_:
        for name in open_.pop().inputs:
            if name not in asked and name not in found:
                found[name] = layout.genes[name]
                open_.append(layout.genes[name])
    return list(found.values())


def _ordered(genes: tuple[Gene, ...], places: list[int]) -> Iterator[int]:
    """The places of formulas, those that others read first."""
    by_id, done = {genes[p].id: p for p in places}, set[int]()

    def visit(place: int) -> Iterator[int]:
        if place not in done:
            done.add(place)
            for name in genes[place].inputs:
                if name in by_id:
                    yield from visit(by_id[name])
            yield place

    for place in places:
        yield from visit(place)


def _quotients(layout: Layout, genes: tuple[Gene, ...], places: list[int]) -> _Quotients:
    pairs = [[part.start for part in layout.parts[genes[p].id]] for p in places]
    over = _ints(pair[0] for pair in pairs)
    return _Quotients(
        at=_ints(places),
        over=over,
        under=_ints(pair[1] for pair in pairs),
        over_units=np.array([float(UNITS.get(genes[p].property, 1)) for p in places]),
        under_units=np.array([float(UNITS.get(genes[p].base_property, 1)) for p in places]),
        spans=layout.cell_spans[over] if places and genes[places[0]].decayed else _ints(()),
    )


def _kind_of(gene: Gene) -> str:
    if gene.op == "recency":
        return "recent"
    if gene.op in _QUOTIENTS:
        return "fading" if gene.decayed else "lasting"
    if gene.op in {"count", "sum"}:
        return "decayed" if gene.decayed else "whole"
    return "formula" if gene.op in OPS and OPS[gene.op].storage is Storage.NONE else "other"


def _ints(numbers: object) -> Integers:
    return np.fromiter(numbers, np.int64)  # type: ignore[call-overload, no-any-return]  # any iterable of integers
