"""The ops: one idea a file, each with the laws that its tests demand."""

from genom.genome.ops.base import PROPERTIES, SIZES, Laws, Op, Reading, Storage, Value
from genom.genome.ops.count import COUNT
from genom.genome.ops.histogram import HISTOGRAM
from genom.genome.ops.recency import RECENCY
from genom.genome.ops.registers import FIRST_OF, LAST_OF
from genom.genome.ops.ring import RING, RING_OF
from genom.genome.ops.sum import SUM

__all__ = ["OPS", "PROPERTIES", "RING_OF", "SIZES", "Laws", "Op", "Reading", "Storage", "Value"]

OPS = {op.name: op for op in (COUNT, SUM, RECENCY, FIRST_OF, LAST_OF, HISTOGRAM, RING)}
