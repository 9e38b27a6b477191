"""Which column of a file is which column of its type, and rows read by that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from genom.collect.typed_sources.cells import CellReader, cell_reader
from genom.collect.typed_sources.reading import BadCell, BadRecord, Problem, Reading, shown
from genom.collect.typed_sources.source_type import Column, Record, SourceType
from genom.errors import BadRequest

__all__ = ["Columns", "Plan", "bad_header", "matched", "spelled"]

_FOLDED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_JOIN: Final = "+"  # between headers whose cells make one, such as Datum+Uhrzeit

Columns = Mapping[str, tuple[str, ...]]
"""Column of the type → header of the file, or several whose cells are joined with a space."""


def spelled(header: str) -> str:
    """A header as it is compared: capitals, spaces and signs make no difference.

    >>> spelled("Bon-Nr."), spelled("Währung ")
    ('bon_nr', 'waehrung')
    """
    return re.sub(r"[^a-z0-9]+", "_", header.lower().translate(_FOLDED)).strip("_")


def matched(kind: SourceType, header: Sequence[str], given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The columns that a header has, by their own names, by others that are known, and by what is given.

    Raises BadRequest for a given column or header that there is not.

    >>> from genom.collect.typed_sources.types import TYPES
    >>> matched(TYPES["loyalty-points"], ["Karte", "Punkte", "Tag"], {"time": "Tag"})
    {'time': ('Tag',), 'card': ('Karte',), 'points': ('Punkte',)}
    """
    names = [one.name for one in kind.columns]
    found = {column: _given(column, text, header, names, kind.name) for column, text in given.items()}
    taken = {part for parts in found.values() for part in parts}
    by_spelling: dict[str, str] = {}
    for one in header:
        by_spelling.setdefault(spelled(one), one)
    free = [one for one in kind.columns if one.name not in found]
    for ways in (lambda one: (one.name,), lambda one: one.also):  # a column's own name goes before another's
        for column in free:
            known = next((by_spelling[way] for way in ways(column) if by_spelling.get(way, "") not in {"", *taken}), "")
            if known and column.name not in found:
                found[column.name] = (known,)
                taken.add(known)
    return {name: found[name] for name in names if name in found}


def _given(
    column: str, text: str, header: Sequence[str], names: Sequence[str], kind: str
) -> tuple[str, ...]:  # fmt: skip
    if column not in names:
        close = get_close_matches(column, names, n=1)
        raise BadRequest(
            f"{kind} have no column {column!r}.", why="the mapping names it",
            fix=f"did you mean {close[0]!r}?" if close else f"they have {', '.join(names)}", code="import.column",
        )  # fmt: skip
    parts = (text,) if text in header else tuple(text.split(_JOIN))
    for part in parts:
        if part not in header:
            close = get_close_matches(part, header, n=1)
            raise BadRequest(
                f"The file has no column {part!r}.", why=f"it has {_listed(header)}",
                fix=f"did you mean {close[0]!r}?" if close else "name one of them", code="import.header",
            )  # fmt: skip
    return parts


def bad_header(kind: SourceType, header: Sequence[str], columns: Columns) -> BadRequest | None:
    """What is to be said of a file that lacks columns without which no row can be read; None if it has them."""
    missing = [one for one in kind.columns if one.required and one.name not in columns]
    if not missing:
        return None
    free = {spelled(one): one for one in header if (one,) not in columns.values()}
    hints = [hint for one in missing if (hint := _hint(one, free))]
    first = missing[0].name
    return BadRequest(
        f"The file lacks the column{'s' if len(missing) > 1 else ''} {', '.join(one.name for one in missing)}.",
        why=f"its first row is taken for its header, and says {_listed(header)}",
        fix="; ".join(hints) or f"say which column it is: --column {first}=HEADER; if there is no header, name the "
        "columns in their order: --header a,b,c",
        code="import.header",
    )  # fmt: skip


def _hint(column: Column, free: Mapping[str, str]) -> str:
    ways = [column.name, *column.also]
    for spelling, header in free.items():
        if get_close_matches(spelling, ways, n=1, cutoff=0.75):
            return f"is {header!r} the {column.name}? Then say --column '{column.name}={header}'"
    return ""


def _listed(header: Sequence[str]) -> str:
    told = ", ".join(shown(one) for one in header[:20])
    return told + (f" and {len(header) - 20} more" if len(header) > 20 else "") if header else "nothing"


class Plan:
    """Reads the rows of a file.

    >>> from genom.collect.typed_sources.types import TYPES
    >>> points = TYPES["loyalty-points"]
    >>> plan = Plan(points, matched(points, ["card", "time", "points"], {}), Reading())
    >>> plan.read({"card": "7", "time": "2026-03-01", "points": "12"})
    {'time': '2026-03-01T00:00:00+00:00', 'card': '7', 'points': 12}
    """

    def __init__(
        self, kind: SourceType, columns: Columns, reading: Reading, *, constants: Mapping[str, str] | None = None,
        rest: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.kind, self.columns = kind, columns
        self.rest = rest or {}  # property → header, of an open type
        self._constants = {name: _reader(kind.column(name), reading)(text) for name, text in (constants or {}).items()}
        self._steps = [
            (one.name, columns[one.name][0], columns[one.name][1:], _reader(one, reading), one.required)
            for one in kind.columns
            if one.name in columns
        ]

    def read(self, cells: Mapping[str, Any]) -> Record:
        """The record of a row; raises BadRecord with all that is wrong with it."""
        record: Record = dict(self._constants)
        problems: list[Problem] = []
        for name, header, further, read, required in self._steps:
            value = cells.get(header) if not further else _joined(cells, (header, *further))
            try:
                value = (read[value] if value else None) if type(value) is str else read(value)
            except BadCell as bad:
                problems.append(Problem("+".join((header, *further)), bad.what, bad.fix))
                continue
            if value is not None:
                record[name] = value
            elif required and name not in record:
                problems.append(Problem("+".join((header, *further)), "is empty", f"give the {name}"))
        if self.rest:
            self._read_rest(cells, record)
        if problems:
            raise BadRecord(*problems)
        return record

    def _read_rest(self, cells: Mapping[str, Any], record: Record) -> None:
        rest = {name: cells[header] for name, header in self.rest.items() if cells.get(header) not in (None, "")}
        if rest:
            record["rest"] = rest

    def header_of(self, column: str) -> str:
        """How the file calls a column of the type."""
        return "+".join(self.columns.get(column, (column,)))


def _joined(cells: Mapping[str, Any], headers: Iterable[str]) -> str:
    return " ".join(str(value) for header in headers if (value := cells.get(header)) not in (None, ""))


def _reader(column: Column, reading: Reading) -> CellReader:
    allowed = column.one_of
    if not allowed:
        return cell_reader(column.kind, reading)

    def one_of(text: str | None) -> str | None:
        if text is None or (said := text.lower()) in allowed:
            return text if text is None else said
        close = get_close_matches(said, allowed, n=1)
        fix = f"did you mean {close[0]!r}?" if close else f"give {', '.join(allowed)}"
        raise BadCell(f"{shown(text)} is none of {', '.join(allowed)}", fix)

    return cell_reader(column.kind, reading, then=one_of)
