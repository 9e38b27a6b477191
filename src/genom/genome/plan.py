"""A plan to read many numeric genes of a view at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genom.genome.genes import Gene
from genom.genome.ops import OPS, Storage
from genom.genome.program import Layout

__all__ = ["Plan", "plan_of"]

Integers = NDArray[np.int64]

_UNITS = {"amount": 1e-6, "discount": 1e-6, "quantity": 1e-3}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the genes' values stand in a row: places in the result, then places in the row."""

    genes: tuple[Gene, ...]
    decayed: Integers
    cells: Integers
    spans: Integers  # half-life of each of `cells`
    whole: Integers  # counts and sums for ever
    integers: Integers
    units: NDArray[np.float64]  # what one integer is worth
    recent: Integers  # days since
    times: Integers
    others: tuple[tuple[int, Gene], ...]  # registers and functions of rings, read one by one
    families: dict[str, Integers]  # family → places in the result


def plan_of(layout: Layout, genes: tuple[Gene, ...]) -> Plan:
    """The plan for genes of a layout; histograms have no single value and may not stand among them."""
    kinds: dict[str, list[int]] = {"decayed": [], "whole": [], "recent": [], "other": []}
    families: dict[str, list[int]] = {}
    for place, gene in enumerate(genes):
        kinds[_kind_of(gene)].append(place)
        families.setdefault(gene.family, []).append(place)
    starts = {place: layout.places[gene.id].start for place, gene in enumerate(genes) if gene.id in layout.places}
    cells, integers, times = (_ints(starts[p] for p in kinds[kind]) for kind in ("decayed", "whole", "recent"))
    return Plan(
        genes=genes,
        decayed=_ints(kinds["decayed"]),
        cells=cells,
        spans=layout.cell_spans[cells],
        whole=_ints(kinds["whole"]),
        integers=integers,
        units=np.array([_UNITS.get(genes[p].property, 1.0) for p in kinds["whole"]]),
        recent=_ints(kinds["recent"]),
        times=times,
        others=tuple((p, genes[p]) for p in kinds["other"]),
        families={family: _ints(places) for family, places in families.items()},
    )


def _kind_of(gene: Gene) -> str:
    if gene.op == "recency":
        return "recent"
    if gene.op in {"count", "sum"} and OPS[gene.op].storage is Storage.CELLS:
        return "decayed" if gene.decayed else "whole"
    return "other"


def _ints(numbers: object) -> Integers:
    return np.fromiter(numbers, np.int64)  # type: ignore[call-overload, no-any-return]  # any iterable of integers
