"""The sum of a property: for ever in exact integers (micros, thousandths), or fading with a half-life."""

from genom.genome.ops.base import ADD, CODES, Laws, Op, Reading, Storage

__all__ = ["SUM"]


def _finish(reading: Reading) -> float:
    return float(reading.decayed[0]) if reading.decayed is not None else reading.integers[0] * reading.scale


SUM = Op(
    name="sum",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=2e-5, floor=1e-6),
    storage=Storage.CELLS,
    finish=_finish,
    merge=(ADD,),
    decayed_code=CODES["sum.decayed"],
    lifetime_code=CODES["sum.lifetime"],
    properties=("amount", "discount", "quantity"),
)
"""Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009 (decayed sums)."""
