"""The gate: the only reader of gene memory.  What a person has not permitted now cannot be read.

`event.mask AND purpose` is the write half, in the kernel; `effective(person) AND purpose` is the read half, here.
A family that needs a second purpose also is written and read only with both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.genome import kernel
from genom.genome.declaration import RINGS
from genom.genome.declared import NOTHING_DECLARED, Declared, declared_of
from genom.genome.formula import evaluate
from genom.genome.genes import Gene
from genom.genome.linear import Linear
from genom.genome.many import read_many
from genom.genome.matrix import Matrix
from genom.genome.ops import HASHED, OPS, RING_OF, SIZES, Reading, Storage, Value
from genom.genome.plan import Plan
from genom.genome.program import RING_RECORD, Place
from genom.genome.ring_rows import passing
from genom.genome.spans import milliseconds
from genom.genome.vector import NEVER, Vector, read_cells
from genom.words import Channel, Device

__all__ = ["Gate", "Read", "StateOf", "View"]

_NO_FAMILIES: Final[frozenset[str]] = frozenset()
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class StateOf:
    """All that may be read of a person and purpose, for a comparison of two genomes."""

    decayed: NDArray[np.float64]  # decayed to the view's moment
    integers: NDArray[np.int64]
    rings: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """One gene as it is read: a value, or cells, or the reason why there is none."""

    gene: Gene
    state: str  # "known", "unknown" or "withheld"
    value: Value = None
    cells: dict[str, float] | None = None
    outlived: bool = False  # withheld because it holds an event past its read window; the next sweep ends that


class Gate:
    """Reads a matrix for a purpose, if the person's effective mask has it now."""

    def __init__(self, matrix: Matrix, *, purpose_bit: Callable[[str], int], term: Callable[[str, int], str]) -> None:
        self._matrix, self._purpose_bit, self._term = matrix, purpose_bit, term
        self._withheld: dict[int, frozenset[str]] = {}  # further purposes that are permitted → families that are not

    @cached_property
    def _columns(self) -> dict[str, int]:
        """Purpose → its column of the matrix."""
        return {purpose: place for place, purpose in enumerate(self.purposes)}

    @cached_property
    def _also(self) -> int:
        """Bits of the purposes that families need beside the one they are read for."""
        return reduce(or_, map(self._purpose_bit, self._matrix.layout.genes.also.values()), 0)

    def _withheld_by(self, effective: int) -> frozenset[str]:
        """The families that need a purpose also that is not permitted."""
        permitted = effective & self._also
        if (found := self._withheld.get(permitted)) is None:
            also = self._matrix.layout.genes.also
            found = frozenset(family for family, needed in also.items() if not permitted & self._purpose_bit(needed))
            self._withheld[permitted] = found
        return found

    @property
    def purposes(self) -> tuple[str, ...]:
        """The purposes that the genome is kept for."""
        return self._matrix.layout.genes.purposes

    def gene_at(self, cell: int, *, decayed: bool) -> str:
        """The gene that a cell belongs to."""
        for gene in self._matrix.layout.genes:
            places = self._matrix.layout.parts.get(gene.id, ()) if gene.decayed == decayed else ()
            if any(place.start <= cell < place.start + place.size for place in places):
                return gene.id
        return f"cell {cell}"

    def view(self, person: int, *, purpose: str, effective: int, at: int) -> View:
        """What may be read of a person for a purpose; `effective` is the person's mask now, `at` in unix ms."""
        permitted = effective & self._purpose_bit(purpose) != 0
        column = self._columns.get(purpose, -1) if permitted else -1
        withheld = self._withheld_by(effective)
        return View(self._matrix, person, column, permitted=permitted, withheld=withheld, at=at, term=self._term)

    def vector(self, plan: Plan, *, purpose: str) -> Vector:
        """A reader of a plan's numbers for a purpose: as a view gives them, by one compiled call a person.

        Raises ValueError for genes that do not stand in cells.
        """
        column, needs = self._needed(plan, purpose)
        return Vector(self._matrix, plan, column=column, needs=needs)

    def numbers(
        self, plan: Plan, who: NDArray[np.int64], *, purpose: str, effective: NDArray[np.uint64], at: int
    ) -> NDArray[np.float64]:
        """A plan's numbers of many people, shape (people, genes), each row as a view of that person gives it.

        `effective`: what each of them permits now.
        """
        column, needs = self._needed(plan, purpose)
        return read_many(
            self._matrix, plan, who, column=column, needs=needs, effective=effective, at=at,
            view=lambda person, may: self.view(person, purpose=purpose, effective=may, at=at),
        )  # fmt: skip

    def linear(self, plan: Plan, weights: NDArray[np.float64], *, purpose: str) -> Linear:
        """A linear model over a plan's genes, for everybody at once; a score needs what all of its genes need.

        Raises ValueError for genes that are no decayed or lifetime counts and sums.
        """
        column, needs = self._needed(plan, purpose)
        return Linear(self._matrix, plan, weights, column=column, needs=needs)

    def _needed(self, plan: Plan, purpose: str) -> tuple[int, NDArray[np.uint64]]:
        """The purpose's column of the matrix (-1 for none), and the bits that each of the plan's genes needs."""
        genes, purposes = self._matrix.layout.genes, self._matrix.layout.genes.purposes
        needs = np.full(len(plan.genes), self._purpose_bit(purpose), np.uint64)
        for family, needed in genes.also.items():
            needs[plan.families.get(family, [])] |= np.uint64(self._purpose_bit(needed))
        needs[plan.elsewhere.get(purpose, [])] = NEVER
        return purposes.index(purpose) if purpose in purposes else -1, needs


