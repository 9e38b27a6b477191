"""Rows of CSV: a line that opens a quote and never closes it costs itself alone, and a cell of any size no memory."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from genom.app.importing.input import telling_damage
from genom.app.importing.rows import Broken, Row
from genom.collect.typed_sources import Problem

__all__ = ["CsvReader", "cells_of", "named"]

_LONGEST: Final = 16 << 20  # characters of a line; beyond, it is no text
_LINES: Final = 1_000  # that one row may span
_SPAN: Final = 2 << 20  # characters that it may have then
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_WRONG: Final = re.compile("[\udc80-\udcff\ufffd]")  # bytes that the encoding does not have


class CsvReader:
    """Reads CSV; `header` names the columns if the file does not.

    >>> reader = CsvReader(encoding="utf-8", delimiter=";")
    >>> [(row.number, row.cells) for row in reader.rows(io.BytesIO(b'a;b\\n1;"x;\\ny"\\n'))]
    [(2, {'a': '1', 'b': 'x;\\ny'})]
    """

    def __init__(
        self, *, encoding: str, delimiter: str, header: list[str] | None = None, head: str = "",
        unfinished: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        csv.field_size_limit(_LONGEST)
        self._encoding, self._delimiter, self._unfinished = encoding, delimiter, unfinished
        self._given = header is not None
        self.header = header if header is not None else named(_first(head, delimiter))

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """The rows below the header."""
        errors = "replace" if self._encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        text = io.TextIOWrapper(stream, encoding=self._encoding, errors=errors)
        try:
            with telling_damage():
                yield from self._read(text)
        finally:
            text.detach()

    def _read(self, text: io.TextIOWrapper) -> Iterator[Row]:
        number, again, delimiter = 0, deque[str](), self._delimiter
        headed = self._given
        while line := again.popleft() if again else text.readline(_LONGEST):
            number += 1
            if len(line) >= _LONGEST:
                raise Broken(f"the line of row {number:,} does not end", "check that it is a text file")
            if '"' in line:
                raw, complete = self._whole(line, text, again)
            else:
                raw, complete = line.rstrip("\n"), True
            if not raw.strip():
                continue
            cells = cells_of(raw, delimiter) if '"' in raw and complete else raw.split(delimiter)
            if not headed:
                headed = True
                self.header = named(cells)
                continue
            yield self._row(number, cells, raw, complete=complete, ended=line.endswith("\n") or bool(again))

    def _whole(self, line: str, text: io.TextIOWrapper, again: deque[str]) -> tuple[str, bool]:
        """The row that begins with a line, and whether its quotes close; what was read too far is read again."""
        raw, taken = line, list[str]()
        while _opens(raw.rstrip("\n"), self._delimiter):
            following = ""
            while '"' not in following:
                following = again.popleft() if again else text.readline(_LONGEST)
                taken.append(following)
                if not following or len(taken) > _LINES or len(raw) > _SPAN:
                    again.extendleft(reversed([one for one in taken if one]))
                    return line.rstrip("\n"), False
                raw += following
        return raw.rstrip("\n"), True

    def _row(self, number: int, cells: list[str], raw: str, *, complete: bool, ended: bool) -> Row:
        problem = None
        if not complete:
            problem = Problem("", "opens a quote that does not close", "double each quote within a cell, or close it")
        elif not ended and self._unfinished():
            problem = Problem("", "was still being written", "import the file again when it is whole")
        elif len(cells) != len(self.header):
            problem = _miscounted(len(cells), len(self.header), self._delimiter)
        elif not raw.isascii() and _WRONG.search(raw):
            problem = self._undecodable(cells)
        return Row(number, dict(zip(self.header, cells, strict=False)), raw, problem)

    def _undecodable(self, cells: list[str]) -> Problem:
        column, cell = next((h, c) for h, c in zip(self.header, cells, strict=True) if _WRONG.search(c))
        mark = _WRONG.search(cell)
        byte = f"the byte 0x{ord(mark[0]) - 0xDC00:02x}" if mark and mark[0] != "\ufffd" else "a character"
        other = "cp1252" if self._encoding.startswith("utf-8") else "utf-8"
        return Problem(column, f"has {byte} that {self._encoding} does not have", f"try --encoding {other}")


def _miscounted(cells: int, wanted: int, delimiter: str) -> Problem:
    many = f"has {cells} cells, and the header {wanted}"
    if cells > wanted:
        return Problem("", many, f"put a cell with {delimiter!r} in it between quotes")
    return Problem("", many, "give every column a cell, an empty one too; is the file cut off here?")


def _opens(raw: str, delimiter: str) -> bool:
    """Whether a quoted cell is open at the end."""
    at = 0
    while True:
        if raw.startswith('"', at):
            closed = _QUOTED.match(raw, at)
            if not closed:
                return True
            at = closed.end()
        at = raw.find(delimiter, at) + 1
        if not at:
            return False


def cells_of(raw: str, delimiter: str) -> list[str]:
    """The cells of one row."""
    return next(csv.reader([raw], delimiter=delimiter), [])


def named(cells: list[str]) -> list[str]:
    """Names of columns: each has one, and no two the same.

    >>> named(["a", "", "a "])
    ['a', 'column 2', 'a (2)']
    """
    found: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {place}"
        times = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({times + 1})" if times else name)
    return found


def _first(head: str, delimiter: str) -> list[str]:
    line = next((one for one in head.splitlines() if one.strip()), "")
    try:
        return cells_of(line, delimiter)
    except csv.Error:
        return line.split(delimiter)
