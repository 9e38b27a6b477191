"""Filters over arrays of records: of a ring, where what a record does not hold is refused, or of the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.errors import BadConfiguration
from genom.genome.filters import BITS, EVERYTHING, Rows, Term
from genom.genome.ops import PROPERTIES, RING_OF
from genom.words import Flag, Kind

__all__ = ["MESSAGES", "bits_of", "check_ring_rows", "passing", "reads_orders", "ring_read"]

MESSAGES: Final = (Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED)
_HELD: Final = {"amount", "channel", "hour_of_week", "hour_of_day", "weekday", "category_1", "category_2"}
_NUMBERS: Final = {number: name for name, number in PROPERTIES.items()}
_CHANNELS: Final = 0xFFFF
_FLAGS: Final = {
    "discounted": Flag.DISCOUNTED, "coupon": Flag.COUPON, "amount": Flag.AMOUNT, "clamped": Flag.CLAMPED,
}  # fmt: skip
Code = Callable[[str, str], int]  # (property, name) → code, 0 if it has none
_KEPT: Final = _CHANNELS | sum(BITS[name] for name in ("weekend", "morning", "afternoon", "evening", "night", "amount"))


def ring_read(function: str, rows: Rows) -> str:
    """The ring that a function reads: messages have one of their own."""
    known = RING_OF[function]
    if not known.takes_rows or rows.terms == EVERYTHING:
        return known.ring
    return "messages" if all(term.kinds and set(term.kinds) <= set(MESSAGES) for term in rows.terms) else known.ring


def reads_orders(function: str, rows: Rows) -> bool:
    """Whether a function looks at completed orders and at nothing else."""
    if function not in RING_OF or not RING_OF[function].of_orders:
        return False
    if rows.terms == EVERYTHING:
        return not RING_OF[function].needs_rows
    return all(term.kinds == (Kind.ORDER_COMPLETED,) for term in rows.terms)


def check_ring_rows(function: str, rows: Rows, where: str) -> None:
    """Raises BadConfiguration for a filter that asks for what no record of the ring has."""
    if rows.lines:
        what = f"{where} looks at order lines."
        raise BadConfiguration(what, why="its function reads a ring of events", fix="use a filter of events")
    if not rows.terms:
        raise BadConfiguration(
            f"{where} has a filter that no row can pass.", why="it contradicts itself", fix="mend it"
        )
    if ring_read(function, rows) == "events" and any(
        term.kinds and set(term.kinds) & set(MESSAGES) for term in rows.terms
    ):
        what = f"{where} looks at messages and at other events."
        raise BadConfiguration(what, why="messages have a ring of their own", fix="declare one gene for each")
    for term in rows.terms:
        missing = [name for name, bit in BITS.items() if term.care & bit & ~_KEPT]
        missing += [_NUMBERS[one.property] for one in term.ranges if _NUMBERS[one.property] not in _HELD]
        if missing:
            what = f"{where} asks for {missing[0]}."
            raise BadConfiguration(what, why="the records of a ring do not hold it", fix="leave it out of the filter")


def passing(
    records: NDArray[np.void], rows: Rows, code: Code, *, bits: NDArray[np.int64] | None = None
) -> NDArray[np.bool_]:
    """Which records of a ring, or rows of the journal, a filter lets through; `code` knows the names of categories.

    `bits` are those of the records, where several filters look at the same ones.
    """
    found, bits = np.zeros(len(records), np.bool_), bits_of(records) if bits is None else bits
    for term in rows.terms:
        found |= _meets(records, bits, term, code)
    return found


def _meets(records: NDArray[np.void], bits: NDArray[np.int64], term: Term, code: Code) -> NDArray[np.bool_]:
    found = (bits & term.care) == term.need
    if term.kinds is not None:
        kinds = records["kind"]
        found &= kinds == term.kinds[0] if len(term.kinds) == 1 else np.isin(kinds, term.kinds)
    for one in term.ranges:
        name, low, high = _NUMBERS[one.property], one.low, one.high
        if one.name:
            low = code(name, one.name) or 1
            high = code(name, one.name)
        values = _values(records, name)
        found &= ((low <= values) & (values <= high)) == one.inside
    return np.asarray(found, np.bool_)


def _values(records: NDArray[np.void], name: str) -> NDArray[np.int64]:
    hours = records["hour_of_week"].astype(np.int64)
    if name in {"hour_of_day", "weekday"}:
        return hours % 24 if name == "hour_of_day" else hours // 24
    return records[name].astype(np.int64)


def bits_of(records: NDArray[np.void]) -> NDArray[np.int64]:
    """The bits of records, as the kernel derives them from rows."""
    hours = records["hour_of_week"].astype(np.int64)
    parts = np.array([BITS[name] for name in ("night", "morning", "afternoon", "evening")], np.int64)
    bits = np.int64(1) << (records["channel"].astype(np.int64) % 16)
    bits |= parts[hours % 24 // 6] | np.where(hours >= 120, BITS["weekend"], 0)
    if "flags" not in (records.dtype.names or ()):
        return np.asarray(bits | np.where(records["priced"] == 1, BITS["amount"], 0), np.int64)
    bits |= np.where(records["device"] > 0, BITS["device"], 0)
    for name, flag in _FLAGS.items():
        bits |= np.where(records["flags"] & flag, BITS[name], 0)
    return np.asarray(bits, np.int64)