class View:
    """A person's genome for one purpose at one moment."""

    def __init__(
        self, matrix: Matrix, person: int, column: int, *, permitted: bool, at: int, term: Callable[[str, int], str],
        withheld: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self._matrix, self._person, self._column = matrix, person, column
        self.permitted, self.at, self._term = permitted, at, term
        self.withheld = withheld  # families that need a purpose also that is not permitted
        self._purpose = matrix.layout.genes.purposes[column] if column >= 0 else ""
        self._readable = column >= 0 and matrix.state.heads[person, column, kernel.SEEN] > 0
        self._outlived, self._past = False, _NO_FAMILIES  # whether sums are past the window; families whose are
        self._windowed = matrix.windowed(column)
        if self._readable and self._windowed:
            self._look_at_age()
        if self._readable:
            table = matrix.layout.table
            self._scales = kernel.scales(at, matrix.state.heads[person, column], table.half_lives)
        self._rings: dict[str, NDArray[np.void]] = {}  # those that were read

    def __iter__(self) -> Iterator[Read]:
        return (self.read(gene) for gene in self._matrix.layout.genes)

    def withholds(self, gene: Gene) -> bool:
        """Whether `read` gives the gene as withheld, without reading it."""
        return self._withholds(gene) or self._too_old(gene)

    def read(self, gene: Gene) -> Read:
        """One gene; a withheld or unknown one has no value."""
        if self._withholds(gene):
            return Read(gene, "withheld")
        if self._too_old(gene):
            return Read(gene, "withheld", outlived=True)
        if not self._readable:
            return Read(gene, "unknown")
        if gene.op == "histogram":
            return self._read_cells(gene)
        value = self._computed(gene) if gene.formula else self._finished(gene)
        return Read(gene, "unknown" if value is None else "known", value)

    def _withholds(self, gene: Gene) -> bool:
        """Whether a gene may not be read for the purpose, or is not kept for it."""
        kept = not gene.purposes or not self._purpose or self._purpose in gene.purposes
        if not self.permitted or not kept:
            return True
        return bool(self.withheld) and not self.withheld.isdisjoint(self._matrix.layout.genes.families(gene))

    def _look_at_age(self) -> None:
        passed = self._matrix.outlived_mask(self._person, self._column, self.at)
        if not passed:
            return
        also, table = self._matrix.layout.genes.also, self._matrix.layout.table
        bits = dict(zip(dict.fromkeys(also.values()), table.also_bits.tolist(), strict=True))
        self._outlived = bool(passed & int(table.purpose_bits[self._column]))
        self._past = frozenset(family for family, needed in also.items() if passed & bits[needed])

    def _too_old(self, gene: Gene) -> bool:
        """Whether a gene's sums hold an event past its read window; rings are cut, as long as something is left."""
        if not (self._outlived or self._past):
            return False
        if gene.ring:
            return self._outlived and self._ring_too_old(gene.ring)
        if gene.formula:
            return any(self._too_old(self._matrix.layout.genes[name]) for name in gene.inputs)
        return self._outlived or gene.family in self._past

    def _ring_too_old(self, name: str) -> bool:
        """Whether nothing is left of any ring, or this one's records count for different times.

        Then one that is past its window may have displaced one that is not.
        """
        layout = self._matrix.layout
        place, bit = RINGS.index(name), int(layout.table.purpose_bits[self._column])
        kinds = (np.flatnonzero(layout.table.rings_of >> place & 1) // 2).tolist()
        if layout.windows.uneven(bit, kinds):
            return True
        return not any(len(self._ring(other)) for other in layout.ring_places)

    def _finished(self, gene: Gene) -> Value:
        finish = OPS[gene.op].finish
        return RING_OF[gene.function].function(self._reading(gene)) if finish is None else finish(self._reading(gene))

    def _computed(self, gene: Gene) -> Value:
        """The value of a formula over the values that its genes have in this view."""
        assert gene.formula is not None, "only formulas are computed"
        genes = self._matrix.layout.genes
        values = {name: self.read(genes[name]).value for name in gene.inputs}
        number = float(evaluate(gene.formula, {k: v if isinstance(v, float) else np.nan for k, v in values.items()}))
        return None if np.isnan(number) else number

    def numbers(self, plan: Plan) -> NDArray[np.float64]:
        """The values of a plan's genes at once, as `read` gives them one by one; NaN where it gives no number."""
        if not self._readable:
            return np.full(plan.shown, np.nan)
        state, found = self._matrix.state, np.empty(len(plan.genes))
        read_cells(
            self._person, self._column, self.at, plan.packed, plan.worth,
            state.heads, state.decayed, state.integers, found,
        )  # fmt: skip
        for place, gene in plan.others:
            value = self.read(gene).value
            found[place] = value if isinstance(value, float) else np.nan
        for place, gene, inputs in plan.formulas:
            if gene.formula is not None:
                found[place] = evaluate(gene.formula, {name: found[at] for name, at in inputs})
        for family in self.withheld:
            found[plan.families.get(family, [])] = np.nan
        if len(elsewhere := plan.elsewhere[self._purpose]):
            found[elsewhere] = np.nan
        if self._outlived or self._past:
            found[[place for place, gene in enumerate(plan.genes) if self._too_old(gene)]] = np.nan
        return found[: plan.shown]

    def cells(self, gene_id: str) -> NDArray[np.float64]:
        """The cells of a decayed gene at the view's moment; empty if nothing may be read."""
        gene = self._matrix.layout.genes[gene_id]
        if not self._readable or self._withholds(gene) or self._too_old(gene):
            return np.zeros(0)
        row, spans = self._matrix.state.decayed[self._person, self._column], self._matrix.layout.cell_spans
        parts = [slice(place.start, place.start + place.size) for place in self._matrix.layout.parts[gene.id]]
        found = [row[part] * self._scales[spans[part]] for part in parts]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _decayed(self, places: tuple[Place, ...]) -> NDArray[np.float64]:
        cells = self._faded
        parts = [cells[place.start : place.start + place.size] for place in places]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    @cached_property
    def _faded(self) -> NDArray[np.float64]:
        """All decayed cells at the view's moment."""
        cells = self._matrix.state.decayed[self._person, self._column]
        return np.asarray(cells * self._scales[self._matrix.layout.cell_spans], np.float64)

    @cached_property
    def _whole(self) -> list[int]:
        """All integers."""
        found: list[int] = self._matrix.state.integers[self._person, self._column].tolist()
        return found

    def state(self) -> StateOf:
        """Everything at once; squares are about zero instead of the mean, so that rounding is in their proportion."""
        if not self._readable or self._outlived:
            return StateOf(np.zeros(0), np.zeros(0, np.int64), b"")
        state, at = self._matrix.state, (self._person, self._column)
        rings = b"".join(self._ring(name).tobytes() for name in self._matrix.layout.ring_places)
        decayed = self._faded.copy()
        for squares, weight, total, _ in self._matrix.layout.table.deviations.tolist():
            if decayed[weight] > 0:
                decayed[squares] += decayed[total] ** 2 / decayed[weight]
        integers = np.append(state.integers[at], state.heads[at][kernel.SEEN])
        hidden = self.withheld | self._past
        for gene in self._matrix.layout.genes if hidden else ():
            for place in self._matrix.layout.parts.get(gene.id, ()) if gene.family in hidden else ():
                (decayed if gene.decayed else integers)[place.start : place.start + place.size] = 0
        return StateOf(decayed, integers, rings)

    def recent(self, ring: str, property: str, half_life: str) -> NDArray[np.float64]:
        """Records of a ring by the codes of a property, decayed; empty if nothing may be read."""
        if not self._readable:
            return np.zeros(0)
        records = self._ring(ring)
        weights = np.exp2((records["ts"] - self.at) / milliseconds(half_life))
        found = np.bincount(records[property], weights, SIZES[property])
        return np.asarray(found[: SIZES[property]], np.float64)

    def records(self, ring: str) -> NDArray[np.void]:
        """Records of a ring (RING_RECORD), oldest first; empty if nothing may be read."""
        return self._ring(ring) if self._readable else np.zeros(0, RING_RECORD)

    def items(self, ring: str, kind: int) -> list[int]:
        """Hashed item ids of the records of a kind in a ring, oldest first."""
        records = self._ring(ring) if self._readable else None
        return [] if records is None else records["item"][records["kind"] == kind].tolist()

    def declared(self) -> Declared:
        """What the person has told us for this purpose; nothing if nothing may be read."""
        if not self._readable or not self._held("declared"):
            return NOTHING_DECLARED
        return declared_of(self._ring("declared"), self._matrix.layout.genes.attributes)

    def _read_cells(self, gene: Gene) -> Read:
        cells = self.cells(gene.id)
        place = self._matrix.layout.places[gene.id]
        kept = self._matrix.state.decayed[self._person, self._column, place.start : place.start + place.size]
        filled = np.flatnonzero(kept).tolist()  # what has faded to nothing is still known
        named = {_cell_name(gene.property, i, self._term): float(cells[i]) for i in filled}
        return Read(gene, "known" if named else "unknown", None, named or None)

    def _reading(self, gene: Gene) -> Reading:
        ring = self._ring(gene.ring) if OPS[gene.op].storage is Storage.RING else None
        places = self._matrix.layout.parts.get(gene.id, ())
        integers: list[int] = []
        for place in () if gene.decayed else places:
            integers += self._whole[place.start : place.start + place.size]
        return Reading(
            at=self.at,
            property=gene.property,
            decayed=self._decayed(places) if gene.decayed else None,
            integers=integers,
            ring=ring,
            length=gene.length,
            term=self._named,
            attribute=gene.attribute,
            base_property=gene.base_property,
            window=milliseconds(gene.window) if gene.window else 0,
            buckets=gene.buckets,
            passes=None if ring is None or gene.filter_name == "any" else self._passing(ring, gene),
        )

    def _passing(self, ring: NDArray[np.void], gene: Gene) -> NDArray[np.bool_]:
        return passing(ring, gene.rows, self._matrix.layout.predicates.code)

    def _held(self, name: str) -> int:
        """Where a ring's circle begins, and how many records it has: (place << 16) | how many."""
        return self._matrix.state.heads.item(self._person, self._column, kernel.RINGS + RINGS.index(name))

    def _ring(self, name: str) -> NDArray[np.void]:
        """The records of a ring, oldest first; a view holds what it has read, so that all its answers fit together."""
        if name not in self._rings:
            self._rings[name] = self._records(name)
        return self._rings[name]

    def _records(self, name: str) -> NDArray[np.void]:
        layout, state = self._matrix.layout, self._matrix.state
        first, size = layout.ring_places[name]
        held = self._held(name)
        head, count = held >> 16, held & 0xFFFF
        records = state.rings[self._person, self._column, first : first + size]
        records = np.concatenate((records[head:], records[:head])) if head else records[:count].copy()
        found = records[:count].view(RING_RECORD).reshape(-1)
        if not self._windowed:
            return found
        bit = int(layout.table.purpose_bits[self._column])
        return np.asarray(found[layout.windows.inside(bit, found, self.at)])

    def _named(self, property: str, code: int) -> str:
        if property == "attribute":
            return self._matrix.layout.genes.attributes.text(code)
        return _cell_name(property, code, self._term)


def _cell_name(property: str, code: int, term: Callable[[str, int], str]) -> str:
    """What a cell of a histogram stands for."""
    if property in HASHED:
        return f"bucket {code}"
    if property == "channel":
        return Channel(code).name.lower() if code in Channel._value2member_map_ else str(code)
    if property == "device":
        return Device(code).name.lower() if code in Device._value2member_map_ else str(code)
    if property == "weekday":
        return _WEEKDAYS[code]
    if property == "hour_of_week":
        return f"{_WEEKDAYS[code // 24]} {code % 24:02}"
    if property == "hour_of_day":
        return f"{code:02}"
    return term(property, code)
