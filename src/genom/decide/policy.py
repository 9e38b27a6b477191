"""How actions are drawn from scores: softmax with even exploration, beside a random control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.decide.portable import LN2, exp2
from genom.decide.uniform import uniform

__all__ = ["Drawn", "Pick", "Policy", "draw"]

Floats = NDArray[np.float64]
FAINT: Final = 2.0**-500  # below it the powers of what is left are taken anew, lest they vanish

_Share = Annotated[float, msgspec.Meta(ge=0.0, le=0.5)]
_Positive = Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
_Score = Annotated[float, msgspec.Meta(ge=-1000.0, le=1000.0)]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The constants of a decision point's draw."""

    control: _Share  # probability that a decision is drawn evenly, as a control
    epsilon: _Positive  # share that explores evenly; above 0, so that no candidate ever has probability 0
    temperature: Annotated[float, msgspec.Meta(ge=1e-6, le=100.0)]  # in units of the score
    do_nothing: _Score  # the score of doing nothing


@dataclass(frozen=True, slots=True)
class Pick:
    """One place of the list."""

    index: int  # of the candidate; the number of candidates stands for doing nothing
    probability: float  # given control or not, and given the places above
    greedy: bool  # no candidate still free has a higher score


@dataclass(frozen=True, slots=True)
class Drawn:
    """The result of a draw."""

    control: bool
    picks: list[Pick]
    first: Floats  # probability of each candidate to take the first place; the last value is doing nothing


def draw(scores: Floats, policy: Policy, *, n: int, seed: int) -> Drawn:
    """Draw up to n actions without replacement; the same arguments give the same bits on every machine.

    At each place a candidate that is still free has (1 - epsilon) · softmax(score / temperature) + epsilon / m, both
    over the m that are free; in a control it has 1 / m. Doing nothing competes for the first place only and ends the
    list. The first random number of the seed decides on control, the following ones on the places.

    >>> policy = Policy(control=0.0, epsilon=0.1, temperature=1.0, do_nothing=0.0)
    >>> draw(np.array([0.0]), policy, n=1, seed=1).first.tolist()
    [0.5, 0.5]
    """
    scores = np.concatenate((scores, [policy.do_nothing]))
    nothing, control = len(scores) - 1, uniform(seed, 0) < policy.control
    epsilon = 0.0 if control else policy.epsilon
    free = np.ones(len(scores))
    powers = free.copy() if control else _powers(scores, policy.temperature)
    weights = _mixed(powers, free, epsilon / len(scores), 1.0 - epsilon)
    first: Floats = weights / weights.cumsum()[-1]
    picks = [_pick(weights, scores, uniform(seed, 1))]
    for place in range(2, min(n, nothing) + 1):
        if picks[-1].index == nothing:
            break
        for gone in (picks[-1].index, nothing):
            scores[gone], free[gone], powers[gone] = -np.inf, 0.0, 0.0
        if powers[powers.argmax()] < FAINT:
            powers = _powers(scores, policy.temperature) * free
        weights = _mixed(powers, free, epsilon / (nothing + 1 - place), 1.0 - epsilon)
        picks.append(_pick(weights, scores, uniform(seed, place)))
    return Drawn(control, picks, first)


def _powers(scores: Floats, temperature: float) -> Floats:
    """What each score counts in the softmax, that of the highest being 1."""
    return exp2((scores - scores[scores.argmax()]) * (1.0 / (temperature * LN2)))


def _mixed(powers: Floats, free: Floats, even: float, rest: float) -> Floats:
    """An even share for each that is free, and the rest in proportion to the powers."""
    total = float(powers.cumsum()[-1])  # cumsum adds in order, so the bits are certain
    return powers * (rest / total) + free * even


def _pick(weights: Floats, scores: Floats, u: float) -> Pick:
    steps = weights.cumsum()
    index = int(steps.searchsorted(u * steps[-1], side="right"))
    if index == len(weights):  # the product was rounded up to the total
        index = int(np.flatnonzero(weights)[-1])
    return Pick(index, float(weights[index] / steps[-1]), bool(scores[index] == scores[scores.argmax()]))
