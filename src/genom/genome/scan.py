"""The gate for many people at once: columns of the genome, each person's numbers where they may be read, else NaN.

A column is one number of everybody, asked for by purpose, gene and form:

- `value`: the gene's number; of a fading one in units that all people share (see `Scan.scales`);
- `since`: the time that the gene holds, unix ms;
- `cell`: one cell of a histogram, fading; `top`: the code of its largest cell;
- `code`: the code of a channel or category; `texts`: 1 if the gene's text is among some texts, else 0;
- `attribute`: the number of the value that the person declared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.genome import kernel
from genom.genome.declaration import RINGS
from genom.genome.gate import Gate, View
from genom.genome.genes import Gene, Genes
from genom.genome.matrix import Matrix
from genom.genome.ops import CODED, FADED, HASHED, NONE_IS_ZERO, RING_OF, UNITS
from genom.genome.plan import Plan, plan_of
from genom.genome.program import Layout
from genom.genome.windows import EVER
from genom.words import Channel, Device, Kind

__all__ = ["Ask", "Asked", "Prepared", "Scan", "cell_names", "changes_by_itself", "fades", "form_of", "is_coded"]

Ask = tuple[str, str, str, tuple[str, ...]]  # purpose, gene or attribute, form, what about
Floats32 = NDArray[np.float32]
Floats64 = NDArray[np.float64]

_FADING, _WHOLE, _RECENT, _TOP, _CODE, _CODE_OR_NONE, _NUMBER, _ATTRIBUTE, _FADING_RATIO, _RATIO, _SLOW = range(11)
_NEVER: Final = 2**64 - 1  # nobody permits every purpose that could be: a gene that is not kept for this one
_QUOTIENTS: Final = frozenset({"mean", "ratio", "share"})
_ATTRIBUTE_DECLARED: Final = int(Kind.ATTRIBUTE_DECLARED)
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Asked(NamedTuple):
    """A column and the row of the caller's matrix that it fills."""

    ask: Ask
    row: int


class _Wants(NamedTuple):
    """Columns as the kernel takes them."""

    kinds: NDArray[np.int32]
    rows: NDArray[np.int32]  # of the caller's matrix
    purposes: NDArray[np.int32]  # copy of the genome
    places: NDArray[np.int32]  # first cell, or the number of an attribute
    sizes: NDArray[np.int32]
    spans: NDArray[np.int32]
    units: Floats64
    needs: NDArray[np.uint64]  # all purposes that must be permitted


class _Numbers(NamedTuple):
    """Columns of one purpose that are read together, a batch of people at a time."""

    purpose: str
    plan: Plan
    rows: NDArray[np.int64]  # of the caller's matrix


@dataclass(frozen=True, slots=True)
class Prepared:
    """Columns ready to be filled; good for one layout."""

    wants: _Wants
    slow: tuple[tuple[Asked, Gene, int], ...]  # beside those that `fill` reads: column, gene, purposes needed
    numbers: tuple[_Numbers, ...]  # those of the slow ones that are numbers
    texts: tuple[tuple[Asked, Gene, int], ...]  # the others: one by one through a view


def is_coded(gene: Gene) -> bool:
    """Whether a gene's texts have codes."""
    return gene.op in {"first", "last"} and gene.property in CODED


def fades(gene: Gene) -> bool:
    """Whether a gene is one decayed cell."""
    return gene.decayed and gene.op in {"count", "sum"}


def changes_by_itself(gene: Gene, genes: Genes) -> bool:
    """Whether a gene that `fill` does not read may say something else later, though nothing happened.

    What fades ends as unknown, even where it is divided by what fades as fast.
    """
    if gene.function:
        return RING_OF[gene.function].moves
    if gene.op == "expression":
        return any(genes[name].op == "recency" or changes_by_itself(genes[name], genes) for name in gene.inputs)
    return gene.decayed or (gene.op == "distinct" and bool(gene.window))


def form_of(gene: Gene) -> str:
    """What kind of value a gene has: number, days (since a time), text or cells."""
    if gene.op == "histogram":
        return "cells"
    if gene.op == "recency" or (gene.op in {"first", "last"} and gene.property == "time"):
        return "days"
    return "text" if is_coded(gene) or (gene.function in RING_OF and RING_OF[gene.function].text) else "number"


