"""Drawing an arm of an experiment: exact shares, and a person always gets the same arm."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.kernel import Draw
from genom.decide.points import Point
from genom.decide.uniform import uniform
from genom.decide.weighed import Arms, Weighed

__all__ = ["arm_of", "weigh_arms"]

Floats = NDArray[np.float64]


def arm_of(shares: Floats, seed: int) -> int:
    """The arm that a seed leads to; over all seeds each arm has exactly its share (to 2^-53).

    >>> [arm_of(np.array([0.5, 0.5]), seed) for seed in (1, 1, 2)]
    [1, 1, 1]
    """
    steps = shares.cumsum()
    return min(int(steps.searchsorted(uniform(seed, 0) * steps[-1], side="right")), len(shares) - 1)


def weigh_arms(point: Point, *, seed: int, running: Collection[str]) -> Weighed:
    """The arm of an experiment, whether or not it is `running`; the seed is what makes it stick to a person."""
    ids, shares = list(point.shares), np.array(list(point.shares.values()))
    pick = arm_of(shares, seed)
    first = np.append(shares / shares.cumsum()[-1], 0.0)
    return Weighed(
        candidates=_arms(ids),
        policy=point.policy,
        scores=np.zeros(len(ids)),
        draw=Draw(first, False, np.array([pick]), first[[pick]], _GREEDY),
        starts=[0.0],
        contributions=[[]],
        names=(),
        told=None,
        basis=Arms(shares=shares, off=tuple(arm for arm in ids if arm not in running)),
    )


def _arms(ids: list[str]) -> Candidates:
    nothing = np.zeros(0, np.intp)
    return Candidates(ids=ids, rows=nothing, codes=nothing, weights=np.zeros(0), values=np.ones(len(ids)))


_GREEDY: Final = np.ones(1, np.bool_)
