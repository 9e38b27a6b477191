"""Rows of JSON lines: an object a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

import msgspec

from genom.app.importing.input import telling_damage
from genom.app.importing.rows import Row
from genom.collect.typed_sources import Problem

__all__ = ["JsonReader"]

_LONGEST: Final = 4 << 20  # bytes of a line
_decode: Final = msgspec.json.Decoder().decode


class JsonReader:
    """Reads JSON lines.

    >>> import io
    >>> reader = JsonReader(head=b'{"a":1}')
    >>> [(row.number, row.cells, row.problem) for row in reader.rows(io.BytesIO(b'{"a":1}\\n[]\\n'))][1][2].what
    'is a list, and no object'
    """

    def __init__(self, *, head: bytes, unfinished: Callable[[], bool] = lambda: False) -> None:
        self._unfinished = unfinished
        self.header = list(dict.fromkeys(name for line in head.splitlines()[:100] for name in _object(line)))

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """The objects; a row is a line."""
        number = 0
        with telling_damage():
            while line := stream.readline(_LONGEST):
                number += 1
                if len(line) >= _LONGEST and not line.endswith(b"\n"):
                    while (more := stream.readline(_LONGEST)) and not more.endswith(b"\n"):
                        pass
                    problem = Problem("", f"has more than {_LONGEST:,} bytes", "shorten it")
                    yield Row(number, {}, line[:1_000].decode(errors="replace"), problem)
                elif line.strip():
                    yield self._row(number, line)

    def _row(self, number: int, line: bytes) -> Row:
        raw = line.rstrip(b"\r\n").decode(errors="surrogateescape")
        try:
            found = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            problem = Problem("", f"is no JSON ({error})", "write one object a line, in UTF-8")
            if not line.endswith(b"\n") and self._unfinished():
                problem = Problem("", "was still being written", "import the file again when it is whole")
            return Row(number, {}, raw, problem)
        if type(found) is not dict:
            kind = "a list" if type(found) is list else f"{type(found).__name__}"
            return Row(number, {}, raw, Problem("", f"is {kind}, and no object", "write one object a line"))
        return Row(number, found, raw)


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if type(found) is dict else {}
