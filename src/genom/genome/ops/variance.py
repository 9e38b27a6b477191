"""The variance of a property, for ever or fading; never from a difference of large rounded numbers.

For ever it is exact: count, sum and sum of squares are integers (the last of 128 bits), and integers do not cancel.
Fading, three cells are kept: the weight w, the sum S, and M2, the weighted squares about the mean S / w.
All three shrink by the same power of two when time passes, so an epoch moves them like any other cell, and w and S
are the cells of `count`, `sum` and `mean` genes over the same rows.  A row adds ω·w/(w+ω)·(x - S/w)² to M2 before
it is counted; two people's M2 add up with the same correction.  The error of S / w enters squared: with a mean of
10,000 standard deviations the variance is right to about one per cent.  Of a single value the variance is 0.

Source: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
"""

from genom.genome.ops.base import FADED, Kept, Laws, Op, Reading, Storage, Value

__all__ = ["VARIANCE"]


def _finish(reading: Reading) -> Value:
    """The variance about the mean, divided by the weight.

    >>> from genom.genome.ops.base import Reading
    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> _finish(Reading(at=0, property="quantity", integers=[17_000_000, 0, 5000, 2], **how))
    2.25
    """
    if reading.decayed is not None:
        deviations, _, weight = reading.decayed.tolist()
        return deviations / weight if weight >= FADED else None
    low, high, whole, count = reading.integers
    squares = (high << 64) + (low & (1 << 64) - 1)
    return (count * squares - whole * whole) / (count * count) * reading.scale**2 if count else None


VARIANCE = Op(
    name="variance",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=1e-4, floor=1e-6),  # of the mean square
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(
        Kept(form="spread", present=True),
        Kept(form="sum", present=True),
        Kept(form="count", present=True),
    ),
    properties=("amount", "discount", "quantity"),
    says={"en": "The variance", "de": "Die Varianz"},
)
