"""Rows become parcels: what is sent together, with the rows that it comes from and those that are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from genom.app.importing.rows import Row
from genom.collect.typed_sources import BadCell, BadRecord, LeftOut, Plan, Problem, Reading, Record, Said

__all__ = ["Parcel", "Refused", "Thing", "parcels"]

_BYTES: Final = 450_000  # of a request; the node takes 500,000
_ITEMS: Final = 2_000  # things in a parcel
_ROWS: Final = 20_000  # rows in a parcel, also where all of them are refused
_RAW: Final = 8 << 20  # characters of refused rows
_EVENT: Final = 250_000  # bytes of an event; the node takes 262,144
_LINES: Final = 1_000  # rows of a thing
_RECENT: Final = 50_000  # things that are remembered, to know what stands twice
_encode: Final = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Thing:
    """Rows that belong together, such as the lines of a receipt, and what they say."""

    rows: list[Row]
    said: list[Said] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Refused:
    """Rows that are refused together, with what is wrong with one of them."""

    rows: list[Row]
    number: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Parcel:
    """What is sent together."""

    through: int = 0  # rows of the file up to here are in this parcel or an earlier one
    things: list[Thing] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    rows: int = 0
    _bytes: int = 0
    _raw: int = 0

    @property
    def full(self) -> bool:
        """Whether it is time to send it."""
        return self._bytes >= _BYTES or len(self.things) >= _ITEMS or self.rows >= _ROWS or self._raw >= _RAW

    def room(self, size: int) -> bool:
        """Whether so many bytes still fit."""
        return self._bytes + size <= _BYTES

    def put(self, thing: Thing) -> None:
        """Take a thing in."""
        self.things.append(thing)
        self.rows += len(thing.rows)
        self._bytes += sum(map(len, thing.bodies)) + len(thing.bodies)

    def refuse(self, rows: list[Row], number: int, *problems: Problem) -> None:
        """Take rows in that cannot be sent."""
        self.refused.append(Refused(rows, number, problems))
        self.rows += len(rows)
        self._raw += sum(len(row.raw or "") for row in rows)


def parcels(
    rows: Iterable[Row], plan: Plan, reading: Reading, *, done: int = 0,
    cut: Callable[[], Problem | None] = lambda: None,
) -> Iterator[Parcel]:  # fmt: skip
    """The parcels of a file, in order; `done` rows came before the first one.

    `cut` is asked at the end: if it says why the file ends too early, what may have gone on is refused.
    """
    packer = _Packer(plan, reading, done)
    for row in rows:
        yield from packer.take(row)
    yield from packer.end(cut())


class _Packer:
    """Gathers rows to things, and things to parcels."""

    def __init__(self, plan: Plan, reading: Reading, done: int) -> None:
        self._plan, self._reading, self._through = plan, reading, done
        self._parcel, self._recent = Parcel(through=done), dict[Any, tuple[str, int]]()
        self._key: tuple[Any, ...] = ()
        self._rows: list[Row] = []  # of the thing that may go on
        self._records: list[Record] = []
        self._bad: tuple[int, tuple[Problem, ...]] | None = None  # the first row of it that cannot be read
        self._aside: list[tuple[Row, tuple[Problem, ...]]] = []  # rows among them of which nobody knows whose they are

    def take(self, row: Row) -> Iterator[Parcel]:
        """The next row; yields the parcels that it fills."""
        record, bad = self._read(row)
        if not self._plan.kind.group:
            self._add(row, record, bad)
            yield from self._close()
            return
        key = self._key_of(row, record)
        if not key:
            self._aside.append((row, bad))
            if not self._rows:
                yield from self._close()
            return
        if not self._goes_on(key):
            yield from self._close()
        if len(key) > len(self._key):
            self._key = key
        self._add(row, record, bad)
        if len(self._rows) > _LINES:
            yield from self._spill()

    def end(self, cut: Problem | None) -> Iterator[Parcel]:
        """The file has ended; yields what is left."""
        if cut is not None and self._bad is None and self._rows:
            self._bad = self._rows[0].number, (cut,)
        yield from self._close()
        yield from self._next()

    def _read(self, row: Row) -> tuple[Record | None, tuple[Problem, ...]]:
        if row.problem is not None:
            return None, (row.problem,)
        try:
            return self._plan.read(row.cells), ()
        except BadRecord as wrong:
            return None, wrong.problems

    def _add(self, row: Row, record: Record | None, bad: tuple[Problem, ...]) -> None:
        self._rows.append(row)
        if record is not None:
            self._records.append(record)
        elif self._bad is None:
            self._bad = row.number, bad

    def _key_of(self, row: Row, record: Record | None) -> tuple[Any, ...]:
        """What the rows of one thing share; of a row that cannot be read the first of it; empty if it says nothing."""
        names = self._plan.kind.group
        if record is not None:
            return tuple([record.get(name) for name in names])
        told = str(row.cells.get(self._plan.columns[names[0]][0]) or "").strip()
        return (told,) if told else ()

    def _goes_on(self, key: tuple[Any, ...]) -> bool:
        """A row that cannot be read belongs to its neighbours by the first column alone, and they to it."""
        if len(key) == len(self._key):
            return key == self._key
        return bool(self._key) and key[0] == self._key[0]

    def _close(self) -> Iterator[Parcel]:
        """The thing is whole: it goes into the parcel."""
        rows, records, bad, key = self._rows, self._records, self._bad, self._key
        aside, self._aside = self._aside, []
        self._rows, self._records, self._bad, self._key = [], [], None, ()
        if bad is not None and rows:
            self._parcel.refuse(rows, bad[0], *bad[1])
        elif rows:
            yield from self._translated(rows, records, key)
        for row, problems in aside:
            self._parcel.refuse([row], row.number, *problems)
        self._through += len(rows) + len(aside)
        if self._parcel.full:
            yield from self._next()

    def _spill(self) -> Iterator[Parcel]:
        """No thing has so many rows: those that came are refused, and so are those that follow."""
        column, key = self._plan.header_of(self._plan.kind.group[0]), self._key
        bad = self._bad or (
            self._rows[0].number, (Problem(column, f"is the same in more than {_LINES:,} rows", "check the column"),)
        )  # fmt: skip
        self._bad = bad
        yield from self._close()
        self._bad, self._key = bad, key

    def _next(self) -> Iterator[Parcel]:
        self._parcel.through = self._through
        yield self._parcel
        self._parcel = Parcel(through=self._through)

    def _translated(self, rows: list[Row], records: list[Record], key: tuple[Any, ...]) -> Iterator[Parcel]:
        try:
            said = self._plan.kind.translate(records, self._reading)
            self._again(said, key, rows[0].number)
        except LeftOut as why:
            self._parcel.left_out[str(why)] = self._parcel.left_out.get(str(why), 0) + len(rows)
            self._parcel.rows += len(rows)
            return
        except _Twice:
            self._parcel.duplicates += len(rows)
            self._parcel.rows += len(rows)
            return
        except BadCell as wrong:
            column = self._plan.header_of(wrong.column) if wrong.column else ""
            self._parcel.refuse(rows, rows[0].number, Problem(column, wrong.what, wrong.fix))
            return
        thing = Thing(rows, said, [_encode(one.body) for one in said])
        if max(map(len, thing.bodies)) > _EVENT:
            problem = Problem("", f"says more than {_EVENT:,} bytes", "shorten it")
            self._parcel.refuse(rows, rows[0].number, problem)
            return
        if not self._parcel.room(sum(map(len, thing.bodies)) + len(thing.bodies)):
            yield from self._next()
        self._parcel.put(thing)

    def _again(self, said: list[Said], key: tuple[Any, ...], number: int) -> None:
        """Raises _Twice for what came before, and BadCell for a thing whose rows are not together."""
        name = said[0].body.get("messageId")
        if name is None:  # a product has no message: the last one counts
            return
        known = self._recent.get(key or name)
        if known is not None and known[0] == name:
            raise _Twice
        if known is not None:
            column = self._plan.kind.group[0]
            raise BadCell(
                f"began in row {known[1]:,} and other rows came between", f"sort the file by {column}", column
            )
        if len(self._recent) >= _RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[key or name] = (name, number)


class _Twice(Exception):
    """The same rows came before."""
