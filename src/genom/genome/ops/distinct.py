"""How many different values a property had within any window: a bitmap of times, one state for all windows.

Each value is hashed to one of m buckets (64 unless `buckets` says otherwise), which keeps the newest minute.
Buckets that are newer than the window are counted, and linear counting corrects for values that share one:
m · ln(m / empty).  Standard error for n values with t = n / m: sqrt(m · (e^t - t - 1)) / n; with 64 buckets 9 % at
n = 10 and 12 % at n = 100, with 256 buckets 4 % and 5 %.  A full bitmap says about m · ln(2m): more is not told.
The larger of two times is commutative, associative and idempotent, so the state is the same to the bit.

Source: Whang, Vander-Zanden, Taylor, "A linear-time probabilistic counting algorithm", ACM TODS 1990;
Chabchoub, Hébrail, "Sliding HyperLogLog", ICDMW 2010 (times in the place of bits).
"""

from collections.abc import Sequence
from math import log
from typing import Final

import numpy as np

from genom.genome.ops.base import Kept, Laws, Op, Reading, Storage, Value

__all__ = ["BUCKETS", "DISTINCT"]

BUCKETS: Final = 64
_MINUTE: Final = 60_000  # ms


def _finish(reading: Reading) -> Value:
    """The number of values within the window, rounded.

    >>> from genom.genome.ops.base import Reading
    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str, "buckets": 64}
    >>> ten_minutes_ago_and_twenty = [91 | 81 << 32, *[0] * 31]
    >>> reads = [Reading(at=6_000_000, property="item", integers=ten_minutes_ago_and_twenty, window=w, **how)
    ...          for w in (0, 1_200_000, 900_000)]
    >>> [_finish(reading) for reading in reads]
    [2.0, 2.0, 1.0]
    """
    minutes = _minutes(reading.integers)
    if not minutes.any():
        return None
    oldest = max(0, reading.at - reading.window) // _MINUTE + 1 if reading.window else 1
    empty = float(np.count_nonzero(minutes < oldest))
    return float(round(reading.buckets * log(reading.buckets / max(empty, 0.5))))


def _minutes(integers: Sequence[int]) -> np.ndarray:
    """The newest minute of each bucket, plus one; 0 = never."""
    return np.array(integers, np.int64).view(np.uint32)


DISTINCT = Op(
    name="distinct",
    laws=Laws(commutative=True, idempotent=True, invertible=False, rtol=0.0),
    storage=Storage.CELLS,
    finish=_finish,
    keeps=(Kept(form="distinct"),),
    properties=("item", "category_1", "category_2", "channel", "source", "name", "device"),
    windows=True,
    says={"en": "How many different", "de": "Wie viele verschiedene"},
)
