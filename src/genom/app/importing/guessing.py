"""A first guess of what a file is: its type, its columns, and how its cells are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genom.app.importing.forms import form_of, reading_of, sampled
from genom.app.importing.input import Input
from genom.app.importing.mapping import Mapped
from genom.app.importing.rows import Broken, Row
from genom.collect.typed_sources import TYPES, BadRecord, Plan, Reading, SourceType, matched, shown
from genom.errors import BadRequest

__all__ = ["guess"]

_OPEN = "events"  # what a file is that is nothing else


def guess(path: Path, kind: SourceType | None) -> str:
    """A mapping in YAML, with comments that say what to look at.  Raises BadRequest for what is no file to import."""
    file = Input(path)
    form = form_of(file, kind, Mapped())
    try:
        header, rows = sampled(file, form)
    except Broken as broken:
        raise BadRequest(f"{path} cannot be read.", why=broken.what, fix=broken.fix, code="import.broken") from None
    found = kind or max(TYPES.values(), key=lambda one: _likeness(one, header, rows))
    reading = reading_of(rows, header, found, Mapped(), key=b"", purposes=None)
    lines = list(_lines(path, found, header, rows, reading))
    if form.name == "csv":
        separated = "tab" if form.delimiter == "\t" else form.delimiter
        lines += [f"format: csv\nencoding: {form.encoding}\ndelimiter: {_quoted(separated)}"]
        lines += [f"decimal: {_quoted(',' if reading.decimal_comma else '.')}"]
    else:
        lines += [f"format: {form.name}"]
    lines += ["date_formats:", *(f"- {_quoted(one)}" for one in reading.date_formats)] if reading.date_formats else []
    lines += ["time_zone: UTC  # of times that name none: yours, such as Europe/Berlin"]
    return "\n".join(lines) + "\n"


def _lines(path: Path, kind: SourceType, header: list[str], rows: list[Row], reading: Reading) -> Iterator[str]:
    yield f"# A guess of what {path.name} is.  Look at it and mend it; then:"
    yield f"#   genom import {kind.name} {path} --mapping THIS-FILE --dry-run"
    yield f"type: {kind.name}"
    columns = matched(kind, header, {})
    yield "columns:" if columns else "columns: {}"
    for one in kind.columns:
        if one.name in columns:
            first = next((row.cells.get(columns[one.name][0]) for row in rows if not row.problem), "")
            yield f"  {one.name}: {_quoted('+'.join(columns[one.name]))}  # such as {_safe(shown(first))}"
    for one in kind.columns:
        if one.required and one.name not in columns:
            yield f"  # {one.name}: ?  MISSING: {one.en}"
    taken = {part for parts in columns.values() for part in parts}
    if rest := [one for one in header if one not in taken]:
        yield f"# {'properties' if kind.open else 'not read'}: {_safe(', '.join(rest))}"
    bad = sum(1 for row in rows if row.problem or not _reads(Plan(kind, columns, reading), row))
    yield f"# of the first {len(rows):,} rows, {bad:,} cannot be read this way"


def _likeness(kind: SourceType, header: list[str], rows: list[Row]) -> tuple[bool, float, int]:
    """Whether the columns that a type needs are there, which share of the rows can be read, how many columns fit."""
    columns = matched(kind, header, {})
    if not all(one.name in columns for one in kind.columns if one.required):
        return False, float(kind.name == _OPEN), len(columns)
    plan = Plan(kind, columns, reading_of(rows, header, kind, Mapped(), key=b"", purposes=None))
    read = sum(_reads(plan, row) for row in rows if not row.problem)
    return True, read / max(len(rows), 1) >= 0.5, len(columns)


def _reads(plan: Plan, row: Row) -> bool:
    try:
        plan.read(row.cells)
    except BadRecord:
        return False
    return True


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


def _safe(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
