"""A decision computed again from its record alone, to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.decide.actions import DO_NOTHING
from genom.decide.boosted import score_boosted
from genom.decide.candidates import Candidates
from genom.decide.experiment import arm_of
from genom.decide.linear import score
from genom.decide.logistic import score_logistic
from genom.decide.packed import floats, integers, spread
from genom.decide.policy import draw
from genom.decide.reading import Reading, width_of
from genom.decide.record import DecisionRecord, Evidence
from genom.decide.scoring import MODELS, Scored, own_products_1
from genom.errors import UnknownFormat, nearest

__all__ = ["Repeated", "agrees", "reevaluate"]

Scores = NDArray[np.float64]


class Repeated(NamedTuple):
    """What a record gives when it is computed again."""

    actions: tuple[str, ...]
    probabilities: tuple[float, ...]
    scores: tuple[float, ...]
    all_scores: tuple[float, ...] = ()  # of every candidate
    first: tuple[float, ...] = ()  # probability of every candidate, then of doing nothing, to take the first place
    control: bool = False


def reevaluate(record: DecisionRecord) -> Repeated:
    """Compute scores, probabilities and choice again, from nothing but the record.

    Raises UnknownFormat if a newer Genom scored it with a model that this one does not have.
    """
    evidence = record.evidence
    if evidence is None:
        return Repeated((DO_NOTHING,), (1.0,), (0.0,))
    if evidence.shares is not None:
        return _arm(evidence, floats(evidence.shares), record.seed)
    if record.model not in _AGAIN:
        hint = nearest(record.model, _AGAIN) or "read it with the Genom that wrote it"
        raise UnknownFormat(f"There is no model named {record.model!r}.", why="the record names it", fix=hint)
    total = _AGAIN[record.model](evidence)
    if evidence.told is not None:
        total = total + floats(evidence.told)
    drawn = draw(total, record.policy, n=record.n, seed=record.seed)
    names, scores = (*evidence.candidates, DO_NOTHING), (*total.tolist(), record.policy.do_nothing)
    return Repeated(
        actions=tuple(names[pick.index] for pick in drawn.picks),
        probabilities=tuple(pick.probability for pick in drawn.picks),
        scores=tuple(scores[pick.index] for pick in drawn.picks),
        all_scores=scores[:-1],
        first=tuple(drawn.first.tolist()),
        control=drawn.control,
    )


def agrees(record: DecisionRecord) -> bool:
    """Whether the record, computed again, gives the same choices, scores and probabilities to the last bit."""
    evidence = record.evidence
    written = Repeated(
        actions=tuple(choice.action for choice in record.choices),
        probabilities=tuple(choice.probability for choice in record.choices),
        scores=tuple(choice.score for choice in record.choices),
        all_scores=() if evidence is None else tuple(floats(evidence.scores).tolist()),
        first=() if evidence is None else tuple(floats(evidence.first).tolist()),
        control=record.control,
    )
    return written == reevaluate(record)


def _arm(evidence: Evidence, shares: Scores, seed: int) -> Repeated:
    pick, first = arm_of(shares, seed), (*(shares / shares.cumsum()[-1]).tolist(), 0.0)
    return Repeated((evidence.candidates[pick],), (first[pick],), (0.0,), all_scores=(0.0,) * len(shares), first=first)


def _purchases(evidence: Evidence) -> Scores:
    return _of_purchases(evidence).total


def _products(evidence: Evidence) -> Scores:
    assert evidence.bought is not None, "a record of own products has what was bought of them"
    return own_products_1(floats(evidence.bought), _of_purchases(evidence).parts["popularity"]).total


def _of_purchases(evidence: Evidence) -> Scored:
    candidates = Candidates(
        ids=list(evidence.candidates),
        rows=integers(evidence.rows),
        codes=integers(evidence.codes),
        weights=floats(evidence.weights),
        values=np.ones(len(evidence.candidates)),
    )
    width = width_of(candidates)
    kept = (evidence.own, evidence.popularity, evidence.recent)
    values = np.array([spread(part, width) for part in kept if part is not None])
    reading = Reading(values=values, total=evidence.popularity_total, kinds=evidence.popularity_kinds)
    return MODELS["own-purchases-1"](reading, candidates)


def _linear(evidence: Evidence) -> Scores:
    linear = evidence.linear
    assert linear is not None, "a record of a learned point has its features"
    coefficients = np.frombuffer(linear.coefficients, "<f4").reshape(len(evidence.candidates), -1)
    return score(coefficients.astype(np.float64), floats(linear.values), _worth(evidence), linear.ceiling)[0]


def _propensity(evidence: Evidence) -> Scores:
    if evidence.boosted is not None:
        return score_boosted(floats(evidence.boosted.margins), _worth(evidence))
    logistic = evidence.logistic
    assert logistic is not None, "a record of a propensity has its features"
    matrix = np.array([spread(column, len(evidence.candidates)) for column in logistic.columns]).T
    return score_logistic(matrix, floats(logistic.weights), logistic.intercept, _worth(evidence))


def _worth(evidence: Evidence) -> Scores:
    return np.ones(len(evidence.candidates)) if evidence.worth is None else floats(evidence.worth)


_AGAIN: Final[Mapping[str, Callable[[Evidence], Scores]]] = {
    "own-purchases-1": _purchases,
    "own-products-1": _products,
    "learned": _linear,
    "propensity": _propensity,
}
"""Every model that has ever written a record; a changed formula is a new entry, so that old records re-evaluate."""
