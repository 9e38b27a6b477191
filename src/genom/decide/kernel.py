"""Reading, scoring and drawing of one decision in one call of machine code.

It does what `reading.read`, `scoring.own_purchases_1` and `policy.draw` do, operation for operation, and gives the
same bits; those say what is meant, compute records again, and a test holds the two together.
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.decide.policy import FAINT
from genom.decide.portable import EXP_TABLE, EXP_TERMS, INVERSE_LN2, LN2, LOG_POINTS, LOG_TABLE, LOG_TERMS, STEPS
from genom.decide.reading import LARGEST
from genom.decide.scoring import WEIGHTS

__all__ = ["Draw", "Result", "draw_fast", "logistic_fast", "weigh"]

Floats = NDArray[np.float64]

_OWN, _POPULARITY, _RECENT = WEIGHTS["own"], WEIGHTS["popularity"], WEIGHTS["recent"]
_E0, _E1, _E2, _E3 = EXP_TERMS
_L0, _L1, _L2, _L3 = LOG_TERMS
_GOLDEN, _MIX1, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIT: Final = 2.0**-53


class Result(NamedTuple):
    """What was read, how it scored and what was drawn."""

    values: Floats  # (parts, codes): usable values of the codes that the candidates are about
    total: float  # purchases of everybody in all categories, decayed
    kinds: int  # categories that anybody bought in
    scores: Floats  # one for each candidate
    first: Floats  # probability of each candidate to take the first place; the last value is doing nothing
    control: bool
    picks: NDArray[np.int64]  # the candidate at each place; the number of candidates stands for doing nothing
    probabilities: Floats  # of each pick
    contributions: Floats  # (picks, parts): what the pick's score is the sum of; 0 for doing nothing
    greedy: NDArray[np.bool_]  # no candidate that was still free had a higher score


class Draw(NamedTuple):
    """What was drawn from given scores; the fields are those of `Result`."""

    first: Floats
    control: bool
    picks: NDArray[np.int64]
    probabilities: Floats
    greedy: NDArray[np.bool_]


@compiled
def _usable(value: float) -> float:
    return min(value, LARGEST) if value > 0.0 else 0.0


@compiled
def _log(x: float) -> float:
    rest, exponent = math.frexp(x)
    step = min(max(int(rest * (2 * STEPS)) - STEPS, 0), STEPS - 1)  # an infinite x must not lead outside the table
    point = LOG_POINTS[step]
    rest = (rest - point) / point
    series = ((rest * _L0 + _L1) * rest + _L2) * rest + _L3
    return float(exponent * LN2 + (LOG_TABLE[step] + rest * series))


@compiled
def _exp2(x: float) -> float:
    x = (max(-1000.0, x)) * STEPS
    whole = np.rint(x)
    x -= whole
    step = int(whole)
    series = ((x * _E0 + _E1) * x + _E2) * x + _E3
    return math.ldexp(EXP_TABLE[step & (STEPS - 1)] * series, step >> 10)


@compiled
def _uniform(seed: Any, k: int) -> float:
    z = seed + np.uint64(k) * _GOLDEN + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _MIX1
    z = (z ^ (z >> np.uint64(27))) * _MIX2
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * _UNIT


@compiled
def _everybody(popularity: Floats) -> tuple[float, int]:
    total, kinds = 0.0, 0
    for value in popularity:
        total += _usable(value)
        kinds += value > 0.0
    return total, max(1, kinds)


@compiled
def _take(vector: Floats, codes: Any, values: Floats) -> None:
    for i in range(len(codes)):
        values[i] = _usable(vector[codes[i]]) if codes[i] < len(vector) else 0.0


@compiled
def _score(counts: Floats, parts: Floats, scores: Floats, share: float) -> None:
    for i in range(len(scores)):
        parts[0, i] = _OWN * _log(counts[0, i] + 1.0)
        parts[1, i] = _POPULARITY * _log((counts[1, i] + 1.0) * share)
        scores[i] = parts[0, i] + parts[1, i]
        if len(parts) > 2:
            parts[2, i] = _RECENT * _log(counts[2, i] + 1.0)
            scores[i] += parts[2, i]


@compiled
def _powers(scores: Floats, free: Floats, temperature: float, powers: Floats) -> None:
    highest = scores.max()
    scale = 1.0 / (temperature * LN2)
    for i in range(len(scores)):
        powers[i] = _exp2((scores[i] - highest) * scale) * free[i]


@compiled
def _mix(powers: Floats, free: Floats, even: float, rest: float, weights: Floats) -> float:
    total = 0.0
    for power in powers:
        total += power
    share, mixed = rest / total, 0.0
    for i in range(len(powers)):
        weights[i] = powers[i] * share + free[i] * even
        mixed += weights[i]
    return mixed


@compiled
def _pick(weights: Floats, aim: float) -> int:
    step, last = 0.0, 0
    for i in range(len(weights)):
        step += weights[i]
        if step > aim:
            return i
        if weights[i] != 0.0:
            last = i
    return last


@compiled
def _draw(
    scores: Floats, seed: Any, n: int, control: bool, epsilon: float, temperature: float, result: Any
) -> tuple[Floats, int]:
    picks, probabilities, greedy = result
    nothing, places = len(scores) - 1, 0
    free, powers, weights = np.ones(len(scores)), np.ones(len(scores)), np.empty(len(scores))
    first = np.empty(len(scores))
    if not control:
        _powers(scores, free, temperature, powers)
    for place in range(1, max(1, min(n, nothing)) + 1):
        if place > 1 and powers.max() < FAINT:
            _powers(scores, free, temperature, powers)
        even = epsilon / (nothing + 1 if place == 1 else nothing + 1 - place)
        total = _mix(powers, free, even, 1.0 - epsilon, weights)
        if place == 1:
            first[:] = weights / total
        index = _pick(weights, _uniform(seed, place) * total)
        picks[places], probabilities[places] = index, weights[index] / total
        greedy[places] = scores[index] == scores.max()
        places += 1
        if index == nothing:
            break
        for gone in (index, nothing):
            scores[gone], free[gone], powers[gone] = -np.inf, 0.0, 0.0
    return first, places


def draw_fast(scores: Floats, seed: Any, n: int, policy: tuple[float, float, float, float]) -> Draw:
    """The same as `policy.draw`: up to n of the candidates; `policy` as for `weigh`."""
    first = np.empty(len(scores) + 1)
    picks, probabilities, greedy = np.empty(n, np.int64), np.empty(n), np.empty(n, np.bool_)
    control, k = _draw_into(scores, seed, policy, first, picks, probabilities, greedy)
    return Draw(first, control, picks[:k], probabilities[:k], greedy[:k])


@compiled
def _draw_into(
    scores: Floats, seed: Any, policy: tuple[float, float, float, float],
    first: Floats, picks: Any, probabilities: Floats, greedy: Any,
) -> tuple[bool, int]:  # fmt: skip
    share, epsilon, temperature, nothing = policy
    control = _uniform(seed, 0) < share
    competing, result = np.append(scores, nothing), (picks, probabilities, greedy)
    first[:], k = _draw(competing, seed, len(picks), control, 0.0 if control else epsilon, temperature, result)
    return control, k


@compiled
def logistic_fast(z: Floats) -> Floats:
    """1 / (1 + exp(-z)), the same as `portable.logistic`."""
    chances = np.empty(len(z))
    for i in range(len(z)):
        chances[i] = 1.0 / (1.0 + _exp2(min(max(-z[i], -500.0), 500.0) * INVERSE_LN2))
    return chances


@compiled
def weigh(
    own: Floats,
    popularity: Floats,
    recent: Floats,
    parts: int,
    codes: Any,
    rows: Any,
    places: Any,
    weights: Floats,
    candidates: int,
    seed: Any,
    n: int,
    policy: tuple[float, float, float, float],
) -> Result:
    """Read the values, score the candidates and draw up to n of them.

    `parts` is 3, or 2 if there are no recent purchases. `codes` are the codes that must be read, each once; `rows`,
    `places` and `weights` say for each category of a candidate whose it is, where in `codes` it stands and what it
    counts. `seed` is a uint64; `policy` holds control, epsilon, temperature and the score of doing nothing.
    """
    values, counts = np.empty((parts, len(codes))), np.zeros((parts, candidates))
    _take(own, codes, values[0])
    _take(popularity, codes, values[1])
    if parts > 2:
        _take(recent, codes, values[2])
    for i in range(len(rows)):
        for part in range(parts):
            counts[part, rows[i]] += values[part, places[i]] * weights[i]
    total, kinds = _everybody(popularity)
    contributions, scores = np.empty((parts, candidates)), np.empty(candidates)
    _score(counts, contributions, scores, kinds / (total + kinds))
    share, epsilon, temperature, nothing = policy
    control = _uniform(seed, 0) < share
    competing = np.append(scores, nothing)
    result = np.empty(n, np.int64), np.empty(n), np.empty(n, np.bool_)
    first, k = _draw(competing, seed, n, control, 0.0 if control else epsilon, temperature, result)
    picks, probabilities, greedy = result
    chosen = np.zeros((k, parts))
    for place in range(k):
        if picks[place] < candidates:
            chosen[place] = contributions[:, picks[place]]
    return Result(values, total, kinds, scores, first, control, picks[:k], probabilities[:k], chosen, greedy[:k])
