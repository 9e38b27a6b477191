"""One decision: score the candidates, draw among them, say why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from genom.decide.actions import DO_NOTHING
from genom.decide.candidates import Candidates
from genom.decide.facts import Facts
from genom.decide.kernel import Result, weigh
from genom.decide.points import Point
from genom.decide.reading import PARTS
from genom.decide.reasons import (
    CONTROL,
    DO_NOTHING_SCORE,
    EXPLORATION,
    NO_CANDIDATE,
    Reason,
    names_of,
    reasons_of,
    said,
)
from genom.decide.scoring import MODEL
from genom.errors import BadRequest

__all__ = ["LONGEST", "Choice", "Decision", "Outcome", "Weighed", "decide"]

LONGEST: Final = 100  # choices in one list


class Choice(msgspec.Struct, frozen=True, gc=False):
    """One place of the answer."""

    action: str
    score: float
    probability: float  # given `control`, and given the choices above
    reasons: tuple[Reason, ...]


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The answer to a decision request, as it goes out."""

    decision_id: str
    choices: tuple[Choice, ...]
    purpose: str
    model: str
    control: bool  # drawn evenly, whatever the scores say
    ms: float = 0.0  # how long the answer took; set by whoever holds the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What stood behind a draw."""

    candidates: Candidates
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A decision with all that its record needs."""

    decision: Decision
    n: int  # choices asked for
    seed: int
    weighed: Weighed | None  # None: the neutral choice, nothing was read


def decide(
    point: Point, facts: Facts, candidates: Candidates, *, n: int, seed: int, decision: int, language: str = "en"
) -> Outcome:
    """Choose up to n of the candidates; equal arguments give an equal outcome.

    `seed` and `decision` are numbers of 64 bits. Without permission, or without a candidate, nothing is read and
    the neutral choice is made. Raises BadRequest if n is not 1 to 100.
    """
    if not 1 <= n <= LONGEST:
        raise BadRequest(f"A decision cannot have {n} choices.", why=f"n must be 1 to {LONGEST}", fix="correct `$.n`")
    weighed = _weigh(point, facts, candidates, n=n, seed=seed) if facts.permitted and candidates.ids else None
    choices = _neutral(point, facts) if weighed is None else _choices(weighed, point, facts, language)
    control = weighed is not None and weighed.result.control
    answer = Decision(f"d{decision:016x}", choices, point.purpose, MODEL, control)
    return Outcome(decision=answer, n=n, seed=seed, weighed=weighed)


def _weigh(point: Point, facts: Facts, candidates: Candidates, *, n: int, seed: int) -> Weighed:
    policy, (codes, places) = point.policy, candidates.read
    result = weigh(
        np.ascontiguousarray(facts.own, np.float64),
        np.ascontiguousarray(facts.popularity, np.float64),
        _NOTHING if facts.recent is None else np.ascontiguousarray(facts.recent, np.float64),
        len(PARTS) - (facts.recent is None),
        codes,
        candidates.rows,
        places,
        candidates.weights,
        len(candidates.ids),
        np.uint64(seed),
        n,
        (policy.control, policy.epsilon, policy.temperature, policy.do_nothing),
    )
    return Weighed(candidates=candidates, result=result)


def _neutral(point: Point, facts: Facts) -> tuple[Choice, ...]:
    why = NO_CANDIDATE if facts.permitted else f"no permission for {point.purpose}"
    return (Choice(DO_NOTHING, 0.0, 1.0, (said(why),)),)


def _choices(weighed: Weighed, point: Point, facts: Facts, language: str) -> tuple[Choice, ...]:
    result, ids, names = weighed.result, weighed.candidates.ids, names_of(facts, language)
    columns = (result.picks, result.probabilities, result.contributions, result.greedy)
    choices = []
    for index, probability, parts, greedy in zip(*(column.tolist() for column in columns), strict=True):
        if index < len(ids):
            action, score, reasons = ids[index], float(result.scores[index]), reasons_of(parts, names)
        else:
            action, score = DO_NOTHING, point.policy.do_nothing
            reasons = (Reason(None, DO_NOTHING_SCORE, score),)
        if result.control:
            reasons = _CONTROL
        elif not greedy:
            reasons = (*reasons, _EXPLORATION)
        choices.append(Choice(action, score, probability, reasons))
    return tuple(choices)


_NOTHING = np.zeros(0)
_CONTROL, _EXPLORATION = (said(CONTROL),), said(EXPLORATION)
