"""Genes compiled to an op table and to places in a person's row; the kernel runs the table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.genome.declaration import BITS, HALF_LIVES, KIND_SLOTS, RINGS, Filter
from genom.genome.genes import Gene, Genes
from genom.genome.ops import OPS, PROPERTIES, Storage
from genom.words import CHANNELS, Kind

__all__ = ["RING_RECORD", "Layout", "Place", "Table", "compile_genes"]

RING_RECORD: Final = np.dtype(
    [
        ("ts", "<i8"),
        ("id", "<u8"),
        ("item", "<u8"),
        ("amount", "<i8"),  # micros
        ("line", "<u2"),
        ("kind", "<u2"),
        ("category_1", "<u2"),
        ("category_2", "<u2"),
        ("channel", "u1"),
        ("hour_of_week", "u1"),
        ("priced", "u1"),  # 1 = `amount` is in the reporting currency
        ("spare", "u1", (5,)),
    ],
)
"""One record of a ring: 48 bytes."""

_ALSO: Final = 32  # first of the bits that say which further purposes a row may serve
_FORMAT: Final = 3  # raise it when the kernel gives the same cells another meaning: state files are then rebuilt


class Table(NamedTuple):
    """The op table as arrays that the kernel takes: ops by (kind, event or line), then by what they do."""

    starts: NDArray[
        np.int32
    ]  # (2 · KIND_SLOTS, 4) where each group's decayed, integer and other ops begin, and its end
    ops: NDArray[
        np.int64
    ]  # (ops, 7): code, property added, first cell, cells, half-life, bits needed, property that chooses
    half_lives: NDArray[np.int64]  # ms
    block_starts: NDArray[np.int32]  # (half-lives + 1,) cells of each half-life block
    purpose_bits: NDArray[np.uint64]  # one bit a purpose of the genome
    ring_starts: NDArray[np.int32]  # (rings + 1,) records of each ring
    rings_of: NDArray[np.int32]  # (2 · KIND_SLOTS,) bit set of the rings that take the group's rows
    also_bits: NDArray[np.uint64]  # one bit for each purpose that some family needs beside its own


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gene's state lies in the row of a person and purpose."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The compiled gene set."""

    genes: Genes
    table: Table
    places: dict[str, Place]  # gene id → place in the decayed cells or integers
    decayed_cells: int
    integer_cells: int
    cell_spans: NDArray[np.int64]  # (decayed cells,) index of the half-life of each cell
    merge_rules: NDArray[np.int32]  # (integer cells,) how two rows' integers become one
    ring_places: dict[str, tuple[int, int]]  # ring → first record, length
    version: str


def compile_genes(genes: Genes, purpose_bits: dict[str, int]) -> Layout:
    """Give each gene its cells and build the op table.

    `purpose_bits` maps each of `genes.every_purpose` to its bit.
    """
    spans, places = list(HALF_LIVES), dict[str, Place]()
    decayed, block_starts = _place_decayed(genes, spans, places)
    integers, rules = _place_integers(genes, places)
    ring_starts = np.cumsum([0, *(genes.rings[name] for name in RINGS)]).astype(np.int32)
    starts, ops = _ops(genes, places, spans)
    table = Table(
        starts=starts,
        ops=ops,
        half_lives=np.array(list(HALF_LIVES.values()), np.int64),
        block_starts=block_starts,
        purpose_bits=np.array([purpose_bits[name] for name in genes.purposes], np.uint64),
        ring_starts=ring_starts,
        rings_of=_rings_of(),
        also_bits=np.array([purpose_bits[name] for name in _also(genes)], np.uint64),
    )
    cell_spans = np.repeat(np.arange(len(spans)), np.diff(block_starts)).astype(np.int64)
    ring_places = {name: (int(ring_starts[i]), genes.rings[name]) for i, name in enumerate(RINGS)}
    version = _version(genes, table, rules)
    return Layout(genes, table, places, decayed, integers, cell_spans, rules, ring_places, version)


def _place_decayed(genes: Genes, spans: list[str], places: dict[str, Place]) -> tuple[int, NDArray[np.int32]]:
    cell, starts = 0, [0]
    for span in spans:
        for gene in _by_filter(genes):
            if gene.half_life == span:
                places[gene.id] = Place(cell, OPS[gene.op].cells(gene.property))
                cell += places[gene.id].size
        starts.append(cell)
    return cell, np.array(starts, np.int32)


