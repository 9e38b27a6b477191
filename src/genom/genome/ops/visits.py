"""Visits: runs of events with less than 30 minutes between them, and what became of their carts."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.ops.base import Reading, Value
from genom.words import Kind

__all__ = ["VISITS", "abandoned_hours", "since_last"]

_SILENCE: Final = 1_800_000  # ms without an event that end a visit
_HOUR: Final = 3_600_000  # ms
_FUNNEL: Final = (Kind.PRODUCT_VIEWED, Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED, Kind.ORDER_COMPLETED)
_STAGES: Final = ("none", "viewed", "added", "checkout", "ordered")
_CART: Final = (Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED)


def _ring(reading: Reading) -> NDArray[Any]:
    assert reading.ring is not None, "a ring function is only called with a ring"
    return reading.ring


def _starts(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each visit begins, and the end of the last one."""
    return np.concatenate(([0], np.flatnonzero(np.diff(times) >= _SILENCE) + 1, [len(times)]))


def sessions(reading: Reading) -> Value:
    """Visits: runs of events with less than 30 minutes between them.

    >>> seen = np.array([(minute * 60_000,) for minute in (0, 29, 59)], [("ts", "i8")])
    >>> how = {"at": 0, "property": "", "decayed": None, "integers": [], "length": 0, "term": str}
    >>> sessions(Reading(ring=seen, **how))
    2.0
    """
    times = _ring(reading)["ts"]
    return float(len(_starts(times)) - 1) if len(times) else None


def session_minutes(reading: Reading) -> Value:
    """Length of the last visit in minutes."""
    times = _ring(reading)["ts"]
    return float(times[-1] - times[_starts(times)[-2]]) / 60_000 if len(times) else None


def session_minutes_mean(reading: Reading) -> Value:
    """Mean length of the last visits in minutes."""
    times = _ring(reading)["ts"]
    if not len(times):
        return None
    edges = _starts(times)
    return float((times[edges[1:] - 1] - times[edges[:-1]]).mean()) / 60_000


def session_events_mean(reading: Reading) -> Value:
    """Mean number of events of the last visits."""
    times = _ring(reading)["ts"]
    return len(times) / (len(_starts(times)) - 1) if len(times) else None


def _after_order(reading: Reading) -> NDArray[Any]:
    """The records after the last order; all if there is none."""
    ring = _ring(reading)
    orders = np.flatnonzero(ring["kind"] == Kind.ORDER_COMPLETED)
    return ring[orders[-1] + 1 :] if len(orders) else ring


def since_order(reading: Reading) -> Value:
    """Events since the last order."""
    ordered = (_ring(reading)["kind"] == Kind.ORDER_COMPLETED).any()
    return float(len(_after_order(reading))) if ordered else None


def since_last(reading: Reading) -> Value:
    """Records since the last one that the filter lets through."""
    passes = reading.passes
    assert passes is not None, "since_last has a filter"
    found = np.flatnonzero(passes)
    return float(len(passes) - 1 - found[-1]) if len(found) else None


def funnel_stage(reading: Reading) -> Value:
    """The furthest step towards an order since the last one."""
    recent = _after_order(reading)["kind"]
    if not len(recent) and len(_ring(reading)):
        return "ordered"
    return _STAGES[max((i + 1 for i, kind in enumerate(_FUNNEL) if kind in recent), default=0)]


def abandoned_hours(reading: Reading) -> Value:
    """Hours since a cart or checkout was left without an order, once it is silent for 30 minutes."""
    recent = _after_order(reading)
    if not len(recent) or not np.isin(recent["kind"], _CART).any():
        return None
    silent = reading.at - int(recent["ts"][-1])
    left = recent["ts"][np.isin(recent["kind"], _CART)][-1]
    return (reading.at - int(left)) / _HOUR if silent >= _SILENCE else None


def abandonment_share(reading: Reading) -> Value:
    """Share of the last visits with a cart or checkout that ended without an order."""
    ring = _ring(reading)
    if not len(ring):
        return None
    edges = _starts(ring["ts"])[:-1]
    carts = np.logical_or.reduceat(np.isin(ring["kind"], _CART), edges)
    orders = np.logical_or.reduceat(ring["kind"] == Kind.ORDER_COMPLETED, edges)
    return float(np.mean(~orders[carts])) if carts.any() else None


VISITS: Final = (
    sessions, session_minutes, session_minutes_mean, session_events_mean, since_order, funnel_stage, abandoned_hours,
    abandonment_share,
)  # fmt: skip
