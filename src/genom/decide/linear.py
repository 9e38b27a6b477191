"""Weighing by `learned`: the chance of a success is linear in features of the person, its worth is the action's value.

`score_fast` does what `score` does, operation for operation, in machine code; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.decide.actions import DO_NOTHING
from genom.decide.candidates import Candidates
from genom.decide.facts import Facts
from genom.decide.points import Point
from genom.decide.policy import Policy
from genom.decide.reasons import YOU_TOLD_US, Named
from genom.decide.told import told
from genom.decide.weighed import Linear, Scores, Weighed, draw_from

__all__ = ["Learned", "score", "score_fast", "weigh_linear"]

Floats = NDArray[np.float64]

FeatureNames = tuple[tuple[str, Mapping[str, str]], ...]

_READY: Final = 64  # sets of candidates whose coefficients, and of features whose names, are kept at hand
_COLDEST: Final = 1e-6
_EXTREME: Final = 1000.0  # a score of doing nothing beyond it decides no differently


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What outcomes have taught so far: coefficients for each action that was ever chosen, pooled ones for others."""

    places: Mapping[str, int]  # action → its row
    coefficients: Floats  # (actions, 1 + features), each a float32 number: constant first
    pooled: Floats  # (1 + features,)
    deviation: float  # standard deviation of a typical estimate, in units of the reward: it shrinks with evidence
    ceiling: float  # the most that a reward can be
    signature: str  # of features and reward
    _ready: dict[int, tuple[Candidates, Floats]] = field(default_factory=dict)  # candidates are few and the same again

    def of_candidates(self, candidates: Candidates) -> Floats:
        """One row of coefficients for each candidate."""
        found = self._ready.get(id(candidates))
        if found is None or found[0] is not candidates:
            if len(self._ready) >= _READY:
                self._ready.clear()
            found = self._ready[id(candidates)] = candidates, self.of(candidates.ids)
        return found[1]

    def of(self, ids: list[str]) -> Floats:
        """One row of coefficients for each of these actions."""
        known = [self.places.get(name, -1) for name in ids]
        rows = self.coefficients[known] if len(self.coefficients) else np.tile(self.pooled, (len(ids), 1))
        if -1 in known:
            rows[[place < 0 for place in known]] = self.pooled
        return rows


def weigh_linear(
    point: Point, facts: Facts, candidates: Candidates, *, model: Learned, n: int, seed: int, language: str
) -> Weighed:
    """Score the candidates by what was learned and draw among them."""
    (used,) = facts.features.nonzero()
    x = facts.features[used]
    coefficients = _of_used(model.of_candidates(candidates), used)
    total, start, parts = score_fast(coefficients, x, candidates.values, model.ceiling)
    policy = _set(point, model, candidates, used, x)
    lift = told(total, candidates, facts, temperature=policy.temperature)
    places = used.tolist()
    every = _names(facts.feature_names, language)
    names = [every[index] for index in places]
    if lift is not None:
        total, parts, names = total + lift, np.vstack([parts, lift]), [*names, YOU_TOLD_US[language]]
    basis = Linear(
        features=tuple([point.features[index] for index in places]),
        values=x,
        coefficients=coefficients,
        ceiling=model.ceiling,
        signature=model.signature,
    )
    scores = Scores(total=total, start=start, parts=parts, names=names, told=lift, basis=basis)
    return draw_from(scores, candidates, policy, n=n, seed=seed)


def _set(point: Point, model: Learned, candidates: Candidates, used: NDArray[np.intp], x: Floats) -> Policy:
    """The policy as it is used, in units of the score.

    The temperature is declared in standard deviations of an estimate; the declared score of doing nothing is added to
    what was learned of doing nothing, a success being worth what it is worth on average.
    """
    worth, mean = candidates.worths
    temperature = min(100.0, max(_COLDEST, point.policy.temperature * model.deviation * worth))
    idle = point.policy.do_nothing
    if DO_NOTHING in model.places:
        place = model.places[DO_NOTHING]
        coefficients = _of_used(model.coefficients[place : place + 1], used)
        idle += float(score_fast(coefficients, x, mean, model.ceiling)[0][0])
    return replace(point.policy, temperature=temperature, do_nothing=min(max(idle, -_EXTREME), _EXTREME))


def _names(features: FeatureNames, language: str) -> list[Named]:
    """The gene of each feature and its label; worked out once for a version of a point."""
    found = _NAMED.get((id(features), language))
    if found is None or found[0] is not features:
        if len(_NAMED) >= _READY:
            _NAMED.clear()
        named: list[Named] = [(gene, labels.get(language) or labels.get("en") or gene) for gene, labels in features]
        found = _NAMED[id(features), language] = features, named
    return found[1]


_NAMED: Final[dict[tuple[int, str], tuple[FeatureNames, list[Named]]]] = {}


def _of_used(coefficients: Floats, used: NDArray[np.intp]) -> Floats:
    """The constants, and the coefficients of the features that are not 0."""
    found = np.empty((len(coefficients), 1 + len(used)))
    _take_used(coefficients, used, found)
    return found


@compiled
def _take_used(coefficients: Floats, used: NDArray[np.intp], found: Floats) -> None:
    for i in range(len(coefficients)):
        found[i, 0] = coefficients[i, 0]
        for j in range(len(used)):
            found[i, j + 1] = coefficients[i, used[j] + 1]


def score(coefficients: Floats, x: Floats, values: Floats, ceiling: float) -> tuple[Floats, Floats]:
    """Scores and starts (one a candidate) from coefficients (candidates, 1 + features) and features x.

    The expected reward is start + Σ coefficient · feature, kept between 0 and the ceiling; times the value it is the
    score.

    >>> score(np.array([[0.1, 0.2]]), np.array([0.5]), np.array([3.0]), 1.0)[0].round(12).tolist()
    [0.6]
    """
    start = np.fmin(np.fmax(coefficients[:, 0], 0.0), ceiling)
    sums = np.zeros(len(coefficients))
    for k in range(len(x)):
        sums += coefficients[:, k + 1] * x[k]
    expected = np.fmin(np.fmax(start + sums, 0.0), ceiling)
    return expected * values, start * values


def score_fast(coefficients: Floats, x: Floats, values: Floats, ceiling: float) -> tuple[Floats, Floats, Floats]:
    """The same scores and starts, and the contributions (features, candidates): start + their sum = score."""
    n = len(coefficients)
    total, start, parts = np.empty(n), np.empty(n), np.empty((len(x), n))
    _score_into(coefficients, x, values, ceiling, total, start, parts)
    return total, start, parts


@compiled
def _score_into(  # noqa: PLR0917 -- arrays to write into cost a third of arrays that machine code returns
    coefficients: Floats, x: Floats, values: Floats, ceiling: float, total: Floats, start: Floats, parts: Floats
) -> None:
    n, k = len(coefficients), len(x)
    for i in range(n):
        base = min(max(coefficients[i, 0], 0.0), ceiling)
        change = 0.0
        for j in range(k):
            parts[j, i] = coefficients[i, j + 1] * x[j]
            change += parts[j, i]
        expected = min(max(base + change, 0.0), ceiling)
        scale = (expected - base) / change * values[i] if change != 0.0 else 0.0
        for j in range(k):
            parts[j, i] *= scale
        total[i], start[i] = expected * values[i], base * values[i]