def _by_filter(genes: Genes) -> list[Gene]:
    """Cells that the same rows change lie together: a row then touches few cache lines."""
    return sorted(
        genes, key=lambda gene: (gene.op == "histogram", gene.filter.lines, gene.filter.kinds, gene.filter_name)
    )


def _place_integers(genes: Genes, places: dict[str, Place]) -> tuple[int, NDArray[np.int32]]:
    rules: list[int] = []
    for gene in _by_filter(genes):
        op = OPS[gene.op]
        if not gene.decayed and op.storage is not Storage.RING:
            places[gene.id] = Place(len(rules), len(op.merge))
            rules.extend(op.merge)
    return len(rules), np.array(rules, np.int32)


def _ops(genes: Genes, places: dict[str, Place], spans: list[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    groups: list[list[tuple[int, ...]]] = [[] for _ in range(2 * KIND_SLOTS * 3)]
    for gene in genes:
        if OPS[gene.op].storage is Storage.RING:
            continue
        part = 0 if gene.decayed else 1 if gene.op in ("count", "sum") else 2
        for slot in _slots(gene):
            groups[3 * slot + part].append(_entry(gene, places[gene.id], spans, need=_also_need(genes, gene)))
    ends = np.cumsum([0, *(len(group) for group in groups)])
    starts = np.stack([ends[0:-1:3], ends[1::3], ends[2::3], ends[3::3]], axis=1).astype(np.int32)
    return starts, np.array([entry for group in groups for entry in group], np.int64).reshape(-1, 7)


def _also(genes: Genes) -> list[str]:
    return list(dict.fromkeys(genes.also.values()))


def _also_need(genes: Genes, gene: Gene) -> int:
    """The bit that says whether a row may serve what the gene's family needs also."""
    return 1 << _ALSO + _also(genes).index(genes.also[gene.family]) if gene.family in genes.also else 0


def _entry(gene: Gene, place: Place, spans: list[str], *, need: int) -> tuple[int, ...]:
    """One row of the op table."""
    op, prop = OPS[gene.op], PROPERTIES[gene.property]
    chooses = gene.op == "histogram"  # its property chooses the cell; it adds ones
    return (
        op.decayed_code if gene.decayed else op.lifetime_code,
        0 if chooses else prop,
        place.start,
        place.size,
        spans.index(gene.half_life) if gene.decayed else 0,
        need | need_of(gene.filter, gene.property),
        prop if chooses else 0,
    )


def _slots(gene: Gene) -> list[int]:
    kinds = [int(Kind[name]) for name in gene.filter.kinds] or list(range(KIND_SLOTS))
    return [2 * kind + int(gene.filter.lines) for kind in kinds]


def need_of(chosen: Filter, prop: str) -> int:
    """The bits that a row must have to pass a filter."""
    need = 1 << int(CHANNELS[chosen.channel]) if chosen.channel else 0
    for name in chosen.bits:
        need |= BITS[name]
    return need | (BITS["amount"] if prop in {"amount", "discount"} else 0)


def _rings_of() -> NDArray[np.int32]:
    rings = np.zeros(2 * KIND_SLOTS, np.int32)
    messages = (Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED)
    told = range(Kind.PREFERENCE_LIKED, Kind.ATTRIBUTE_DECLARED + 1)
    other = dict.fromkeys(map(int, messages), "messages") | dict.fromkeys(told, "declared")
    for kind in range(KIND_SLOTS):
        rings[2 * kind] = 1 << RINGS.index(other.get(kind, "events"))
        rings[2 * kind + 1] = 1 << RINGS.index("items") if kind == Kind.ORDER_COMPLETED else 0
    return rings


def _version(genes: Genes, table: Table, rules: NDArray[np.int32]) -> str:
    """Two states of the same version can be loaded into each other: the same genes, places, records and meaning."""
    words = repr([(g.id, g.filter, g.property) for g in genes]) + repr((genes.purposes, RING_RECORD.descr, _FORMAT))
    parts = [words.encode(), *(array.tobytes() for array in table), rules.tobytes()]
    return hashlib.sha256(b"|".join(parts)).hexdigest()[:16]
