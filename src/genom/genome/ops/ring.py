"""What depends on order, as pure functions of the last N records: gaps, sessions, streaks, since-last, funnels.

A running accumulator for these is wrong as soon as events arrive late or profiles merge; "the last N by (time, id,
line)" is commutative, associative and idempotent, so a function of it is always right (for the last N records).
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.ops.base import Laws, Op, Reading, Storage, Value
from genom.genome.ops.declared import DECLARED
from genom.genome.ops.recency import DAY
from genom.words import MICROS, Kind

__all__ = ["RING", "RING_OF"]

_SESSION: Final = 1_800_000  # ms without an event that end a session
_FUNNEL: Final = (Kind.PRODUCT_VIEWED, Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED, Kind.ORDER_COMPLETED)
_STAGES: Final = ("none", "viewed", "added", "checkout", "ordered")


def _of(reading: Reading, *kinds: Kind) -> NDArray[Any]:
    ring = reading.ring
    assert ring is not None, "a ring function is only called with a ring"
    if not kinds:
        return ring
    chosen: NDArray[Any] = ring[np.isin(ring["kind"], kinds)]
    return chosen


def _known(reading: Reading, field: str) -> NDArray[Any]:
    """The items or categories of the last lines, without the lines that have none."""
    values: NDArray[Any] = _of(reading)[field]
    known: NDArray[Any] = values[values != 0]
    return known


def _order_gaps(reading: Reading) -> np.ndarray:
    times = _of(reading, Kind.ORDER_COMPLETED)["ts"]
    return np.diff(times) / DAY


def gap_mean(reading: Reading) -> Value:
    """Mean days between the last orders."""
    gaps = _order_gaps(reading)
    return float(gaps.mean()) if len(gaps) else None


def gap_deviation(reading: Reading) -> Value:
    """Standard deviation of the days between the last orders."""
    gaps = _order_gaps(reading)
    return float(gaps.std()) if len(gaps) > 1 else None


def last_gap(reading: Reading) -> Value:
    """Days between the last two orders."""
    gaps = _order_gaps(reading)
    return float(gaps[-1]) if len(gaps) else None


def overdue(reading: Reading) -> Value:
    """Days since the last order, as a multiple of the mean gap."""
    gaps, orders = _order_gaps(reading), _of(reading, Kind.ORDER_COMPLETED)
    mean = float(gaps.mean()) if len(gaps) else 0.0
    return (reading.at - int(orders["ts"][-1])) / DAY / mean if mean else None


def streak(reading: Reading) -> Value:
    """Weeks in a row with an order, counted back from the last one."""
    weeks = np.unique(_of(reading, Kind.ORDER_COMPLETED)["ts"] // (7 * DAY))
    if not len(weeks):
        return None
    breaks = np.flatnonzero(np.diff(weeks) != 1)
    return float(len(weeks) - (breaks[-1] + 1 if len(breaks) else 0))


def sessions(reading: Reading) -> Value:
    """Visits: runs of events with less than 30 minutes between them."""
    times = _of(reading)["ts"]
    return float(1 + np.count_nonzero(np.diff(times) >= _SESSION)) if len(times) else None


def session_minutes(reading: Reading) -> Value:
    """Length of the last visit in minutes."""
    times = _of(reading)["ts"]
    if not len(times):
        return None
    breaks = np.flatnonzero(np.diff(times) >= _SESSION)
    start = times[breaks[-1] + 1] if len(breaks) else times[0]
    return float(times[-1] - start) / 60_000


def since_order(reading: Reading) -> Value:
    """Events since the last order."""
    kinds = _of(reading)["kind"]
    orders = np.flatnonzero(kinds == Kind.ORDER_COMPLETED)
    return float(len(kinds) - 1 - orders[-1]) if len(orders) else None


def funnel_stage(reading: Reading) -> Value:
    """The furthest step towards an order since the last one."""
    kinds = _of(reading)["kind"]
    orders = np.flatnonzero(kinds == Kind.ORDER_COMPLETED)
    if len(orders) and orders[-1] == len(kinds) - 1:
        return "ordered"
    recent = kinds[orders[-1] + 1 :] if len(orders) else kinds
    return _STAGES[max((i + 1 for i, kind in enumerate(_FUNNEL) if kind in recent), default=0)]


def mean_amount(reading: Reading) -> Value:
    """Mean value of the last orders that have one in the reporting currency."""
    orders = _of(reading, Kind.ORDER_COMPLETED)
    amounts = orders["amount"][orders["priced"] == 1]
    return float(amounts.mean() / MICROS) if len(amounts) else None


def distinct_items(reading: Reading) -> Value:
    """Different products among the last lines."""
    return float(len(np.unique(_known(reading, "item")))) or None


def distinct_categories(reading: Reading) -> Value:
    """Different categories among the last lines."""
    return float(len(np.unique(_known(reading, "category_2")))) or None


def repeat_share(reading: Reading) -> Value:
    """Share of the last lines that repeat an earlier one."""
    items = _known(reading, "item")
    return 1.0 - len(np.unique(items)) / len(items) if len(items) else None


def last_categories(reading: Reading) -> Value:
    """The categories of the last lines, newest first."""
    names = [reading.term("category_2", int(code)) for code in _of(reading)["category_2"][::-1]]
    return ", ".join(list(dict.fromkeys(name for name in names if name))[: reading.length]) or None


def messages_unanswered(reading: Reading) -> Value:
    """Messages received since the last one that was opened or clicked."""
    kinds = _of(reading)["kind"]
    answered = np.flatnonzero(kinds != Kind.CAMPAIGN_RECEIVED)
    return float(len(kinds) - (answered[-1] + 1 if len(answered) else 0)) if len(kinds) else None


RING_OF: Final[dict[str, tuple[str, Callable[[Reading], Value]]]] = {
    f.__name__: (ring, f)
    for ring, functions in {
        "events": (
            gap_mean, gap_deviation, last_gap, overdue, streak, sessions, session_minutes, since_order, funnel_stage,
            mean_amount,
        ),
        "items": (distinct_items, distinct_categories, repeat_share, last_categories),
        "messages": (messages_unanswered,),
        "declared": DECLARED,
    }.items()
    for f in functions
}  # fmt: skip
"""Function name → the ring it reads and the function."""

RING = Op(
    name="ring",
    laws=Laws(commutative=True, idempotent=True, invertible=False, rtol=0.0),
    storage=Storage.RING,
    functions={name: function for name, (_, function) in RING_OF.items()},
)
