"""One decision: score the candidates, draw among them, say why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from genom.decide.actions import DO_NOTHING, Candidates
from genom.decide.facts import Facts
from genom.decide.points import Point
from genom.decide.policy import Drawn, Pick, draw
from genom.decide.reading import Reading, read
from genom.decide.reasons import CONTROL, EXPLORATION, NO_CANDIDATE, Reason, reasons_of, said
from genom.decide.scoring import MODEL, MODELS, Scored
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
    reading: Reading
    scored: Scored
    drawn: Drawn


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
    control = weighed is not None and weighed.drawn.control
    answer = Decision(f"d{decision:016x}", choices, point.purpose, MODEL, control)
    return Outcome(decision=answer, n=n, seed=seed, weighed=weighed)


def _weigh(point: Point, facts: Facts, candidates: Candidates, *, n: int, seed: int) -> Weighed:
    reading = read(facts, candidates)
    scored = MODELS[MODEL](reading, candidates)
    drawn = draw(scored.total, point.policy, n=n, seed=seed)
    return Weighed(candidates=candidates, reading=reading, scored=scored, drawn=drawn)


def _neutral(point: Point, facts: Facts) -> tuple[Choice, ...]:
    why = NO_CANDIDATE if facts.permitted else f"no permission for {point.purpose}"
    return (Choice(DO_NOTHING, 0.0, 1.0, (said(why),)),)


def _choices(weighed: Weighed, point: Point, facts: Facts, language: str) -> tuple[Choice, ...]:
    return tuple(_choice(pick, weighed, point, facts, language) for pick in weighed.drawn.picks)


def _choice(pick: Pick, weighed: Weighed, point: Point, facts: Facts, language: str) -> Choice:
    parts = {"do_nothing": point.policy.do_nothing}
    action, score = DO_NOTHING, point.policy.do_nothing
    if pick.index < len(weighed.candidates.ids):
        parts = {name: float(values[pick.index]) for name, values in weighed.scored.parts.items()}
        action, score = weighed.candidates.ids[pick.index], float(weighed.scored.total[pick.index])
    if weighed.drawn.control:
        return Choice(action, score, pick.probability, (said(CONTROL),))
    reasons = reasons_of(parts, facts, language)
    return Choice(action, score, pick.probability, reasons if pick.greedy else (*reasons, said(EXPLORATION)))
