"""Which form a file has, and the reader of it with what was found or asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from genom.app.importing.csv_rows import CsvReader
from genom.app.importing.input import Input
from genom.app.importing.json_rows import JsonReader
from genom.app.importing.log_rows import LOG_LINE, LogReader
from genom.app.importing.mapping import Mapped
from genom.app.importing.parquet_rows import ParquetReader
from genom.app.importing.rows import Broken, Reader, Row
from genom.app.importing.sniffing import DELIMITERS, decimal_comma_of, delimiter_of, encoding_of
from genom.collect.typed_sources import Reading, SourceType, date_format_of, matched, spelled, zone_named
from genom.errors import BadRequest

__all__ = ["FORMS", "Form", "form_of", "opened", "reading_of", "sampled"]

FORMS: Final = ("csv", "jsonl", "parquet", "log")
_DELIMITERS: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_ROWS: Final = 200  # that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a file is read."""

    name: str  # of FORMS
    encoding: str = "utf-8"
    delimiter: str = ";"
    header: list[str] | None = None  # names of the columns, if the file has none

    def __str__(self) -> str:
        if self.name != "csv":
            return {"jsonl": "JSON lines", "parquet": "Parquet", "log": "an access log"}[self.name]
        separated = {"\t": "tabs", " ": "spaces"}.get(self.delimiter, self.delimiter)
        return f"CSV in {self.encoding}, separated by {separated}"

    def written(self, cells: list[str]) -> str:
        """A row of cells as it stands in the file."""
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="").writerow(cells)
        return text.getvalue()


def form_of(file: Input, kind: SourceType | None, asked: Mapped) -> Form:
    """The form of a file: what is asked for, else what it looks like.

    Raises BadRequest for what cannot be asked for or read at all.
    """
    head = file.head()
    name = asked.format or _looks_like(head)
    if name not in FORMS:
        raise BadRequest(f"There is no format {name!r}.", why=f"files are {', '.join(FORMS)}", fix="name one of these")
    if name == "jsonl" and head.lstrip()[:1] == b"[":
        raise BadRequest(
            "The file is one JSON list.", why="a list must be read as a whole before its first record is known",
            fix="write an object a line: jq -c '.[]' FILE", code="import.json-list",
        )  # fmt: skip
    if name != "csv":
        return Form(name=name)
    encoding = asked.encoding or encoding_of(head, file.tail())
    try:
        text = head.decode(encoding, errors="replace")
    except LookupError:
        raise BadRequest(
            f"There is no encoding {encoding!r}.", why="Python has none of this name", fix="try utf-8 or cp1252"
        ) from None
    delimiter = _DELIMITERS.get(asked.delimiter, asked.delimiter) or _delimiter(text, kind)
    if len(delimiter) != 1:
        raise BadRequest(
            f"{asked.delimiter!r} cannot separate cells.", why="it is one character",
            fix=f"name one, such as {' '.join(DELIMITERS.replace(chr(9), ''))} or tab",
        )  # fmt: skip
    return Form(name=name, encoding=encoding, delimiter=delimiter, header=asked.header or None)


def _looks_like(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.lstrip()[:1] in (b"{", b"["):
        return "jsonl"
    first = head.partition(b"\n")[0].rstrip(b"\r").decode("latin-1")
    return "log" if LOG_LINE.fullmatch(first) else "csv"


def _delimiter(text: str, kind: SourceType | None) -> str:
    if kind is None:
        return delimiter_of(text)
    known = {one.name for one in kind.columns} | {name for one in kind.columns for name in one.also}
    return delimiter_of(text, likes=lambda row: sum(spelled(cell) in known for cell in row))


@contextmanager
def opened(file: Input, form: Form) -> Iterator[tuple[Reader, BinaryIO]]:
    """The reader of a file and the stream that it reads; raises Broken."""
    unfinished = lambda: file.grown() > 0  # noqa: E731 -- a question, asked where a last line has no end
    if form.name == "parquet":
        with file.seekable() as stream:
            yield ParquetReader(stream), stream
        return
    head = file.head()
    reader: Reader
    if form.name == "jsonl":
        reader = JsonReader(head=head, unfinished=unfinished)
    elif form.name == "log":
        reader = LogReader(unfinished=unfinished)
    else:
        reader = CsvReader(
            encoding=form.encoding, delimiter=form.delimiter, header=form.header, unfinished=unfinished,
            head=head.decode(form.encoding, errors="replace").removeprefix("\ufeff"),
        )  # fmt: skip
    with file.opened() as stream:
        yield reader, stream


def reading_of(
    rows: list[Row], header: list[str], kind: SourceType, asked: Mapped, *, key: bytes, purposes: frozenset[str] | None
) -> Reading:
    """How cells are read: what is asked for, else what the first rows look like.  Raises BadRequest."""
    columns = matched(kind, header, asked.columns)
    decimal = {"": "", ",": ",", ".": ".", "comma": ",", "point": "."}.get(asked.decimal)
    if decimal is None:
        raise BadRequest(f"{asked.decimal!r} does not separate decimals.", why="it is , or .", fix="name one of these")
    numbers = [columns[one.name][0] for one in kind.columns if one.kind == "number" and one.name in columns]
    times = [columns[one.name] for one in kind.columns if one.kind == "time" and one.name in columns]
    formats = tuple(asked.date_formats)
    if not formats:
        found = [date_format_of(map(_text, _column(rows, headers))) for headers in times]
        formats = tuple(dict.fromkeys(one for one in found if one))
    try:
        zone = zone_named(asked.time_zone) if asked.time_zone else ZoneInfo("UTC")
    except ValueError:
        raise BadRequest(
            f"There is no time zone {asked.time_zone!r}.", why="the system's table of zones lacks it",
            fix="name one such as Europe/Berlin",
        ) from None  # fmt: skip
    comma = decimal == "," if decimal else decimal_comma_of(map(_text, (r.cells.get(n) for r in rows for n in numbers)))
    return Reading(decimal_comma=comma, zone=zone, date_formats=formats, key=key, purposes=purposes)


def _column(rows: list[Row], headers: tuple[str, ...]) -> list[Any]:
    return [" ".join(_text(row.cells.get(one)) for one in headers) for row in rows if not row.problem]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def sampled(file: Input, form: Form) -> tuple[list[str], list[Row]]:
    """The header and the first rows; fewer where the file cannot be read on."""
    rows: list[Row] = []
    with opened(file, form) as (reader, stream):
        with suppress(Broken, csv.Error):
            rows += islice(reader.rows(stream), _ROWS)
        return reader.header, rows
