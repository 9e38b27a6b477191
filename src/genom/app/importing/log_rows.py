"""Rows of a web server's access log: the combined format, or the common one without its last two fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from genom.app.importing.input import telling_damage
from genom.app.importing.rows import Row
from genom.collect.typed_sources import Problem

__all__ = ["LOG_LINE", "LogReader"]

_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
LOG_LINE: Final = re.compile(
    rf"(\S+) (\S+) (.+?) \[([^\]]{{10,40}})\] {_QUOTED} (\d{{3}}|-) (\d+|-)(?: {_QUOTED} {_QUOTED}.*)?", re.ASCII
)
_TIME: Final = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)", re.ASCII)
_MONTHS: Final = {name: f"{number:02d}" for number, name in enumerate(
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
)}  # fmt: skip
_FIELDS: Final = ("host", "user", "time", "method", "path", "status", "bytes", "referrer", "agent")
_LONGEST: Final = 1 << 16  # bytes of a line


class LogReader:
    """Reads access logs.

    >>> import io
    >>> line = b'192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /tea HTTP/1.1" 200 512 "-" "Agent"'
    >>> next(LogReader().rows(io.BytesIO(line))).cells["time"]
    '2015-05-17T10:05:03+00:00'
    """

    def __init__(self, *, unfinished: Callable[[], bool] = lambda: False) -> None:
        self.header = list(_FIELDS)
        self._unfinished = unfinished

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """The requests; a row is a line."""
        number, inside = 0, False
        with telling_damage():
            while line := stream.readline(_LONGEST):
                if inside:  # the rest of a line that is too long
                    inside = not line.endswith(b"\n")
                    continue
                number += 1
                inside = len(line) >= _LONGEST and not line.endswith(b"\n")
                if line.strip():
                    yield self._row(number, line)

    def _row(self, number: int, line: bytes) -> Row:
        raw = line.rstrip(b"\r\n").decode(errors="surrogateescape")
        found = LOG_LINE.fullmatch(raw)
        if not found:
            if not line.endswith(b"\n") and self._unfinished():
                return Row(number, {}, raw, Problem("", "was still being written", "import the file again"))
            return Row(
                number, {}, raw, Problem("", "is no line of the combined log format", "see `genom import sample`")
            )
        host, _, user, time, request, status, size, referrer, agent = found.groups()
        method, _, target = request.partition(" ")
        values = (
            host, user, _iso(time), method, target.rpartition(" HTTP/")[0] or target, status, size, referrer, agent,
        )  # fmt: skip
        cells = {n: v for n, v in zip(self.header, values, strict=True) if v not in (None, "-", "")}
        return Row(number, {name: value.encode(errors="replace").decode() for name, value in cells.items()}, raw)


def _iso(text: str) -> str:
    """The time as ISO 8601 writes it; as it stands if it is none, so that its column says so."""
    found = _TIME.fullmatch(text)
    if not found or found[2] not in _MONTHS:
        return text
    day, month, year, clock, hours, minutes = found.groups()
    return f"{year}-{_MONTHS[month]}-{day}T{clock}{hours}:{minutes}"
