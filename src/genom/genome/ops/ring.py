"""What depends on order, as pure functions of the last N records: gaps, sessions, streaks, since-last, funnels.

A running accumulator for these is wrong as soon as events arrive late or profiles merge; "the last N by (time, id,
line)" is commutative, associative and idempotent, so a function of it is always right (for the last N records).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.ops.base import Laws, Op, Reading, Storage, Value
from genom.genome.ops.declared import DECLARED
from genom.genome.ops.gaps import GAPS, chosen, overdue
from genom.genome.ops.sequences import SEQUENCES
from genom.genome.ops.visits import VISITS, abandoned_hours, since_last
from genom.words import MICROS, Kind

__all__ = ["RING", "RING_OF", "RingFunction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFunction:
    """A function of a ring, and what it needs."""

    ring: str  # that it reads, unless its filter lets through only what another ring keeps
    function: Callable[[Reading], Value]
    takes_rows: bool  # whether `of` may choose among the records
    text: bool  # gives words instead of a number
    moves: bool  # says something else while nothing happens
    of_orders: bool  # may read the ring of orders

    @property
    def needs_rows(self) -> bool:
        """Whether it means nothing without `of`."""
        return self.function is since_last


def _known(reading: Reading, field: str) -> NDArray[Any]:
    """The items or categories of the last lines, without the lines that have none."""
    assert reading.ring is not None, "a ring function is only called with a ring"
    values: NDArray[Any] = reading.ring[field]
    known: NDArray[Any] = values[values != 0]
    return known


def mean_amount(reading: Reading) -> Value:
    """Mean value of the last orders that have one in the reporting currency."""
    orders = chosen(reading)
    amounts = orders["amount"][orders["priced"] == 1]
    return float(amounts.mean() / MICROS) if len(amounts) else None


def distinct_items(reading: Reading) -> Value:
    """Different products among the last lines."""
    return float(len(np.unique(_known(reading, "item")))) or None


def distinct_categories(reading: Reading) -> Value:
    """Different categories among the last lines."""
    return float(len(np.unique(_known(reading, "category_2")))) or None


def repeat_share(reading: Reading) -> Value:
    """Share of the last lines that repeat an earlier one.

    >>> lines = np.array([(5,), (6,), (5,), (0,)], [("item", "u8")])  # the last has no product
    >>> how = {"at": 0, "property": "", "decayed": None, "integers": [], "length": 0, "term": str}
    >>> round(repeat_share(Reading(ring=lines, **how)), 3)
    0.333
    """
    items = _known(reading, "item")
    return 1.0 - len(np.unique(items)) / len(items) if len(items) else None


def last_categories(reading: Reading) -> Value:
    """The categories of the last lines, newest first."""
    names = [reading.term("category_2", code) for code in _known(reading, "category_2")[::-1].tolist()]
    return ", ".join(list(dict.fromkeys(name for name in names if name))[: reading.length]) or None


def messages_unanswered(reading: Reading) -> Value:
    """Messages received since the last one that was opened or clicked."""
    assert reading.ring is not None, "a ring function is only called with a ring"
    kinds = reading.ring["kind"]
    answered = np.flatnonzero(kinds != Kind.CAMPAIGN_RECEIVED)
    return float(len(kinds) - (answered[-1] + 1 if len(answered) else 0)) if len(kinds) else None


_OF_ORDERS: Final = {*GAPS, since_last, mean_amount}
_OF_ROWS: Final = {*_OF_ORDERS, *SEQUENCES}
_MOVES: Final = {overdue, abandoned_hours}
_TEXTS: Final = frozenset(
    {"funnel_stage", "last_categories", "frequent_pair", "last_kinds", "last_channels", *DECLARED.functions}
)
RING_OF: Final[dict[str, RingFunction]] = {
    f.__name__: RingFunction(
        ring=ring,
        function=f,
        takes_rows=f in _OF_ROWS,
        text=f.__name__ in _TEXTS,
        moves=f in _MOVES,
        of_orders=f in _OF_ORDERS,
    )
    for ring, functions in {
        "events": (*GAPS, *VISITS, since_last, mean_amount, *SEQUENCES),
        "items": (distinct_items, distinct_categories, repeat_share, last_categories),
        "messages": (messages_unanswered,),
        "declared": tuple(DECLARED.functions.values()),
    }.items()
    for f in functions
}
"""Function name → the ring it reads, the function, and what it needs."""

RING = Op(
    name="ring",
    laws=Laws(commutative=True, idempotent=True, invertible=False, rtol=0.0),
    storage=Storage.RING,
    functions={name: known.function for name, known in RING_OF.items() if name not in DECLARED.functions},
    says={"en": "From the last records", "de": "Aus den letzten Einträgen"},
)
