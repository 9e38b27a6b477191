"""Amounts in micros and quantities in thousandths, from whatever number or text a client sends."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from genom.collect.rejected import Rejected
from genom.words import MICROS, MILLI

__all__ = ["LARGEST", "micros", "priced", "thousandths"]

LARGEST: Final = 10**12 * MICROS  # micros: a million million units, which leaves room in an int64
_MOST: Final = 10**9 * MILLI  # thousandths
_EXACT: Final = 1e9  # up to here a float's error times a million stays below a half, so rounding meets the decimal
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_WIDE: Final = Context(prec=200, rounding=ROUND_HALF_EVEN)
_DIGITS: Final = 60  # a number with more digits before the point is not worked out: it is out of every range
_BEYOND: Final = 10 * LARGEST


def micros(value: Any, where: str) -> int:
    """An amount in micros; text is read as the decimal that it shows, half a micro goes to the even one.

    Raises Rejected if it is not a number, or beyond a million million.

    >>> micros(24.99, ""), micros("12.50", ""), micros(-3, "")
    (24990000, 12500000, -3000000)
    """
    if type(value) is float and -_EXACT <= value <= _EXACT:
        return round(value * MICROS)
    amount = value * MICROS if type(value) is int else _scaled(value, MICROS, where)
    if not -LARGEST <= amount <= LARGEST:
        raise _out_of_range(value, where, "a million million")
    return amount


def thousandths(value: Any, where: str) -> int:
    """A quantity in thousandths of a piece; 0 is valid.

    Raises Rejected if it is not a number, negative, or beyond a thousand million.

    >>> thousandths(2, ""), thousandths(0.375, ""), thousandths("0", "")
    (2000, 375, 0)
    """
    if type(value) is int and 0 <= value < MICROS:  # what nearly every event has
        return value * MILLI
    quantity = value * MILLI if type(value) is int else _scaled(value, MILLI, where)
    if quantity < 0:
        raise Rejected(
            "collect.negative-quantity",
            where,
            f"is {str(value)[:40]}, a negative quantity",
            "send how many pieces, and a return as an event of its own, such as Order Refunded",
        )
    if quantity > _MOST:
        raise _out_of_range(value, where, "a thousand million")
    return quantity


def priced(price: int, quantity: int) -> int:
    """Micros for a quantity in thousandths at a price in micros; half a micro goes to the even one.

    >>> priced(24_990_000, 2_000), priced(5, 500), priced(15, 500)
    (49980000, 2, 8)
    """
    whole, rest = divmod(price * quantity, MILLI)
    return whole + (rest * 2 > MILLI or (rest * 2 == MILLI and whole & 1))


def _scaled(value: Any, scale: int, where: str) -> int:
    """A float is taken as the shortest decimal that names it."""
    text = value.strip() if type(value) is str else repr(value) if type(value) is float else ""
    if not _NUMBER.fullmatch(text):
        raise Rejected(
            "collect.wrong-type",
            where,
            f"is {str(value)[:40]!r}, which is not a number",
            'send a number such as 12.5 or "12.50"',
        )
    number = _WIDE.create_decimal(text)
    if number.adjusted() > _DIGITS:
        return -_BEYOND if number < 0 else _BEYOND
    return int(_WIDE.quantize(_WIDE.multiply(number, Decimal(scale)), Decimal(1)))


def _out_of_range(value: Any, where: str, most: str) -> Rejected:
    return Rejected(
        "collect.out-of-range", where, f"is {str(value)[:40]}, which is beyond {most}", "send a real amount"
    )
