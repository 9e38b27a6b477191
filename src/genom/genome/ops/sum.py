"""The sum of a property: for ever in exact integers (micros, thousandths), or fading with a half-life."""

from genom.genome.ops.base import Kept, Laws, Op, Reading, Storage

__all__ = ["SUM"]


def _finish(reading: Reading) -> float:
    """The sum in the property's unit.

    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> _finish(Reading(at=0, property="amount", integers=[12_500_000], **how))
    12.5
    """
    return float(reading.decayed[0]) if reading.decayed is not None else reading.integers[0] * reading.scale


SUM = Op(
    name="sum",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=2e-5, floor=1e-6),
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="sum"),),
    properties=("amount", "discount", "quantity"),
    says={"en": "The sum", "de": "Die Summe"},
)
"""Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009 (decayed sums)."""
