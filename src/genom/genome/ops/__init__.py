"""The ops: one idea a file, each with the laws that its tests demand."""

from genom.genome.ops.base import (
    CODED,
    FADED,
    HASHED,
    NONE_IS_ZERO,
    PROPERTIES,
    SIZES,
    UNITS,
    Laws,
    Op,
    Reading,
    Storage,
    Value,
    bucket,
)
from genom.genome.ops.count import COUNT
from genom.genome.ops.declared import DECLARED
from genom.genome.ops.distinct import BUCKETS, DISTINCT
from genom.genome.ops.expression import EXPRESSION
from genom.genome.ops.histogram import HISTOGRAM
from genom.genome.ops.mean import MEAN
from genom.genome.ops.prediction import PREDICTION
from genom.genome.ops.quotient import RATIO, SHARE
from genom.genome.ops.recency import RECENCY
from genom.genome.ops.registers import FIRST_OF, LAST_OF
from genom.genome.ops.ring import RING, RING_OF
from genom.genome.ops.sum import SUM
from genom.genome.ops.variance import VARIANCE

__all__ = [
    "BUCKETS",
    "CODED",
    "FADED",
    "HASHED",
    "NONE_IS_ZERO",
    "OPS",
    "PROPERTIES",
    "RING_OF",
    "SIZES",
    "UNITS",
    "Laws",
    "Op",
    "Reading",
    "Storage",
    "Value",
    "bucket",
]

OPS = {
    op.name: op
    for op in (
        COUNT, SUM, MEAN, RATIO, SHARE, VARIANCE, RECENCY, FIRST_OF, LAST_OF, HISTOGRAM, DISTINCT, RING, DECLARED,
        EXPRESSION, PREDICTION,
    )
}  # fmt: skip
