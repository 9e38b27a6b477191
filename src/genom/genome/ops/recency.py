"""How many days ago something happened last; it grows while nothing happens."""

from genom.genome.ops.base import Kept, Laws, Op, Reading, Storage, Value

__all__ = ["DAY", "RECENCY"]

DAY = 86_400_000  # ms


def _finish(reading: Reading) -> Value:
    """Days; None if it never happened.

    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> [_finish(Reading(at=3 * DAY, property="", integers=[last], **how)) for last in (DAY + 1, 0)]
    [2.0, None]
    """
    last = reading.integers[0]  # time + 1, 0 = never
    return (reading.at - last + 1) / DAY if last else None


RECENCY = Op(
    name="recency",
    laws=Laws(commutative=True, idempotent=True, invertible=False, rtol=0.0),
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="recency"),),
    says={"en": "Days since it happened last", "de": "Tage, seit es zuletzt vorkam"},
)
