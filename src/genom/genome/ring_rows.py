"""Filters over the records of a ring: what a record holds can be asked for, what it does not is refused."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.errors import BadConfiguration
from genom.genome.filters import BITS, EVERYTHING, Rows, Term
from genom.genome.ops import PROPERTIES, RING_OF
from genom.words import Kind

__all__ = ["MESSAGES", "check_ring_rows", "passing", "ring_read"]

MESSAGES: Final = (Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED)
_FIELDS: Final = {PROPERTIES[name]: name for name in ("amount", "channel", "hour_of_week", "category_1", "category_2")}
_NUMBERS: Final = {number: name for name, number in PROPERTIES.items()}
_CHANNELS: Final = 0xFFFF
_KEPT: Final = _CHANNELS | sum(BITS[name] for name in ("weekend", "morning", "afternoon", "evening", "night", "amount"))


def ring_read(function: str, rows: Rows) -> str:
    """The ring that a function reads: messages have one of their own."""
    known = RING_OF[function]
    if not known.takes_rows or rows.terms == EVERYTHING:
        return known.ring
    return "messages" if all(term.kinds and set(term.kinds) <= set(MESSAGES) for term in rows.terms) else known.ring


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
        missing += [_NUMBERS[one.property] for one in term.ranges if one.property not in _FIELDS]
        if missing:
            what = f"{where} asks for {missing[0]}."
            raise BadConfiguration(what, why="the records of a ring do not hold it", fix="leave it out of the filter")


def passing(ring: NDArray[np.void], rows: Rows, code: Any) -> NDArray[np.bool_]:
    """Which records of a ring a filter lets through; `code` gives the code of a category's name."""
    found = np.zeros(len(ring), np.bool_)
    bits = _bits(ring)
    for term in rows.terms:
        found |= _meets(ring, bits, term, code)
    return found


def _meets(ring: NDArray[np.void], bits: NDArray[np.int64], term: Term, code: Any) -> NDArray[np.bool_]:
    found = (bits & term.care) == term.need
    if term.kinds is not None:
        found &= np.isin(ring["kind"], term.kinds)
    for one in term.ranges:
        values = ring[_FIELDS[one.property]].astype(np.int64)
        low = high = code(_NUMBERS[one.property], one.name) if one.name else 0
        if not one.name:
            low, high = one.low, one.high
        inside = (low <= values) & (values <= high) & (not one.name or low > 0)
        found &= inside if one.inside else ~inside
    return np.asarray(found, np.bool_)


def _bits(ring: NDArray[np.void]) -> NDArray[np.int64]:
    """The bits of the records, as the kernel derives them from rows."""
    hours = ring["hour_of_week"].astype(np.int64)
    parts = np.array([BITS[name] for name in ("night", "morning", "afternoon", "evening")], np.int64)
    bits = np.int64(1) << (ring["channel"].astype(np.int64) % 16)
    bits |= parts[hours % 24 // 6]
    bits |= np.where(hours >= 120, BITS["weekend"], 0)
    bits |= np.where(ring["priced"] == 1, BITS["amount"], 0)
    return np.asarray(bits, np.int64)
