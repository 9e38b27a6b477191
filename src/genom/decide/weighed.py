"""What stood behind a draw: scores, what they are the sum of, and what the model read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.kernel import Draw, draw_fast
from genom.decide.policy import Policy
from genom.decide.reasons import Named
from genom.decide.shape import Feature

__all__ = [
    "Arms",
    "Basis",
    "Linear",
    "Logistic",
    "Margins",
    "Purchases",
    "Scores",
    "Weighed",
    "draw_from",
    "draw_picks",
]

Floats = NDArray[np.float64]


class Purchases(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Read by `own-purchases-1` and `own-products-1`: values by the codes of the candidates."""

    values: Floats  # (parts, codes)
    total: float
    kinds: int
    bought: Floats | None = None  # own purchases of the products of each candidate; None: they were not read


class Linear(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Read by `learned`: the features that are not 0, and the coefficients that met them."""

    features: tuple[Feature, ...]
    values: Floats  # (features,)
    coefficients: Floats  # (candidates, 1 + features), each a float32 number
    ceiling: float  # the most that a reward can be
    signature: str  # of all features and the reward: statistics of other ones cannot take it


class Logistic(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Read by `propensity`: features of the candidates, and one weight for each."""

    names: tuple[str, ...]
    matrix: Floats  # (candidates, features), each a float32 number
    weights: Floats  # (features,)
    intercept: float
    version: str  # of the model that the weights are from


class Arms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Drawn by `experiment`: the share of each arm, and the arms that did not run."""

    shares: Floats
    off: tuple[str, ...] = ()


class Margins(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Scored by `propensity` where trees answer."""

    margins: Floats  # log-odds of each candidate
    version: str  # of the model that they are from


Basis = Purchases | Linear | Logistic | Margins | Arms


class Scores(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One score for each candidate, before the draw; `start` + the sum of `parts` = `total`."""

    total: Floats
    start: Floats
    parts: Floats  # (parts, candidates)
    names: Sequence[Named]  # of the parts
    told: Floats | None  # what the person's own words added to each; None: they said nothing of it
    basis: Basis


class Weighed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Scores and the draw from them."""

    candidates: Candidates
    policy: Policy  # as it was used: a learned point sets the temperature
    scores: Floats
    draw: Draw
    starts: Sequence[float]  # of each pick
    contributions: Sequence[Sequence[float]]  # of each pick
    names: Sequence[Named]
    told: Floats | None
    basis: Basis


def draw_from(scores: Scores, candidates: Candidates, policy: Policy, *, n: int, seed: int) -> Weighed:
    """Draw up to n of the candidates."""
    drawn = draw_picks(scores.total, policy, n=n, seed=seed)
    chosen = [pick if pick < len(candidates.ids) else -1 for pick in drawn.picks.tolist()]
    return Weighed(
        candidates=candidates,
        policy=policy,
        scores=scores.total,
        draw=drawn,
        starts=[float(scores.start[pick]) if pick >= 0 else 0.0 for pick in chosen],
        contributions=[scores.parts[:, pick].tolist() if pick >= 0 else [] for pick in chosen],
        names=scores.names,
        told=scores.told,
        basis=scores.basis,
    )


def draw_picks(total: Floats, policy: Policy, *, n: int, seed: int) -> Draw:
    """Draw up to n places of scores."""
    terms = policy.control, policy.epsilon, policy.temperature, policy.do_nothing
    return draw_fast(total, np.uint64(seed), n, terms)
