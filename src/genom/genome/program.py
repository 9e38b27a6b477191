"""Genes compiled to an op table and to places in a person's row; the kernel runs the table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.genome.declaration import KIND_SLOTS, RINGS
from genom.genome.genes import Gene, Genes
from genom.genome.ops import PROPERTIES
from genom.genome.parts import SUMMED, Part, companions, parts_of
from genom.genome.predicates import Predicates
from genom.genome.windows import NO_WINDOWS, Windows
from genom.words import Kind

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
_PURPOSE: Final = 48  # first of the bits that say for which of the genome's purposes a row is being counted
_FORMAT: Final = 5  # raise it when the kernel gives the same cells another meaning: state files are then rebuilt
_PARTS_OF_A_PAGE: Final = (16, 32, 64, 128, 256, 512, 1024)  # cells of 4 bytes
_COLUMNS: Final = 11


class Table(NamedTuple):
    """The op table as arrays that the kernel takes: ops by (kind, event or line), then by what they do."""

    starts: NDArray[np.int32]
    """(2 · KIND_SLOTS, 4) where each group's decayed, integer and other ops begin, and its end."""
    ops: NDArray[np.int64]
    """(ops, 11): code, property added, first cell, cells, half-life, bits needed, property that chooses,
    bits cared for, predicate (0 = always), and for squared deviations the cells of weight and sum."""
    half_lives: NDArray[np.int64]  # ms, ascending
    block_starts: NDArray[np.int32]  # (half-lives + 1,) cells of each half-life block
    purpose_bits: NDArray[np.uint64]  # one bit a purpose of the genome
    ring_starts: NDArray[np.int32]  # (rings + 1,) records of each ring
    rings_of: NDArray[np.int32]  # (2 · KIND_SLOTS,) bit set of the rings that take the group's rows
    also_bits: NDArray[np.uint64]  # one bit for each purpose that some family needs beside its own
    tests_of: NDArray[np.int32]  # (2 · KIND_SLOTS + 1,) where the tests of each group begin
    tests: NDArray[np.int64]  # (tests, 5): predicate, bits needed, bits cared for, first range, last range
    ranges: NDArray[np.int64]  # (ranges, 4): property, lowest, highest, 1 = inside; categories are named later
    predicates: NDArray[np.int64]  # (1,) how many, with the one that always holds
    deviations: NDArray[np.int32]  # (n, 4): cells of squared deviations, weight and sum; half-life
    later: NDArray[np.int32]  # (KINDS, purposes and further ones) days by which `Windows.later` moves a row's day


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a gene's state lies in the row of a person and purpose."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The compiled gene set."""

    genes: Genes
    table: Table
    places: dict[str, Place]  # gene id → place of its first part in the decayed cells or integers
    parts: dict[str, tuple[Place, ...]]  # gene id → places of all its parts
    decayed_cells: int
    integer_cells: int
    cell_spans: NDArray[np.int64]  # (decayed cells,) index of the half-life of each cell
    merge_rules: NDArray[np.int32]  # (integer cells,) how two rows' integers become one
    ring_places: dict[str, tuple[int, int]]  # ring → first record, length
    predicates: Predicates
    windows: Windows
    version: str

    def name_code(self, property: str, name: str, code: int) -> None:
        """Let filters know the code of a category's name, as soon as the journal gives it one."""
        self.predicates.name(self.table.ranges, property, name, code)

    @property
    def head(self) -> int:
        """Integers that a row keeps beside its cells: epochs and days first, then rings, a day, a count."""
        return -(-(len(self.table.half_lives) + len(self.table.also_bits) + 8) // 16) * 16

    @property
    def row_bytes(self) -> int:
        """What a person takes for each purpose."""
        records = int(self.table.ring_starts[-1]) * RING_RECORD.itemsize
        return 4 * (self.head + self.decayed_cells) + 8 * self.integer_cells + records


def compile_genes(genes: Genes, purpose_bits: dict[str, int], windows: Windows = NO_WINDOWS) -> Layout:
    """Give each part its cells and build the op table.

    `purpose_bits` maps each of `genes.every_purpose` to its bit; events count within the read windows of purposes.
    """
    of = {gene.id: parts_of(genes, gene) for gene in genes}
    parts = sorted(dict.fromkeys(part for own in of.values() for part in own), key=lambda part: part.order)
    half_lives = sorted({part.half_life for part in parts} - {0})
    places = dict[Part, Place]()
    block_starts = _place_decayed(parts, half_lives, places)
    rules = _place_integers(parts, places)
    ring_starts = np.cumsum([0, *(genes.rings.get(name, 0) for name in RINGS)]).astype(np.int32)
    predicates, also = Predicates(), np.array([purpose_bits[name] for name in _also(genes)], np.uint64)
    bits = np.array([purpose_bits[name] for name in genes.purposes], np.uint64)
    starts, ops = _ops(genes, places, half_lives, predicates)
    tests_of, tests, ranges = predicates.tables()
    table = Table(
        starts=starts,
        ops=ops,
        half_lives=np.array(half_lives, np.int64),
        block_starts=block_starts,
        purpose_bits=bits,
        ring_starts=ring_starts,
        rings_of=_rings_of(genes),
        also_bits=also,
        tests_of=tests_of,
        tests=tests,
        ranges=ranges,
        predicates=np.array([len(predicates)], np.int64),
        deviations=_deviations(places, half_lives),
        later=windows.later(np.append(bits, also)),
    )
    return Layout(
        genes=genes,
        table=table,
        places={gene: places[own[0]] for gene, own in of.items() if own},
        parts={gene: tuple(places[part] for part in own) for gene, own in of.items() if own},
        decayed_cells=int(block_starts[-1]),
        integer_cells=len(rules),
        cell_spans=np.repeat(np.arange(len(half_lives)), np.diff(block_starts)).astype(np.int64),
        merge_rules=rules,
        ring_places={name: (int(ring_starts[i]), genes.rings.get(name, 0)) for i, name in enumerate(RINGS)},
        predicates=predicates,
        windows=windows,
        version=_version(genes, table, rules, predicates, windows),
    )


def _place_decayed(parts: Iterable[Part], half_lives: list[int], places: dict[Part, Place]) -> NDArray[np.int32]:
    cell, starts, parts = 0, [0], list(parts)
    for half_life in half_lives:
        for part in parts:
            if part.half_life == half_life:
                places[part] = Place(cell, part.size)
                cell += part.size
        cell = -(-cell // 16) * 16  # a block begins with a cache line, and so does each person's row
        starts.append(cell)
    starts[-1] = _divides_a_page(cell)
    return np.array(starts, np.int32)


def _divides_a_page(cells: int) -> int:
    """A row that nearly fills a half, a quarter … of a page does so, and never lies on two: a page is a look-up."""
    whole = next((part for part in _PARTS_OF_A_PAGE if part >= cells), cells)
    return whole if cells * 17 >= whole * 16 else cells


def _place_integers(parts: Iterable[Part], places: dict[Part, Place]) -> NDArray[np.int32]:
    rules: list[int] = []
    for part in parts:
        if not part.half_life:
            places[part] = Place(len(rules), part.size)
            merge = part.how.merge
            rules.extend(merge * (part.size // len(merge)))
    rules += [0] * (-len(rules) % 8)
    return np.array(rules, np.int32)


def _ops(
    genes: Genes, places: dict[Part, Place], half_lives: list[int], predicates: Predicates
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    groups: list[list[tuple[int, ...]]] = [[] for _ in range(2 * KIND_SLOTS * 3)]
    for part in sorted(
        places, key=lambda part: part.form != "spread"
    ):  # squares about a mean are taken before it moves
        group = 0 if part.half_life else 1 if part.form in SUMMED else 2
        entry, (need, care) = _entry(part, places, half_lives), _purposes(genes, part)
        for slot, asked, cared, predicate in predicates.of(part.rows):
            full = (*entry[:5], asked | need, entry[5], cared | care, predicate, *entry[6:])
            groups[3 * slot + group].append(full)
    ends = np.cumsum([0, *(len(group) for group in groups)])
    starts = np.stack([ends[0:-1:3], ends[1::3], ends[2::3], ends[3::3]], axis=1).astype(np.int32)
    return starts, np.array([entry for group in groups for entry in group], np.int64).reshape(-1, _COLUMNS)


def _entry(part: Part, places: dict[Part, Place], half_lives: list[int]) -> tuple[int, ...]:
    """One row of the op table, but for the bits and the predicate."""
    place, prop = places[part], PROPERTIES[part.property]
    about = tuple(places[other].start for other in companions(part)) if _deviates(part) else (0, 0)
    added, chooses = (0, prop) if part.how.counts else (prop, 0)
    span = half_lives.index(part.half_life) if part.half_life else 0
    return part.code, added, place.start, place.size, span, chooses, *about


def _deviates(part: Part) -> bool:
    return part.form == "spread" and part.half_life > 0


def _deviations(places: dict[Part, Place], half_lives: list[int]) -> NDArray[np.int32]:
    found = [
        (place.start, *(places[other].start for other in companions(part)), half_lives.index(part.half_life))
        for part, place in places.items()
        if _deviates(part)
    ]
    return np.array(found, np.int32).reshape(-1, 4)


def _also(genes: Genes) -> list[str]:
    return list(dict.fromkeys(genes.also.values()))


def _purposes(genes: Genes, part: Part) -> tuple[int, int]:
    """The bits that a row must have, and those it is asked for: a further purpose it serves, and where it is kept."""
    need = 1 << _ALSO + _also(genes).index(part.also) if part.also else 0
    others = [c for c, name in enumerate(genes.purposes) if part.purposes and name not in part.purposes]
    return need, need | sum(1 << _PURPOSE + c for c in others)


def _rings_of(genes: Genes) -> NDArray[np.int32]:
    rings = np.zeros(2 * KIND_SLOTS, np.int32)
    messages = (Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED)
    told = range(Kind.PREFERENCE_LIKED, Kind.ATTRIBUTE_DECLARED + 1)
    other = dict.fromkeys(map(int, messages), "messages") | dict.fromkeys(told, "declared")
    for kind in range(KIND_SLOTS):
        rings[2 * kind] = 1 << RINGS.index(other.get(kind, "events"))
        if kind == Kind.ORDER_COMPLETED and "orders" in genes.rings:
            rings[2 * kind] |= 1 << RINGS.index("orders")
        rings[2 * kind + 1] = 1 << RINGS.index("items") if kind == Kind.ORDER_COMPLETED else 0
    return rings


def _version(
    genes: Genes, table: Table, rules: NDArray[np.int32], predicates: Predicates, windows: Windows
) -> str:  # fmt: skip
    """Two states of the same version can be loaded into each other: the same genes, places, records and meaning."""
    words = repr([_meaning(gene) for gene in genes]) + repr((genes.purposes, RING_RECORD.descr, _FORMAT))
    kept = {*table.purpose_bits.tolist(), *table.also_bits.tolist()}
    words += repr(sorted((bit, days) for bit, days in windows.days.items() if bit in kept))
    if kinds := sorted((bit, days) for bit, days in windows.by_kind.items() if bit in kept):
        words += repr(kinds)
    arrays = [array.tobytes() for name, array in table._asdict().items() if name != "later"]
    parts = [words.encode(), repr(predicates.named).encode(), *arrays, rules.tobytes()]
    return hashlib.sha256(b"|".join(parts)).hexdigest()[:16]


def _meaning(gene: Gene) -> tuple[object, ...]:
    return gene.id, gene.rows, gene.property, gene.base_rows, gene.base_property, gene.buckets, gene.purposes
