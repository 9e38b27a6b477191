"""What a file does not say by itself: its encoding, what separates its cells, and its decimals."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

__all__ = ["DELIMITERS", "decimal_comma_of", "delimiter_of", "encoding_of"]

DELIMITERS: Final = ";,\t|"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_COMMA: Final = re.compile(r"[+-]?(?:\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d+)-?", re.ASCII)
_POINT: Final = re.compile(r"[+-]?(?:\d+\.\d{1,2}|\d{1,3}(?:,\d{3})+\.\d+)-?", re.ASCII)
_LINES: Final = 100  # that are looked at


def encoding_of(*pieces: bytes) -> str:
    """The encoding of a file by its first bytes, and others of it that begin a line.

    >>> encoding_of("Käse".encode()), encoding_of("Käse".encode("cp1252")), encoding_of("Käse".encode("utf-16"))
    ('utf-8', 'cp1252', 'utf-16')
    """
    head = pieces[0]
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    zeros = [head[place:4_096:2].count(0) for place in (0, 1)]
    if max(zeros) * 5 > min(len(head), 4_096) and min(zeros) * 10 < max(zeros):
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return "utf-8" if all(map(_is_utf8, pieces)) else "cp1252"


def _is_utf8(piece: bytes) -> bool:
    """A character that is cut off at the end is none against it."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(piece)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(text: str, *, likes: Callable[[list[str]], int] = len) -> str:
    """What separates the cells: what gives every row as many cells as the first, and a header that `likes` likes most.

    >>> delimiter_of("a;b\\n1,5;2,5\\n"), delimiter_of("a,b\\n1,2\\n"), delimiter_of("a\\tb\\n1\\t2\\n")
    (';', ',', '\\t')
    """
    lines = text.splitlines()[:_LINES]
    lines = lines[:-1] or lines  # the last one may be cut off
    return max(DELIMITERS, key=lambda delimiter: _score(lines, delimiter, likes))


def _score(lines: list[str], delimiter: str, likes: Callable[[list[str]], int]) -> tuple[float, ...]:
    try:
        rows = [row for row in islice(csv.reader(lines, delimiter=delimiter), _LINES) if row]
    except csv.Error:
        return (0, 0, 0)
    if not rows or len(rows[0]) < 2:
        return (0, 0, 0)
    counts = Counter(map(len, rows))
    return (likes(rows[0]), counts[len(rows[0])] / len(rows), len(rows[0]))


def decimal_comma_of(cells: Iterable[str]) -> bool:
    """Whether the numbers of cells have a comma before their decimals.

    >>> decimal_comma_of(["3", "12,50", "1.234,00"]), decimal_comma_of(["12.50", "1,234"])
    (True, False)
    """
    given = [cell.strip() for cell in cells]
    return sum(map(bool, map(_COMMA.fullmatch, given))) > sum(map(bool, map(_POINT.fullmatch, given)))