class Scan:
    """Reads columns of a matrix; what a person does not permit now is NaN."""

    def __init__(
        self, matrix: Matrix, gate: Gate, *, purpose_bit: Callable[[str], int], terms: Callable[[str], Sequence[str]]
    ) -> None:
        self._matrix, self._gate, self._bit, self._terms = matrix, gate, purpose_bit, terms
        half_lives = matrix.layout.table.half_lives
        one = kernel.scales(0, np.ones(matrix.state.heads.shape[2], np.int32), half_lives)
        self._step = float(np.log2(one[0])) if len(one) else 1.0  # half-lives that one step of an epoch stands for

    @property
    def layout(self) -> Layout:
        """The gene set that is read."""
        return self._matrix.layout

    def span(self, ask: Ask) -> int:
        """Index of the half-life of a fading column, -1 for any other.  Raises UnknownName for an unknown gene."""
        _, name, form, _ = ask
        if form == "attribute":
            return -1
        gene = self.layout.genes[name]
        fading = form == "cell" or (form == "value" and fades(gene))
        return int(self.layout.cell_spans[self.layout.places[gene.id].start]) if fading else -1

    def code(self, gene_id: str, text: str) -> int:
        """The code of a text of a gene (`attribute:NAME` for an attribute), or of a histogram's cell; -1 = none."""
        if gene_id.startswith("attribute:"):
            return self.layout.genes.attributes.number(f"{gene_id[10:]}={text}") & 0xFFFF or -1
        prop = self.layout.genes[gene_id].property
        names = cell_names(prop, self._terms)
        return names.get(text, -1)

    def prepare(self, asked: Sequence[Asked]) -> Prepared:
        """The columns as the kernel takes them."""
        fast, slow = list[tuple[float, ...]](), list[tuple[Asked, Gene, int]]()
        for one in asked:
            purpose, name, form, about = one.ask
            column = self.layout.genes.purposes.index(purpose)
            need = self._bit(purpose)
            if form == "attribute":
                number = self.layout.genes.attributes.number(f"{name}=") >> 16
                fast.append((_ATTRIBUTE, one.row, column, number, 0, -1, 1.0, need))
                continue
            gene = self.layout.genes[name]
            for family in self.layout.genes.families(gene) & self.layout.genes.also.keys():
                need |= self._bit(self.layout.genes.also[family])
            kind, place, size = self._kind(gene, form, about)
            if gene.purposes and purpose not in gene.purposes:
                need = _NEVER
            if kind == _SLOW:
                slow.append((one, gene, need))
            else:
                fast.append((kind, one.row, column, place, size, self._span(kind, place, one.ask), _unit(gene), need))
        return self._prepared(fast, slow)

    def moving(self, prepared: Prepared) -> Prepared:
        """The slow ones of some columns that may say something else while nothing happens."""
        genes = self.layout.genes
        return self._prepared([], [one for one in prepared.slow if changes_by_itself(one[1], genes)])

    def _prepared(self, fast: list[tuple[float, ...]], slow: list[tuple[Asked, Gene, int]]) -> Prepared:
        numbers = defaultdict[str, list[tuple[Asked, Gene]]](list)
        for one, gene, _ in slow:
            if one.ask[2] == "value":
                numbers[one.ask[0]].append((one, gene))
        return Prepared(
            _wants(fast),
            tuple(slow),
            tuple(
                _Numbers(
                    purpose, plan_of(self.layout, tuple(gene for _, gene in mine)),
                    np.array([one.row for one, _ in mine], np.int64),
                )
                for purpose, mine in numbers.items()
            ),
            tuple(one for one in slow if one[0].ask[2] != "value"),
        )  # fmt: skip

    def _span(self, kind: int, place: int, ask: Ask) -> int:
        return int(self.layout.cell_spans[place]) if kind == _FADING_RATIO else self.span(ask)

    def _kind(self, gene: Gene, form: str, about: tuple[str, ...]) -> tuple[int, int, int]:
        place = self.layout.places.get(gene.id)
        if place is None:
            return _SLOW, 0, 0
        start, size = place.start, place.size
        if form == "cell":
            code = self.code(gene.id, about[0])
            return _FADING, start + code if 0 <= code < size else -1, 1
        if form == "top":
            return _TOP, start, size
        if gene.op == "recency":
            return _RECENT, start, 1
        if gene.op in {"first", "last"}:
            kinds = dict.fromkeys(CODED, _CODE) | dict.fromkeys(NONE_IS_ZERO, _CODE_OR_NONE)
            return kinds.get(gene.property, _NUMBER), start, size
        if gene.op in {"count", "sum"} and form == "value":
            return (_FADING if gene.decayed else _WHOLE), start, 1
        if gene.op in _QUOTIENTS:
            return (_FADING_RATIO if gene.decayed else _RATIO), start, self.layout.parts[gene.id][1].start
        return _SLOW, 0, 0

    def fill(
        self, prepared: Prepared, who: NDArray[np.int64], *, may: NDArray[np.uint64], fading: Floats32,
        still: Floats64, bases: NDArray[np.int64], at: int, to: NDArray[np.int64] | None = None,
        scales: Floats64 | None = None,
    ) -> None:  # fmt: skip
        """Read the columns of some people into `fading` and `still`, shape (columns, people), at their numbers or `to`.

        `may`, at the same places, is what each permits now; `bases` are the half-lives since 1970 that fading columns
        count from.  The slow ones are left to `fill_slow`.
        """
        state = self._matrix.state
        if len(prepared.wants.kinds) and len(who):
            head = state.heads.shape[2]
            _fill(
                who, who if to is None else to, may, *self._aged(who, at), prepared.wants, state.heads, state.decayed,
                state.integers, state.rings,
                (kernel.SEEN % head, (kernel.RINGS + RINGS.index("declared")) % head),
                self.layout.ring_places["declared"], self._step,
                self.scales(bases, at) if scales is None else scales, bases, fading, still,
            )  # fmt: skip
            self._drop_undeclared(prepared.wants, still, who if to is None else to)

    def _drop_undeclared(self, wants: _Wants, still: Floats64, places: NDArray[np.int64]) -> None:
        """A value that is not declared any more says nothing, though people have given it."""
        declared = list(self.layout.genes.attributes.numbers.values())
        for column in np.flatnonzero(wants.kinds == _ATTRIBUTE).tolist():
            values = [number & 0xFFFF for number in declared if number >> 16 == wants.places[column]]
            row = still[wants.rows[column]]
            row[places] = np.where(np.isin(row[places], values), row[places], np.nan)

    def _aged(self, who: NDArray[np.int64], at: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """What each person's sums may not be read for, shape (purposes, people), no rows without windows; the cuts."""
        bits = self.layout.table.purpose_bits.tolist()
        if not any(map(self._matrix.windowed, range(len(bits)))):
            return np.zeros((0, len(who)), np.uint64), np.full(len(bits), EVER)
        passed = np.stack([self._matrix.outlived_bits(who, column, at) for column in range(len(bits))])
        return passed, np.array([self.layout.windows.cut(bit, at, kind=_ATTRIBUTE_DECLARED) for bit in bits], np.int64)

    def fill_slow(
        self, prepared: Prepared, who: NDArray[np.int64], *, may: NDArray[np.uint64], still: Floats64, at: int,
        to: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        """Read the columns that `fill` leaves."""
        self.fill_numbers(prepared, who, may=may, still=still, at=at, to=to)
        self.fill_texts(prepared, who, may=may, still=still, at=at, to=to)

    def fill_numbers(
        self, prepared: Prepared, who: NDArray[np.int64], *, may: NDArray[np.uint64], still: Floats64, at: int,
        to: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        """Those of them that are numbers: of all people together."""
        places = who if to is None else to
        for one in prepared.numbers if len(who) else ():
            found = self._gate.numbers(one.plan, who, purpose=one.purpose, effective=may[places], at=at)
            still[one.rows[:, None], places] = found.T

    def fill_texts(
        self, prepared: Prepared, who: NDArray[np.int64], *, may: NDArray[np.uint64], still: Floats64, at: int,
        to: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        """The others, whether a gene's text is among some: person by person as a view does, about 20 µs each."""
        places = who if to is None else to
        for person, place in zip(who.tolist(), places.tolist(), strict=True) if prepared.texts else ():
            permitted = int(may[place])
            views = dict[str, View]()
            for (ask, row), gene, need in prepared.texts:
                if permitted & need != need:
                    still[row, place] = np.nan
                    continue
                purpose, _, _, about = ask
                if purpose not in views:
                    views[purpose] = self._gate.view(person, purpose=purpose, effective=permitted, at=at)
                still[row, place] = _among(views[purpose].read(gene).value, about)

    def scales(self, bases: NDArray[np.int64], at: int) -> Floats64:
        """What one unit of a fading column of each half-life is worth at a moment."""
        half_lives = self.layout.table.half_lives
        return np.asarray(np.exp2((bases - at // half_lives) - (at % half_lives) / half_lives), np.float64)

    def bases(self, at: int) -> NDArray[np.int64]:
        """Whole half-lives since 1970."""
        return np.asarray(at // self.layout.table.half_lives, np.int64)


def cell_names(prop: str, terms: Callable[[str], Sequence[str]]) -> Mapping[str, int]:
    """What the values of a property are called, and their codes; of hashed ones nobody knows."""
    if prop in HASHED:
        return {}
    if prop == "channel":
        return {channel.name.lower(): int(channel) for channel in Channel}
    if prop == "device":
        return {device.name.lower(): int(device) for device in Device if device}
    if prop == "weekday":
        return {name: i for i, name in enumerate(_WEEKDAYS)}
    if prop == "hour_of_week":
        return {f"{_WEEKDAYS[i // 24]} {i % 24:02}": i for i in range(168)}
    if prop == "hour_of_day":
        return {f"{i:02}": i for i in range(24)}
    return {text: i for i, text in enumerate(terms(prop)) if text}


def _among(value: object, about: tuple[str, ...]) -> float:
    """Whether a text, or one of those in a list, is one of these; NaN without any."""
    if not isinstance(value, str):
        return np.nan
    return float(any(text == value or text in value.split(", ") for text in about))


def _wants(fast: list[tuple[float, ...]]) -> _Wants:
    columns = list(zip(*fast, strict=True)) or [()] * 8
    kinds: list[Any] = [np.int32] * 6 + [np.float64, np.uint64]
    return _Wants(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


def _unit(gene: Gene) -> float:
    """What the stored integer, or quotient of two, is worth."""
    worth = 1.0 / UNITS.get(gene.property, 1)
    return worth * UNITS.get(gene.base_property, 1) if gene.op in _QUOTIENTS and not gene.decayed else worth


@compiled
def _declared(  # noqa: PLR0917 -- a compiled function takes its arrays by position
    ring: Any, first: int, size: int, held: Any, attribute: int, cut: int
) -> Any:
    """The number of the value that was declared of an attribute since `cut`; NaN for none, and for one taken back."""
    head, count = held >> 16, held & 0xFFFF
    for i in range(count):
        at = first + ((head + i) & (size - 1))
        if (ring[at, 4] >> 16) & 0xFFFF == _ATTRIBUTE_DECLARED and (ring[at, 2] >> 16) == attribute:
            value = ring[at, 2] & 0xFFFF
            return np.float64(value) if value > 0 and ring[at, 0] >= cut else np.nan
    return np.nan


@compiled
def _of_integers(cells: Any, kind: int, place: int, other: int, unit: float) -> Any:
    """A count or sum for ever, a time, a quotient of two, or what a register holds."""
    if kind == _WHOLE:
        return cells[place] * unit
    if kind == _RECENT:
        return np.float64(cells[place] - 1) if cells[place] != 0 else np.nan
    if kind == _RATIO:
        return cells[place] / cells[other] * unit if cells[other] != 0 else np.nan
    if cells[place + 2] == 0:
        return np.nan
    kept = cells[place + 3]
    if kind == _NUMBER:
        return kept * unit
    return np.float64(kept) if kind == _CODE or kept > 0 else np.nan


@compiled
def _top(cells: Any, first: int, size: int) -> float:
    """The largest cell, of equal ones the first; NaN if all are empty."""
    best, found = np.float32(0.0), np.nan
    for i in range(size):
        if cells[first + i] > best:
            best, found = cells[first + i], np.float64(i)
    return found


@compiled
def _of_decayed(cells: Any, kind: int, place: int, other: int, scale: float) -> float:
    """The largest of many cells, or one divided by another."""
    if kind == _TOP:
        return _top(cells, place, other)
    if abs(cells[other] * scale) < FADED:
        return np.nan
    return np.float64(cells[place]) / np.float64(cells[other])


@compiled
def _fill(  # noqa: PLR0917 -- a kernel takes its arrays by position
    who: Any, to: Any, may: Any, passed: Any, cuts: Any, wants: _Wants, heads: Any, decayed: Any, integers: Any,
    rings: Any, head: Any, ring: Any, step: float, scales: Any, bases: Any, fading: Any, still: Any,
) -> None:  # fmt: skip
    seen, declared = head
    for i in range(len(who)):
        person = who[i]
        for w in range(len(wants.kinds)):
            kind, row, c, place = wants.kinds[w], wants.rows[w], wants.purposes[w], wants.places[w]
            permitted = may[to[i]]
            if len(passed) and kind != _ATTRIBUTE:  # declarations are cut instead
                permitted &= ~passed[c, i]
            readable = (permitted & wants.needs[w]) == wants.needs[w] and heads[person, c, seen] > 0
            if kind == _FADING:
                value32 = np.float32(np.nan)
                if readable:
                    value32 = np.float32(0.0)
                    if place >= 0:
                        ahead = step * heads[person, c, wants.spans[w]] - bases[wants.spans[w]]
                        value32 = np.float32(decayed[person, c, place] * np.exp2(ahead))
                fading[row, to[i]] = value32
            elif not readable:
                still[row, to[i]] = np.nan
            elif kind == _ATTRIBUTE:
                held = np.int64(heads[person, c, declared])
                still[row, to[i]] = _declared(rings[person, c], ring[0], ring[1], held, place, cuts[c])
            elif kind in (_TOP, _FADING_RATIO):
                span = wants.spans[w]
                worth = np.exp2(step * heads[person, c, span] - bases[span]) * scales[span]
                still[row, to[i]] = _of_decayed(decayed[person, c], kind, place, wants.sizes[w], worth)
            else:
                still[row, to[i]] = _of_integers(integers[person, c], kind, place, wants.sizes[w], wants.units[w])
