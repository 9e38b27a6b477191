"""How much of what could be gained a policy gains, from the truth: 0 is chance, 1 is an oracle that knows everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Share", "constant_share", "share_of_gain"]

_DRAWS: Final = 1_000

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the oracle's gain over random choice, with its 95 % interval over people."""

    value: float
    low: float
    high: float
    decisions: int
    people: int


def share_of_gain(chance: Floats, person: Integers, action: Integers, *, seed: int = 0) -> Share:
    """The share that decisions reached: one person and one action each; `chance` is people by actions.

    Random choice takes each action equally often, the oracle each person's best one; all three are compared on the
    same people, as often as they were decided for.  The interval comes from a bootstrap over people, because the
    decisions about one person are alike.  Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap".

    >>> chance = np.array([[0.1, 0.5], [0.4, 0.2]])
    >>> share_of_gain(chance, np.array([0, 1]), np.array([1, 0])).value
    1.0
    """
    everyone, place, times = np.unique(person, return_inverse=True, return_counts=True)
    random, best = chance[everyone].mean(axis=1) * times, chance[everyone].max(axis=1) * times
    got = np.bincount(place, chance[person, action], len(everyone))
    gains, possible = got - random, best - random
    dice = np.random.default_rng(seed)
    drawn = dice.integers(0, len(everyone), (_DRAWS, len(everyone)))
    shares = gains[drawn].sum(axis=1) / possible[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    value = float(gains.sum() / possible.sum())
    return Share(value, float(low), float(high), len(person), len(everyone))


def constant_share(chance: Floats) -> float:
    """The share that the best single action for everybody reaches.

    >>> round(constant_share(np.array([[0.1, 0.5], [0.4, 0.2]])), 3)
    0.333
    """
    random, best = chance.mean(), chance.max(axis=1).mean()
    return float((chance.mean(axis=0).max() - random) / (best - random))
