"""Parts as SQL: what the kernel keeps in cells is an aggregate over a person's events here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from genom.genome.ops import NONE_IS_ZERO, SIZES, UNITS
from genom.genome.parts import Part, companions
from genom.genome.sql.conditions import Code, condition, value_of
from genom.genome.sql.literals import bit, number
from genom.genome.windows import Windows

__all__ = ["Sums", "served_bit"]

_MINUTE: Final = 60_000  # ms


@dataclass(slots=True, kw_only=True)
class Sums:
    """Columns that a query needs, each once: conditions and weights of an event, then aggregates of a person."""

    at: int  # unix ms
    code: Code
    also: dict[str, str]  # purpose that some family needs beside its own → condition that an event serves it
    conditions: dict[str, str] = field(default_factory=dict)  # expression → name
    weights: dict[int, str] = field(default_factory=dict)  # half-life → name
    aggregates: dict[str, str] = field(default_factory=dict)  # expression → name
    spreads: dict[Part, str] = field(default_factory=dict)
    histograms: dict[Part, str] = field(default_factory=dict)

    def whole(self, part: Part) -> str:
        """A count or sum; NULL is nothing."""
        if part.half_life:
            weight = self._weight(part.half_life)
            return self._aggregate(f"SUM({_weighted(part, weight)})", part)
        return self._aggregate("COUNT(*)" if part.form == "count" else f"SUM({value_of(part.property)})", part)

    def newest(self, part: Part) -> str:
        """The time of the last event."""
        return self._aggregate("MAX(ts)", part)

    def register(self, part: Part) -> str:
        """A property of the first or the last event by (ts, id, line)."""
        chooses = "ARG_MIN" if part.form == "first" else "ARG_MAX"
        return self._aggregate(f"{chooses}({value_of(part.property)}, ROW(ts, id, line))", part)

    def buckets(self, part: Part, *, window: int) -> str:
        """How many buckets of the bitmap have a value within a window (ms; 0 = for ever)."""
        since = max(0, self.at - window) // _MINUTE * _MINUTE if window else 0
        hashed = f"{part.property}_hash & CAST({2 * part.size - 1} AS UBIGINT)"
        recent = f" AND ts >= {since}" if since else ""
        return self._aggregate(f"COUNT(DISTINCT {hashed})", part, f" AND {part.property} <> 0{recent}")

    def spread(self, part: Part) -> str:
        """Weighted squares about the person's mean."""
        for other in companions(part):
            self.whole(other)
        self._if(part)
        return self.spreads.setdefault(part, f"v{len(self.spreads)}")

    def histogram(self, part: Part) -> str:
        """The cells of a histogram, as a map of codes to weights."""
        self._weight(part.half_life)
        self._if(part)
        return self.histograms.setdefault(part, f"h{len(self.histograms)}")

    def spread_sql(self, part: Part) -> str:
        """The aggregate of `spread`, over served events `e` beside their person's sums `s`."""
        count, total = (f"s.{self.whole(other)}" for other in companions(part))
        weight = f"e.{self._weight(part.half_life)}" if part.half_life else number(1)
        value = f"CAST(e.{value_of(part.property)} AS DOUBLE)"
        mean = f"CAST({total} AS DOUBLE) / NULLIF(CAST({count} AS DOUBLE), {number(0)})"
        if part.half_life:  # its sum is in units, not in stored integers
            value = f"{value} / {number(UNITS[part.property])}"
        return f"SUM({weight} * POWER({value} - {mean}, {number(2)})) FILTER (WHERE e.{self._if(part)})"

    def histogram_sql(self, part: Part) -> str:
        """A query of each person's cells."""
        if part.form == "hashed":
            code, some = f"{part.property}_hash & CAST({part.size - 1} AS UBIGINT)", f"{part.property} <> 0"
        else:
            code = value_of(part.property)
            least = int(part.property in NONE_IS_ZERO)
            some = f"{code} BETWEEN {least} AND {SIZES[part.property] - 1}"
        cells = (
            f"SELECT person, CAST({code} AS BIGINT) AS code, SUM({self._weight(part.half_life)}) AS weight "
            f"FROM served WHERE {self._if(part)} AND {some} GROUP BY 1, 2"
        )
        return f"SELECT person, MAP_FROM_ENTRIES(LIST(ROW(code, weight))) AS cells FROM ({cells}) AS c GROUP BY 1"

    def _aggregate(self, how: str, part: Part, more: str = "") -> str:
        expression = f"{how} FILTER (WHERE {self._if(part)}{more})"
        return self.aggregates.setdefault(expression, f"a{len(self.aggregates)}")

    def _if(self, part: Part) -> str:
        served = f"{self.also[part.also]} AND " if part.also else ""
        expression = served + condition(part.rows, self.code)
        return self.conditions.setdefault(expression, f"c{len(self.conditions)}")

    def _weight(self, half_life: int) -> str:
        return self.weights.setdefault(half_life, f"w{len(self.weights)}")

    def weight_sql(self, half_life: int) -> str:
        """What is left of an event: 2^-(age / half-life), which cannot overflow."""
        return f"POWER({number(2)}, CAST(ts - {self.at} AS DOUBLE) / {number(half_life)})"


def _weighted(part: Part, weight: str) -> str:
    if part.form == "count":
        return weight
    return f"{weight} * (CAST({value_of(part.property)} AS DOUBLE) / {number(UNITS[part.property])})"


def served_bit(bits: int, windows: Windows, at: int) -> str:
    """The condition that an event serves a purpose at a moment."""
    _, cuts, _ = Windows(
        {one: days for one, days in windows.days.items() if one == bits},
        {one: days for one, days in windows.by_kind.items() if one == bits},
    ).cuts(at)
    if not len(cuts):
        return bit("mask", bits)
    kinds = dict[int, list[int]]()
    for kind, cut in enumerate(cuts[0].tolist()):
        kinds.setdefault(cut, []).append(kind)
    usual = max(kinds, key=lambda cut: len(kinds[cut]))
    others = [f"WHEN kind IN ({', '.join(map(str, kinds[cut]))}) THEN {cut}" for cut in sorted(kinds) if cut != usual]
    since = f"CASE {' '.join(others)} ELSE {usual} END" if others else str(usual)
    return f"({bit('mask', bits)} AND ts >= {since})"
