"""Numbers as people type them, in English and German."""

from __future__ import annotations

import math
import re
from typing import Final

__all__ = ["number_in", "written"]

_PLAIN: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_THOUSANDS: Final = {
    "en": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"),
    "de": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?"),
}


def number_in(text: str, language: str) -> float | None:
    """The number that a text means; None if it is none.

    A point between groups of three is the thousands' sign in German, else the decimal one.

    >>> [number_in(text, "de") for text in ("0,4", "0.4", "1.234,5", "1.234", "12 000", "abc", "")]
    [0.4, 0.4, 1234.5, 1234.0, 12000.0, None, None]
    >>> [number_in(text, "en") for text in ("0.4", "1,234", "1,234.5", "0,4", "-3", "1e5")]
    [0.4, 1234.0, 1234.5, 0.4, -3.0, None]
    """
    text = re.sub(r"\s", "", text)[:30].replace("\N{MINUS SIGN}", "-")
    if _THOUSANDS[language].fullmatch(text):
        text = text.replace("," if language == "en" else ".", "")
    text = text.replace(",", ".")
    if not (text.isascii() and _PLAIN.fullmatch(text)):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def written(value: float, language: str) -> str:
    """The number as a field shows it, without thousands' signs and losing nothing.

    >>> written(2.0, "en"), written(0.4, "de"), written(1234.5, "de"), written(0.1234, "de")
    ('2', '0,4', '1234,5', '0,1234')
    """
    if not math.isfinite(value):
        return ""
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.12f}".rstrip("0")
    return text.replace(".", ",") if language == "de" else text
