"""Weighing by `propensity`: the chance of a success is a logistic function of a candidate's features.

Contributions are exact: along the straight line from "nothing known" to what is known, the chance changes by the
integral of its gradient, which divides among the features in proportion to weight · value (Aumann-Shapley).
Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.facts import Facts
from genom.decide.features import FEATURE_LABELS, FEATURES, features
from genom.decide.kernel import logistic_fast
from genom.decide.points import Point
from genom.decide.policy import Policy
from genom.decide.portable import logistic
from genom.decide.reasons import YOU_TOLD_US, Named
from genom.decide.told import told
from genom.decide.weighed import Logistic, Scores, Weighed, draw_from

__all__ = ["Propensity", "linear_terms", "scaled", "score_logistic", "slope_of", "weigh_logistic"]

Floats = NDArray[np.float64]

_VIEWED: Final = FEATURES.index("viewed")
_COLDEST: Final = 1e-6
_FLAT: Final = 1e-9  # where the line has no length the gradient itself is the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Propensity:
    """A logistic that was trained: one weight for each of FEATURES."""

    weights: Floats
    intercept: float
    version: str

    def knows(self, facts: Facts) -> bool:
        """Whether it has learned from anything of the kind that is known of a person.

        A model of a time without a website has never seen a look (its weight is 0), and would show whoever has done
        nothing but look what is popular.
        """
        only_looked = facts.viewed.any() and not facts.own.any()
        return bool(self.weights[_VIEWED]) or not only_looked


def weigh_logistic(
    point: Point, facts: Facts, candidates: Candidates, *, model: Propensity, n: int, seed: int, language: str
) -> Weighed:
    """Score the candidates by chance times value and draw among them."""
    matrix = features(facts, candidates)
    terms = matrix * model.weights
    z = linear_terms(terms, model.intercept)
    chances = logistic_fast(z)
    start = float(logistic(np.array([model.intercept]))[0])
    total = chances * candidates.values
    parts = (terms * (slope_of(z, chances, model.intercept, start) * candidates.values)[:, None]).T
    names = _names(facts, language)
    policy = scaled(point, total)
    lift = told(total, candidates, facts, temperature=policy.temperature)
    if lift is not None:
        total, parts, names = total + lift, np.vstack([parts, lift]), [*names, YOU_TOLD_US[language]]
    basis = Logistic(
        names=FEATURES, matrix=matrix, weights=model.weights, intercept=model.intercept, version=model.version
    )
    scores = Scores(total=total, start=start * candidates.values, parts=parts, names=names, told=lift, basis=basis)
    return draw_from(scores, candidates, policy, n=n, seed=seed)


def scaled(point: Point, total: Floats) -> Policy:
    """The policy with a temperature in units of the score: it is declared in standard deviations of the scores."""
    temperature = min(100.0, max(_COLDEST, point.policy.temperature * float(total.std())))
    return msgspec.structs.replace(point.policy, temperature=temperature)


def linear_terms(terms: Floats, intercept: float) -> Floats:
    """The intercept and the terms (candidates, features) of each candidate, added one after the other."""
    z = np.full(len(terms), intercept)
    for column in terms.T:
        z += column
    return z


def score_logistic(matrix: Floats, weights: Floats, intercept: float, values: Floats) -> Floats:
    """The scores as a record is computed again.

    >>> score_logistic(np.array([[0.0]]), np.array([1.0]), 0.0, np.array([3.0])).tolist()
    [1.5]
    """
    return logistic(linear_terms(matrix * weights, intercept)) * values


def slope_of(z: Floats, chances: Floats, z0: float, start: float) -> Floats:
    """What a unit of log-odds adds to the chance, on the mean of the way from the start to each candidate."""
    length = z - z0
    short = np.abs(length) < _FLAT
    return np.where(short, start * (1 - start), (chances - start) / np.where(short, 1.0, length))


def _names(facts: Facts, language: str) -> Sequence[Named]:
    """The gene and the label of each feature; what stands in for purchases is called what it is."""
    genes, labels = facts.candidate_genes, {name: labels[language] for name, labels in FEATURE_LABELS.items()}
    if genes and genes.get("recent") == genes.get("viewed"):
        labels["recent"] = labels["viewed"]
    return [(genes.get(name), label) for name, label in labels.items()]
