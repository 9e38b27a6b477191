"""How the events spread over the values of a property, fading with a half-life; one gene with many cells.

A property with a declared set of values (a channel, an hour, a category) has a cell for each; what did not fit into
the vocabulary shares the cell `other`.  A property of an open set (an item, a campaign, a name) is hashed into
`buckets`: the cell of a value holds at least its own weight, and that of others that share the bucket.
With n values in b buckets a value is alone with probability (1 - 1/b)^(n - 1), about 1 - n/b.

>>> from genom.genome.ops.base import bucket
>>> SIZES["weekday"], [bucket(item, 16) for item in (1, 2, 3)]  # of a week, and of three products in 16 buckets
(7, [5, 10, 0])
"""

from genom.genome.ops.base import HASHED, SIZES, Kept, Laws, Op, Storage

__all__ = ["HISTOGRAM"]

HISTOGRAM = Op(
    name="histogram",
    laws=Laws(commutative=True, idempotent=False, invertible=True, rtol=2e-5, floor=1e-6),
    storage=Storage.CELLS,
    keeps=(Kept(form="histogram"),),
    properties=(*SIZES, *HASHED),
    says={"en": "How it spreads over", "de": "Wie es sich verteilt über"},
)
