"""The mean of a property, for ever or fading: a sum and a count that are read together.

Both fade with the same half-life, so the weight of time cancels: the mean of what happened does not fade, only the
memory of it.  When all of it has faded below 2^-64 of one event, nothing is known.
The cells are those of `sum` and `count` genes over the same rows and half-life, if there are such.
"""

from genom.genome.ops.base import FADED, UNITS, Kept, Laws, Op, Reading, Storage, Value

__all__ = ["MEAN"]


def _finish(reading: Reading) -> Value:
    """The mean.

    >>> from genom.genome.ops.base import Reading
    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> _finish(Reading(at=0, property="amount", integers=[30_000_000, 4], **how))
    7.5
    """
    if reading.decayed is not None:
        total, weight = reading.decayed.tolist()
        return total / weight if weight >= FADED else None
    whole, count = reading.integers
    return whole / UNITS[reading.property] / count if count else None


MEAN = Op(
    name="mean",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=4e-5, floor=1e-6),
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="sum", present=True), Kept(form="count", present=True)),
    properties=("amount", "discount", "quantity"),
    says={"en": "The mean", "de": "Der Mittelwert"},
)
