"""Values of genes from their parts, op by op, as `finish` of each op computes them."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from genom.genome.genes import Gene
from genom.genome.ops import FADED, UNITS
from genom.genome.ops.recency import DAY
from genom.genome.parts import Part
from genom.genome.spans import milliseconds
from genom.genome.sql.literals import number, text
from genom.genome.sql.sums import Sums
from genom.words import Channel, Device

__all__ = ["VALUES"]

Parts = tuple[Part, ...]
_WORDS: Final[dict[str, type[IntEnum]]] = {"channel": Channel, "device": Device}


def _real(name: str, part: Part) -> str:
    """A sum in its unit; what was never added to is 0."""
    value = f"COALESCE(CAST(s.{name} AS DOUBLE), {number(0)})"
    unit = 1 if part.half_life else UNITS.get(part.property, 1)
    return value if unit == 1 else f"{value} / {number(unit)}"


def _whole(_gene: Gene, parts: Parts, sums: Sums) -> str:
    return _real(sums.whole(parts[0]), parts[0])


def _quotient(gene: Gene, parts: Parts, sums: Sums) -> str:
    over, under = (_real(sums.whole(part), part) for part in parts)
    enough = f"ABS({under}) >= {number(FADED)}" if gene.decayed else f"{under} <> {number(0)}"
    return f"CASE WHEN {enough} THEN ({over}) / ({under}) END"


def _variance(gene: Gene, parts: Parts, sums: Sums) -> str:
    squares, count = f"v.{sums.spread(parts[0])}", f"CAST(s.{sums.whole(parts[2])} AS DOUBLE)"
    least = number(FADED) if gene.decayed else number(1)
    unit = 1 if gene.decayed else UNITS[gene.property]
    return f"CASE WHEN {count} >= {least} THEN {squares} / {count} / {number(unit * unit)} END"


def _recency(_gene: Gene, parts: Parts, sums: Sums) -> str:
    return f"CAST({sums.at} - s.{sums.newest(parts[0])} AS DOUBLE) / {number(DAY)}"


def _register(gene: Gene, parts: Parts, sums: Sums) -> str:
    stored = f"s.{sums.register(parts[0])}"
    if gene.property == "time":
        return f"STRFTIME(MAKE_TIMESTAMP({stored} * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')"
    if words := _WORDS.get(gene.property):
        names = " ".join(f"WHEN {int(one)} THEN {text(one.name.lower())}" for one in words)
        return f"CASE {stored} {names} ELSE CAST({stored} AS VARCHAR) END"
    if gene.property.startswith("category"):
        asked = f"t.property = {text(gene.property)} AND t.code = {stored}"
        return f"(SELECT NULLIF(MAX(t.term), '') FROM terms AS t WHERE {asked})"
    return f"CAST({stored} AS DOUBLE) / {number(UNITS[gene.property])}"


def _distinct(gene: Gene, parts: Parts, sums: Sums) -> str:
    """Linear counting over the same buckets as the kernel's: the answer is equal, not only as good."""
    window, size = milliseconds(gene.window) if gene.window else 0, number(gene.buckets)
    ever, found = f"s.{sums.buckets(parts[0], window=0)}", f"s.{sums.buckets(parts[0], window=window)}"
    empty = f"GREATEST({size} - CAST({found} AS DOUBLE), {number(0.5)})"
    return f"CASE WHEN {ever} > 0 THEN ROUND({size} * LN({size} / {empty})) END"


def _histogram(_gene: Gene, parts: Parts, sums: Sums) -> str:
    return f"{sums.histogram(parts[0])}.cells"


VALUES: Final[dict[str, Callable[[Gene, Parts, Sums], str]]] = {
    "count": _whole,
    "sum": _whole,
    "mean": _quotient,
    "ratio": _quotient,
    "share": _quotient,
    "variance": _variance,
    "recency": _recency,
    "first": _register,
    "last": _register,
    "distinct": _distinct,
    "histogram": _histogram,
}
"""Op → the expression of a gene; ops that are not here are outside the core."""
