"""Arms: decisions and rewards by buckets of people, and the difference of two arms.

What one person does is not independent: with assignment by person it comes in clusters. So the variance is that between
buckets of people, each of which holds whole people; it needs no memory of any single one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.measure.sequence import ALPHA, PLANNED, width

__all__ = ["BUCKETS", "STEPS", "Arm", "Difference", "Tally", "difference"]

BUCKETS: Final = 128
STEPS: Final = 1024  # of a reward's unit: sums are whole numbers, so order changes nothing


class Tally:
    """Decisions and rewards of one arm, by bucket."""

    def __init__(self) -> None:
        self.counts = np.zeros(BUCKETS, np.int64)
        self.totals = np.zeros(BUCKETS, np.int64)  # in steps

    def add(self, bucket: int, steps: int, *, sign: int = 1) -> None:
        """One decision of a person in this bucket, or with `sign=-1` take it out again."""
        self.counts[bucket] += sign
        self.totals[bucket] += sign * steps

    @property
    def n(self) -> int:
        """Decisions."""
        return int(self.counts.sum())

    @property
    def reward(self) -> float:
        """All rewards."""
        return int(self.totals.sum()) / STEPS

    @property
    def mean(self) -> float:
        """Reward of a decision; 0 without any."""
        return self.reward / self.n if self.n else 0.0

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Tally)
            and (self.counts == other.counts).all()
            and bool((self.totals == other.totals).all())
        )

    __hash__ = None  # type: ignore[assignment]

    def dump(self) -> list[list[int]]:
        """As plain values for a file."""
        return [self.counts.tolist(), self.totals.tolist()]

    @classmethod
    def load(cls, kept: list[list[int]]) -> Tally:
        """What `dump` gave."""
        tally = cls()
        tally.counts, tally.totals = np.array(kept[0], np.int64), np.array(kept[1], np.int64)
        return tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """An arm as it is shown."""

    arm: str
    n: int
    reward: float
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much more an arm brings than another, a decision."""

    value: float
    low: float
    high: float


def difference(arm: Tally, base: Tally, *, alpha: float = ALPHA, planned: float = PLANNED) -> Difference:
    """Mean of an arm less that of the base, with its confidence sequence; infinite while one of them is empty.

    The estimate is the sum over buckets of (Σr - mean · n) / N of either arm; its variance is that between buckets.
    """
    if not arm.n or not base.n:
        return Difference(value=0.0, low=-math.inf, high=math.inf)
    parts = _residual(arm) - _residual(base)
    deviation = math.sqrt(BUCKETS / (BUCKETS - 1) * float(parts @ parts))
    n = arm.n + base.n
    half = deviation * math.sqrt(n) * width(n, alpha=alpha, planned=planned)
    value = arm.mean - base.mean
    return Difference(value=value, low=value - half, high=value + half)


def _residual(tally: Tally) -> NDArray[Any]:
    return (tally.totals / STEPS - tally.mean * tally.counts) / tally.n
