"""How the events spread over the values of a property, fading with a half-life; one gene with many cells."""

from genom.genome.ops.base import CODES, SIZES, Laws, Op, Storage

__all__ = ["HISTOGRAM"]

HISTOGRAM = Op(
    name="histogram",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=2e-5, floor=1e-6),
    storage=Storage.CELLS,
    decayed_code=CODES["histogram"],
    properties=tuple(SIZES),
    cells=SIZES.__getitem__,
)
