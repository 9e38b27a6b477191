"""The rhythm of orders, or of any rows that `of` names: gaps between them, and days or weeks in a row.

Sums of gaps telescope, so the mean needs no memory of each; their spread, the last one and streaks depend on the
order of all and are functions of the ring.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.ops.base import Reading, Value
from genom.genome.ops.recency import DAY
from genom.words import Kind

__all__ = ["GAPS", "chosen", "overdue"]


def chosen(reading: Reading) -> NDArray[Any]:
    """The records that the gene's filter lets through; orders if it has none."""
    ring = reading.ring
    assert ring is not None, "a ring function is only called with a ring"
    passes = ring["kind"] == Kind.ORDER_COMPLETED if reading.passes is None else reading.passes
    found: NDArray[Any] = ring[passes]
    return found


def _gaps(reading: Reading) -> NDArray[np.float64]:
    return np.diff(chosen(reading)["ts"]) / DAY


def gap_mean(reading: Reading) -> Value:
    """Mean days between the last orders.

    >>> orders = np.array([(Kind.ORDER_COMPLETED, day * DAY) for day in (0, 2, 8)], [("kind", "u2"), ("ts", "i8")])
    >>> how = {"at": 0, "property": "", "decayed": None, "integers": [], "length": 0, "term": str}
    >>> gap_mean(Reading(ring=orders, **how))
    4.0
    """
    gaps = _gaps(reading)
    return float(gaps.mean()) if len(gaps) else None


def gap_deviation(reading: Reading) -> Value:
    """Standard deviation of the days between the last orders."""
    gaps = _gaps(reading)
    return float(gaps.std()) if len(gaps) > 1 else None


def gap_variance(reading: Reading) -> Value:
    """Variance of the days between the last orders, in days squared."""
    gaps = _gaps(reading)
    return float(gaps.var()) if len(gaps) > 1 else None


def last_gap(reading: Reading) -> Value:
    """Days between the last two orders."""
    gaps = _gaps(reading)
    return float(gaps[-1]) if len(gaps) else None


def overdue(reading: Reading) -> Value:
    """Days since the last order, as a multiple of the mean gap."""
    gaps, orders = _gaps(reading), chosen(reading)
    mean = float(gaps.mean()) if len(gaps) else 0.0
    return (reading.at - int(orders["ts"][-1])) / DAY / mean if mean else None


def _streak(reading: Reading, length: int) -> Value:
    spans = np.unique(chosen(reading)["ts"] // length)
    if not len(spans):
        return None
    breaks = np.flatnonzero(np.diff(spans) != 1)
    return float(len(spans) - (breaks[-1] + 1 if len(breaks) else 0))


def streak(reading: Reading) -> Value:
    """Weeks in a row with an order, counted back from the last one."""
    return _streak(reading, 7 * DAY)


def streak_days(reading: Reading) -> Value:
    """Days in a row with an order (UTC), counted back from the last one."""
    return _streak(reading, DAY)


GAPS: Final = (gap_mean, gap_deviation, gap_variance, last_gap, overdue, streak, streak_days)
