"""Scores as sums of named contributions, so that each score explains itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.portable import log
from genom.decide.reading import PARTS, Reading, weighted

__all__ = ["MODEL", "MODELS", "OF_PRODUCTS", "Scored", "Scorer", "own_products_1", "own_purchases_1"]

Floats = NDArray[np.float64]

WEIGHTS: Final = {"own": 1.0, "popularity": 0.25, "recent": 0.5}


@dataclass(frozen=True, slots=True)
class Scored:
    """One score for each candidate, and what it is the sum of."""

    total: Floats
    parts: dict[str, Floats]  # "own", "recent", "popularity" → contribution to each candidate


Scorer = Callable[[Reading, Candidates], Scored]


def own_purchases_1(reading: Reading, candidates: Candidates) -> Scored:
    """Own purchases and recent ones, log(1 + count), and the log of the popularity against an even share.

    The log makes the step from no purchase to one larger than that from ten to eleven.
    An action as popular as the average gets 0 from popularity, so that it compares with doing nothing.
    """
    counts = weighted(reading.values, candidates) + 1.0
    counts[1] *= reading.kinds / (reading.total + reading.kinds)  # share of all purchases, times number of categories
    logs = log(counts)
    parts = {part: WEIGHTS[part] * row for part, row in zip(PARTS, logs, strict=False)}
    total = parts["own"] + parts["popularity"]
    return Scored(total + parts["recent"] if "recent" in parts else total, parts)


def own_products_1(bought: Floats, popularity: Floats) -> Scored:
    """Own purchases of the products that each candidate names, log(1 + count), and its categories' popularity.

    `popularity` is that part of `own_purchases_1`: among products never bought the popular come first.

    >>> own_products_1(np.array([0.0, 1.0]), np.array([0.25, 0.0])).total.round(3).tolist()
    [0.25, 0.693]
    """
    own = WEIGHTS["own"] * log(bought + 1.0)
    return Scored(own + popularity, {"own": own, "popularity": popularity})


MODEL: Final = "own-purchases-1"
OF_PRODUCTS: Final = "own-products-1"
"""Where candidates name products and no model answers."""
MODELS: Final[Mapping[str, Scorer]] = {MODEL: own_purchases_1}
"""Every model that has ever written a record; a changed formula is a new entry, so that old records re-evaluate."""
