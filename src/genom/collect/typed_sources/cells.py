"""What stands in a cell, by the kind of its column: text, numbers, yes and no, identifiers.

Cells come as texts from CSV and logs, and as values from JSON and Parquet; both mean the same here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from genom.collect.identifiers import is_blocked
from genom.collect.memo import Memo
from genom.collect.typed_sources.moments import moment_reader
from genom.collect.typed_sources.reading import BadCell, Reading, shown

__all__ = ["KINDS", "CellReader", "cell_reader"]

KINDS: Final = ("text", "id", "who", "number", "whole", "seconds", "time", "yes_no", "email", "phone", "words")

_LONGEST: Final = {"text": 4_096, "id": 256, "who": 256, "email": 256, "phone": 256, "words": 4_096}  # characters
_POINT: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,15})?(?:\.\d{1,9})?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d{1,15})?(?:,\d{1,9})?", re.ASCII)
_SPARE: Final = str.maketrans("", "", " \u00a0\u202f'€$£")
_YES: Final = frozenset({"yes", "y", "true", "1", "ja", "j", "wahr", "x"})
_NO: Final = frozenset({"no", "n", "false", "0", "nein", "falsch"})
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", re.ASCII)
_SPLIT: Final = re.compile(r"[\s,;|]+")

Read = Callable[[Any], Any]


class CellReader(Memo[str, Any]):
    """Reads cells of one column; of texts it has read it remembers some, and is then a look-up.

    >>> reader = CellReader(len)
    >>> reader("four"), reader["four"], reader("")
    (4, 4, None)
    """

    __slots__ = ("_read",)

    def __init__(self, read: Read) -> None:
        super().__init__(read, most=16_384)
        self._read = read

    def __call__(self, value: Any) -> Any:
        """What a cell says, None if it is empty; raises BadCell."""
        if type(value) is str:
            return self[value] if value else None
        return None if value is None else self._read(value)


def cell_reader(kind: str, reading: Reading, *, then: Read | None = None) -> CellReader:
    """What reads cells of a kind; `then` is asked about what was read.

    >>> cell_reader("number", Reading(decimal_comma=True))("1.234,50 €")
    1234.5
    >>> cell_reader("number", Reading())("12,50")
    Traceback (most recent call last):
        ...
    genom.collect.typed_sources.reading.BadCell: '12,50' is not a number; if a comma separates ...
    """
    work = _reads(kind, reading)
    return CellReader(work if then is None else lambda value: then(work(value)))


def _reads(kind: str, reading: Reading) -> Read:
    """The function that reads cells of a kind that are not empty."""
    if kind == "time":
        return moment_reader(reading)
    if kind in _NUMBERS:
        number = _NUMBERS[kind]
        return lambda value: number(_stripped(value), comma=reading.decimal_comma)
    longest = _LONGEST.get(kind, 0)
    return _OTHERS[kind] if kind in _OTHERS else lambda value: _text(value, longest)


def _stripped(value: Any) -> Any:
    """The text of a number, which is short."""
    return _text(value, 64) if type(value) is str else value


def _text(value: Any, longest: int) -> str | None:
    if type(value) is not str:
        if value is None:
            return None
        value = _written(value)
    text: str = value.strip()
    if len(text) > longest:
        raise BadCell(f"has {len(text):,} characters, and {longest:,} are the most", "shorten it")
    return text or None


def _who(value: Any) -> str | None:
    """Who somebody is; what tills write where nobody is known, such as 0000, names nobody."""
    text = _text(value, _LONGEST["who"])
    return None if text is None or is_blocked(text) else text


def _written(value: Any) -> str:
    """A value of JSON or Parquet as CSV would have it: a whole number has no point."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str | int | float | Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise BadCell(f"is {shown(value)}, which is no single value", "give a text or a number")


def _number(value: Any, *, comma: bool) -> int | float | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _read_number(value, comma=comma)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise BadCell(f"{shown(value)} is not a number", "give a number")
    return int(value) if value == int(value) else float(value)


def _read_number(text: str, *, comma: bool) -> int | float:
    plain = text.translate(_SPARE)
    if plain.endswith("-"):  # as some accounting programs write it
        plain = "-" + plain[:-1]
    if not any(map(str.isdigit, plain)) or not (_COMMA if comma else _POINT).fullmatch(plain):
        other = (_POINT if comma else _COMMA).fullmatch(plain)
        hint = f"if a {'point' if comma else 'comma'} separates the decimals, say --decimal {'.' if comma else ','}"
        raise BadCell(f"{shown(text)} is not a number", hint if other else "give a number such as 12.50")
    plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
    number = float(plain)
    return int(number) if number.is_integer() else number


def _whole(value: Any, *, comma: bool) -> int | None:
    number = _number(value, comma=comma)
    if isinstance(number, float):
        raise BadCell(f"{shown(value)} is not a whole number", "give a number without decimals")
    return number


def _seconds(value: Any, *, comma: bool) -> int | float | None:
    """A duration: seconds, `mm:ss` or `hh:mm:ss`."""
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value)):
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3_600 + int(minutes) * 60 + int(seconds)
    number = _number(value, comma=comma)
    if number is not None and number < 0:
        raise BadCell(f"{shown(value)} is no duration", "give seconds, or hh:mm:ss")
    return number


def _yes_no(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    text = (_text(value, 64) or "").lower()
    if text in _YES or text in _NO:
        return text in _YES
    if not text:
        return None
    raise BadCell(f"{shown(value)} is neither yes nor no", "give yes or no")


def _email(value: Any) -> str | None:
    text = _text(value, 256)
    if text is None:
        return None
    name, at, domain = text.lower().partition("@")
    if not (name and at and domain) or "@" in domain or any(map(str.isspace, text)):
        raise BadCell("is no e-mail address", "give one address, such as name@example.org")
    return text.lower()


def _phone(value: Any) -> str | None:
    """A telephone number in one writing: digits, with + for the international prefix."""
    text = _text(value, 256)
    if text is None:
        return None
    plain = re.sub(r"[\s()./-]", "", text.replace("(0)", "") if text.startswith(("+", "00")) else text)
    plain = "+" + plain[2:] if plain.startswith("00") else plain
    if not re.fullmatch(r"\+?\d{4,20}", plain, re.ASCII):
        raise BadCell("is no telephone number", "give digits, with + and the country in front")
    return plain


def _words(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, list | tuple):
        return tuple(map(str, value)) or None
    text = _text(value, 4_096)
    return tuple(word for word in _SPLIT.split(text) if word) or None if text else None


_NUMBERS: Final[dict[str, Callable[..., Any]]] = {"number": _number, "whole": _whole, "seconds": _seconds}
_OTHERS: Final[dict[str, Read]] = {
    "who": _who, "yes_no": _yes_no, "email": _email, "phone": _phone, "words": _words,
}  # fmt: skip
