"""How often something happened: for ever as an integer, or fading with a half-life."""

from genom.genome.ops.base import Kept, Laws, Op, Reading, Storage

__all__ = ["COUNT"]


def _finish(reading: Reading) -> float:
    """Events, or what is left of them.

    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> _finish(Reading(at=0, property="", integers=[3], **how))
    3.0
    """
    return float(reading.decayed[0]) if reading.decayed is not None else float(reading.integers[0])


COUNT = Op(
    name="count",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=2e-5, floor=1e-6),
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="count"),),
    says={"en": "How often it happened", "de": "Wie oft es vorkam"},
)
"""Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009 (decayed counts)."""
