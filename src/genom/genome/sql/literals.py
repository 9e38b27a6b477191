"""How names and numbers stand in SQL: names quoted, and every number that is not whole a DOUBLE."""

from __future__ import annotations

__all__ = ["bit", "named", "number", "text", "told"]


def named(name: str) -> str:
    """An identifier.

    >>> print(named('value.spent.sum.30d'), named('a"b'))
    "value.spent.sum.30d" "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string.

    >>> print(text("d'or"))
    'd''or'
    """
    return "'" + value.replace("'", "''") + "'"


def number(value: float) -> str:
    """A DOUBLE: `0.1` alone would be a decimal to some databases, and divide as one.

    >>> number(0.1)
    'CAST(1.0000000000000001e-01 AS DOUBLE)'
    """
    return f"CAST({value:.16e} AS DOUBLE)"


def bit(mask: str, bits: int) -> str:
    """Whether a mask has any of some bits."""
    return f"({mask} & CAST({bits} AS UBIGINT)) <> 0"


def told(line: str) -> str:
    """A line of comment; what it says cannot leave it."""
    return "-- " + "".join(sign if sign.isprintable() else " " for sign in line)
