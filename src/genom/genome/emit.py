"""One op as source lines: what the generated kernel does with a row that passes the op's filter.

A new op code is a function here and a line in `EMITTERS`.  Everything that enters the text is a number of the op table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from genom.genome.ops.base import CODES, NONE_IS_ZERO, PROPERTIES

__all__ = ["AMOUNTS", "EMITTERS", "NUMBERS", "Entry"]


class Entry(NamedTuple):
    """One row of the op table, by the names of its columns."""

    code: int
    added: int  # property
    cell: int
    cells: int
    span: int  # half-life
    need: int
    chooses: int  # property that chooses the cell
    care: int  # bits that `need` is about
    predicate: int
    weight: int  # cells that squared deviations look at
    total: int


NUMBERS: Final = {
    0: "1", 1: "row.amount", 2: "row.discount", 3: "row.quantity", 4: "row.ts", 5: "row.channel",
    6: "row.hour_of_week", 7: "row.hour_of_week % 24", 8: "row.hour_of_week // 24", 9: "row.category_1",
    10: "row.category_2", 11: "row.item", 12: "row.source", 13: "row.name", 14: "row.device",
}  # fmt: skip
"""Property → its integer."""

AMOUNTS: Final = {1: "row.amount * 1e-6", 2: "row.discount * 1e-6", 3: "row.quantity * 1e-3"}
"""Property → what is added to a decayed sum; of any other a one."""

_NONE_IS_ZERO: Final = tuple(PROPERTIES[name] for name in NONE_IS_ZERO)


def _count(entry: Entry) -> list[str]:
    return [f"add(decayed, d, {entry.cell}, one{entry.span})"]


def _sum(entry: Entry) -> list[str]:
    if entry.added not in AMOUNTS:
        return _count(entry)
    return [f"add(decayed, d, {entry.cell}, np.float32(weight{entry.span} * amount{entry.added}))"]


def _histogram(entry: Entry) -> list[str]:
    chosen, first = f"number{entry.chooses}", int(entry.chooses in _NONE_IS_ZERO)
    return [
        f"if {first} <= {chosen} < {entry.cells}:",
        f"    add(decayed, d + {chosen}, {entry.cell}, one{entry.span})",
    ]


def _hashed(entry: Entry) -> list[str]:
    return [
        f"chosen = bucket(number{entry.chooses}, {entry.cells})",
        "if chosen >= 0:",
        f"    add(decayed, d + chosen, {entry.cell}, one{entry.span})",
    ]


def _deviations(entry: Entry) -> list[str]:
    held = f"take(decayed, d, {entry.weight}), take(decayed, d, {entry.total})"
    amount = f"amount{entry.added}" if entry.added in AMOUNTS else "1.0"
    return [f"add(decayed, d, {entry.cell}, np.float32(deviation({amount}, weight{entry.span}, {held})))"]


def _integer(entry: Entry) -> list[str]:
    return [f"add(integers, n, {entry.cell}, {_number(entry)})"]


def _recency(entry: Entry) -> list[str]:
    return [f"raise_to(integers, n, {entry.cell}, ts + 1)"]


def _first(entry: Entry) -> list[str]:
    return [f"register(integers, n, {entry.cell}, ts, ident, line, {_number(entry)}, False)"]


def _last(entry: Entry) -> list[str]:
    return [f"register(integers, n, {entry.cell}, ts, ident, line, {_number(entry)}, True)"]


def _squares(entry: Entry) -> list[str]:
    return [f"square(whole, n + {entry.cell}, {_number(entry)})"]


def _distinct(entry: Entry) -> list[str]:
    return [f"see(whole, n + {entry.cell}, bucket(number{entry.chooses}, {2 * entry.cells}), ts)"]


def _number(entry: Entry) -> str:
    return f"number{entry.added}" if entry.added else "1"


EMITTERS: Final[dict[int, Callable[[Entry], list[str]]]] = {
    CODES["count.decayed"]: _count,
    CODES["sum.decayed"]: _sum,
    CODES["histogram"]: _histogram,
    CODES["histogram.hashed"]: _hashed,
    CODES["deviations"]: _deviations,
    CODES["count.lifetime"]: _integer,
    CODES["sum.lifetime"]: _integer,
    CODES["recency"]: _recency,
    CODES["first"]: _first,
    CODES["last"]: _last,
    CODES["squares"]: _squares,
    CODES["distinct"]: _distinct,
}
"""Op code → its lines."""
