"""The gene values that a decision reads: those of its candidates' categories, made usable for arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.facts import Facts

__all__ = ["PARTS", "Reading", "read", "weighted", "width_of"]

PARTS: Final = ("own", "popularity", "recent")
LARGEST: Final = 1e15  # more purchases than a shop has; keeps an infinite or damaged value from spoiling a decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Values by category code."""

    values: NDArray[np.float64]  # one row for each of PARTS, the last only if there are recent purchases
    total: float  # purchases of everybody in all categories, decayed
    kinds: int  # categories that anybody bought in


def read(facts: Facts, candidates: Candidates) -> Reading:
    """The values of the facts that these candidates need; what is negative or no number counts as 0."""
    vectors = [facts.own, facts.popularity] if facts.recent is None else [facts.own, facts.popularity, facts.recent]
    values = np.zeros((len(vectors), max(width_of(candidates), len(facts.popularity))))
    for row, vector in zip(values, vectors, strict=True):
        row[: len(vector)] = vector[: len(row)]
    np.fmax(values, 0.0, out=values)
    np.fmin(values, LARGEST, out=values)
    popularity = values[1]
    total = float(popularity.cumsum()[-1]) if len(popularity) else 0.0  # added in order, so the bits are certain
    return Reading(values=values, total=total, kinds=max(1, int(np.count_nonzero(popularity))))


def weighted(values: NDArray[np.float64], candidates: Candidates) -> NDArray[np.float64]:
    """For each row and candidate the weighted sum over the candidate's categories, added one after the other."""
    amounts = values.take(candidates.codes, axis=1) * candidates.weights
    n = len(candidates.ids)
    return np.array([np.bincount(candidates.rows, weights=row, minlength=n) for row in amounts])


def width_of(candidates: Candidates) -> int:
    """How many values a vector needs, for every code of the candidates to have one."""
    codes = candidates.codes
    return int(codes[codes.argmax()]) + 1 if len(codes) else 0
