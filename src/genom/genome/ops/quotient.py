"""One number of rows divided by another, for ever or fading: `ratio` of any two, `share` of a part in a whole.

`ratio` divides the rows of `of` by those of `to`: refunds per order, clicks per message.
`share` divides the rows that are in `of` and in `within` by all of `within`: it lies between 0 and 1 for counts.
A property makes each a sum instead of a count.  Numerator and denominator fade with the same half-life.
"""

from genom.genome.ops.base import FADED, UNITS, Kept, Laws, Op, Reading, Storage, Value

__all__ = ["RATIO", "SHARE"]

_LAWS = Laws(commutative=True, idempotent=False, invertible=True, rtol=4e-5, floor=1e-6)


def _finish(reading: Reading) -> Value:
    """The quotient; unknown while the denominator is nothing.

    >>> from genom.genome.ops.base import Reading
    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> _finish(Reading(at=0, property="", integers=[1, 4], **how))
    0.25
    """
    if reading.decayed is not None:
        part, whole = reading.decayed.tolist()
        return part / whole if abs(whole) >= FADED else None
    over, under = reading.integers
    if not under:
        return None
    return (over / UNITS.get(reading.property, 1)) / (under / UNITS.get(reading.base_property, 1))


RATIO = Op(
    name="ratio",
    laws=_LAWS,
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="sum"), Kept(form="sum", base=True)),  # of nothing: a count
    properties=("amount", "discount", "quantity"),
    optional=True,
    base="to",
    says={"en": "For each", "de": "Für jedes"},
)

SHARE = Op(
    name="share",
    laws=_LAWS,
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="sum"), Kept(form="sum", base=True)),
    properties=("amount", "discount", "quantity"),
    optional=True,
    base="within",
    says={"en": "The share", "de": "Der Anteil"},
)
