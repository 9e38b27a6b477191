"""Filters as conditions of SQL: the terms of `filters`, over the columns of `events`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from genom.genome.filters import BITS, Range, Rows, Term
from genom.genome.ops import PROPERTIES
from genom.words import Flag

__all__ = ["Code", "condition", "value_of"]

Code = Callable[[str, str], int]  # (property, name) → code, 0 if it has none

_NAMES: Final = {number: name for name, number in PROPERTIES.items()}
_CHANNELS: Final = 16
_VALUES: Final = {"time": "ts", "hour_of_day": "(hour_of_week % 24)", "weekday": "(hour_of_week // 24)"}
_PARTS: Final = {"night": 0, "morning": 1, "afternoon": 2, "evening": 3}
_MEANS: Final = {
    BITS["discounted"]: f"(flags & {int(Flag.DISCOUNTED)}) <> 0",
    BITS["coupon"]: f"(flags & {int(Flag.COUPON)}) <> 0",
    BITS["amount"]: f"(flags & {int(Flag.AMOUNT)}) <> 0",
    BITS["clamped"]: f"(flags & {int(Flag.CLAMPED)}) <> 0",
    BITS["device"]: "device <> 0",
    BITS["weekend"]: "hour_of_week >= 120",
    **{BITS[name]: f"(hour_of_week % 24) // 6 = {part}" for name, part in _PARTS.items()},
    **{1 << channel: f"channel % {_CHANNELS} = {channel}" for channel in range(_CHANNELS)},
}


def value_of(property: str) -> str:
    """A property of a row, as the whole number that is stored."""
    return _VALUES.get(property, property)


def condition(rows: Rows, code: Code) -> str:
    """Which events, or lines, a filter lets through.

    >>> from genom.genome.filters import Filter, rows_of
    >>> condition(rows_of("web", {"web": Filter(kinds=("ORDER_COMPLETED",), channel="web")}), lambda *_: 0)
    'line = 0 AND (kind IN (24) AND channel % 16 = 1)'
    """
    terms = " OR ".join(f"({_term(term, code)})" for term in rows.terms) or "FALSE"
    return f"line {'>' if rows.lines else '='} 0 AND {terms if len(rows.terms) < 2 else f'({terms})'}"


def _term(term: Term, code: Code) -> str:
    parts = [] if term.kinds is None else [f"kind IN ({', '.join(map(str, term.kinds))})"]
    for place in range(term.care.bit_length()):
        asked = 1 << place
        if term.care & asked:
            parts.append(_MEANS[asked] if term.need & asked else f"NOT ({_MEANS[asked]})")
    parts += [_range(one, code) for one in term.ranges]
    return " AND ".join(parts) or "TRUE"


def _range(one: Range, code: Code) -> str:
    name = _NAMES[one.property]
    low, high = one.low, one.high
    if one.name:
        low = high = code(name, one.name)
        if not low:  # no row has the category yet
            return "FALSE" if one.inside else "TRUE"
    return f"({value_of(name)} {'' if one.inside else 'NOT '}BETWEEN {low} AND {high})"
