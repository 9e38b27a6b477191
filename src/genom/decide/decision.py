"""One decision: score the candidates, draw among them, say why."""

from __future__ import annotations

from typing import Final

import msgspec

from genom.decide.actions import DO_NOTHING
from genom.decide.boosted import Boosted, weigh_boosted
from genom.decide.candidates import Candidates
from genom.decide.experiment import weigh_arms
from genom.decide.facts import Facts
from genom.decide.linear import Learned, weigh_linear
from genom.decide.logistic import Propensity, weigh_logistic
from genom.decide.points import Point
from genom.decide.purchases import Bought, weigh_products, weigh_purchases
from genom.decide.reasons import (
    CONTROL,
    DO_NOTHING_SCORE,
    EXPERIMENT,
    EXPLORATION,
    NO_CANDIDATE,
    Reason,
    reasons_of,
    said,
)
from genom.decide.scoring import MODEL, OF_PRODUCTS
from genom.decide.weighed import Arms, Weighed
from genom.errors import BadRequest

__all__ = ["LONGEST", "Choice", "Decision", "Model", "Outcome", "decide"]

LONGEST: Final = 100  # choices in one list

Model = (
    Learned | Propensity | Boosted | Bought | None
)  # what was learned for the point; None: it has no model, or none can be used


class Choice(msgspec.Struct, frozen=True, gc=False):
    """One place of the answer."""

    action: str
    score: float
    probability: float  # given `control`, and given the choices above
    reasons: tuple[Reason, ...]
    start: float = 0.0  # the score before the reasons: start + the contributions = score


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The answer to a decision request, as it goes out."""

    decision_id: str
    choices: tuple[Choice, ...]
    purpose: str
    model: str
    control: bool  # drawn evenly, whatever the scores say
    ms: float = 0.0  # how long the answer took; set by whoever holds the clock


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A decision with all that its record needs."""

    decision: Decision
    n: int  # choices asked for
    seed: int
    weighed: Weighed | None  # None: the neutral choice, nothing was read


def decide(
    point: Point,
    facts: Facts,
    candidates: Candidates,
    *,
    n: int,
    seed: int,
    decision: int,
    language: str = "en",
    model: Model = None,
) -> Outcome:
    """Choose up to n of the candidates; equal arguments give an equal outcome.

    `seed` and `decision` are numbers of 64 bits. Without permission, or without a candidate, nothing is read and
    the neutral choice is made. Raises BadRequest if n is not 1 to 100.
    """
    if not 1 <= n <= LONGEST:
        raise BadRequest(f"A decision cannot have {n} choices.", why=f"n must be 1 to {LONGEST}", fix="correct `$.n`")
    name: str = point.model
    weighed: Weighed | None = None
    if facts.permitted and candidates.ids:
        name, weighed = _weigh(point, facts, candidates, n=n, seed=seed, language=language, model=model)
    choices = _neutral(point, facts) if weighed is None else _choices(weighed)
    control = weighed is not None and weighed.draw.control
    answer = Decision(f"d{decision:016x}", choices, point.purpose, name, control)
    return Outcome(decision=answer, n=n, seed=seed, weighed=weighed)


def _weigh(
    point: Point, facts: Facts, candidates: Candidates, *, n: int, seed: int, language: str, model: Model
) -> tuple[str, Weighed | None]:
    """The name of the model that answers, and what it weighed; without its own model a point falls back."""
    if point.model == "experiment":
        arms = weigh_arms(point, seed=seed, running=candidates.ids)
        running = arms.candidates.ids[int(arms.draw.picks[0])] in candidates.ids
        return point.model, arms if running else None
    if isinstance(model, Learned):
        return point.model, weigh_linear(point, facts, candidates, model=model, n=n, seed=seed, language=language)
    if isinstance(model, Boosted):
        return point.model, weigh_boosted(point, facts, candidates, model=model, n=n, seed=seed, language=language)
    if isinstance(model, Propensity):
        return point.model, weigh_logistic(point, facts, candidates, model=model, n=n, seed=seed, language=language)
    if isinstance(model, Bought):
        return OF_PRODUCTS, weigh_products(point, facts, candidates, model=model, n=n, seed=seed, language=language)
    return MODEL, weigh_purchases(point, facts, candidates, n=n, seed=seed, language=language)


def _neutral(point: Point, facts: Facts) -> tuple[Choice, ...]:
    why = NO_CANDIDATE if facts.permitted else f"no permission for {facts.missing or point.purpose}"
    return (Choice(DO_NOTHING, 0.0, 1.0, (said(why),)),)


def _choices(weighed: Weighed) -> tuple[Choice, ...]:
    draw, ids = weighed.draw, weighed.candidates.ids
    drawn = zip(draw.picks.tolist(), draw.probabilities.tolist(), draw.greedy.tolist(), strict=True)
    choices = []
    for place, (index, probability, greedy) in enumerate(drawn):
        if index < len(ids):
            reasons = reasons_of(weighed.contributions[place], weighed.names)
            action, score, start = ids[index], float(weighed.scores[index]), weighed.starts[place]
        else:
            action, score, start = DO_NOTHING, weighed.policy.do_nothing, 0.0
            reasons = (Reason(None, DO_NOTHING_SCORE, score),)
        choices.append(Choice(action, score, probability, _causes(weighed, reasons, greedy=greedy), start))
    return tuple(choices)


def _causes(weighed: Weighed, reasons: tuple[Reason, ...], *, greedy: bool) -> tuple[Reason, ...]:
    if isinstance(weighed.basis, Arms):
        return _EXPERIMENT
    if weighed.draw.control:
        return _CONTROL
    return reasons if greedy else (*reasons, _EXPLORATION)


_CONTROL, _EXPERIMENT, _EXPLORATION = (said(CONTROL),), (said(EXPERIMENT),), said(EXPLORATION)
