"""Formulas as SQL: what is unknown is NULL, and so is an infinity, a division by zero, a logarithm of -1 and less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from genom.genome.formula import Name, Node, Number
from genom.genome.sql.literals import number

__all__ = ["LONGEST", "TooLong", "formula_sql"]

LONGEST: Final = 100_000  # characters: `min` and `max` name their values twice, so nesting them doubles the text
_COMPARED: Final = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}


class TooLong(ValueError):
    """A formula becomes too long in SQL."""


def formula_sql(tree: Node, value: Callable[[str], str]) -> str:
    """An expression; `value` is the expression of a gene.

    Raises TooLong.

    >>> from genom.genome.formula import parse
    >>> formula_sql(parse("a.b > c.d"), lambda gene: gene.upper())
    'CAST((A.B) > (C.D) AS DOUBLE)'
    """
    if isinstance(tree, Number):
        return number(tree.value)
    if isinstance(tree, Name):
        return value(tree.gene)
    found = _call(tree.function, [f"({formula_sql(part, value)})" for part in tree.of])
    if len(found) > LONGEST:
        raise TooLong
    return found


def _call(function: str, of: list[str]) -> str:
    if function in _COMPARED:
        return f"CAST({of[0]} {_COMPARED[function]} {of[1]} AS DOUBLE)"
    if function == "coalesce":
        return f"COALESCE({', '.join(of)})"
    if function in {"min", "max"}:
        return _extreme(function, *of)
    if function == "clip":
        return _extreme("min", f"({_extreme('max', of[0], of[1])})", of[2])
    if function == "negative":
        return f"-{of[0]}"
    if function == "log1p":  # 1 + x is off by 2e-16 at most; of 0 and less there is no logarithm, but an error
        return f"LN(NULLIF(GREATEST({number(1)} + {of[0]}, {number(0)}), {number(0)}))"
    under = f"NULLIF({of[1]}, {number(0)})" if function == "/" else of[1]
    return _finite(f"{of[0]} {function} {under}")


def _extreme(function: str, *of: str) -> str:
    """LEAST and GREATEST pass over NULL; here one unknown value makes the whole unknown."""
    known = " AND ".join(f"{part} IS NOT NULL" for part in of)
    return f"CASE WHEN {known} THEN {'LEAST' if function == 'min' else 'GREATEST'}({', '.join(of)}) END"


def _finite(value: str) -> str:
    for never in ("infinity", "-infinity", "nan"):
        value = f"NULLIF({value}, CAST('{never}' AS DOUBLE))"
    return value
