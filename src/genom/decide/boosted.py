"""Weighing by `propensity` where trees answer: the chance of a success is a logistic function of their log-odds.

Reasons are exact as with the logistic: what the features add to the log-odds divides the way of the chance.
They are computed for the shown actions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates, Indices
from genom.decide.facts import Facts
from genom.decide.kernel import logistic_fast
from genom.decide.logistic import scaled, slope_of
from genom.decide.points import Point
from genom.decide.portable import logistic
from genom.decide.reasons import YOU_TOLD_US, Named
from genom.decide.told import told
from genom.decide.weighed import Margins, Weighed, draw_picks

__all__ = ["Boosted", "score_boosted", "weigh_boosted"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """The log-odds of each candidate for one person, and what they are the sum of."""

    margins: Floats  # (candidates,)
    parts: Callable[[Indices], tuple[float, Floats]]  # of candidates: their common start, and (candidates, names)
    names: Mapping[str, Sequence[Named]]  # language → gene and label of each part
    version: str  # of the model that they are from


def weigh_boosted(
    point: Point, facts: Facts, candidates: Candidates, *, model: Boosted, n: int, seed: int, language: str
) -> Weighed:
    """Score the candidates by chance times value and draw among them."""
    chances = logistic_fast(model.margins)
    total, names = chances * candidates.values, model.names[language]
    policy = scaled(point, total)
    lift = told(total, candidates, facts, temperature=policy.temperature)
    if lift is not None:
        total, names = total + lift, [*names, YOU_TOLD_US[language]]
    drawn = draw_picks(total, policy, n=n, seed=seed)
    shown = drawn.picks[drawn.picks < len(candidates.ids)]
    start, parts = model.parts(shown)
    chance = float(logistic(np.array([start]))[0])
    worth = slope_of(model.margins[shown], chances[shown], start, chance) * candidates.values[shown]
    parts = parts * worth[:, None]
    if lift is not None:
        parts = np.column_stack([parts, lift[shown]])
    empty = len(drawn.picks) - len(shown)  # doing nothing ends a list
    return Weighed(
        candidates=candidates,
        policy=policy,
        scores=total,
        draw=drawn,
        starts=[*(chance * candidates.values[shown]).tolist(), *[0.0] * empty],
        contributions=[*parts.tolist(), *[[]] * empty],
        names=names,
        told=lift,
        basis=Margins(margins=model.margins, version=model.version),
    )


def score_boosted(margins: Floats, values: Floats) -> Floats:
    """The scores as a record is computed again.

    >>> score_boosted(np.zeros(1), np.array([3.0])).tolist()
    [1.5]
    """
    return logistic(margins) * values
