"""What a person said outranks what was inferred: disliked categories are no candidates, liked ones come first."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.facts import Facts

__all__ = ["told", "without_disliked"]

Floats = NDArray[np.float64]

_MOST: Final = 0.5  # an action that is mostly about what somebody does not want is not offered
_AHEAD: Final = 6.0  # temperatures by which a liked category is ahead of the best that was inferred


def without_disliked(candidates: Candidates, facts: Facts) -> Candidates:
    """The candidates without those that are mostly about categories that the person said no to."""
    if not facts.disliked:
        return candidates
    unwanted = candidates.about(facts.disliked) >= _MOST
    return candidates.keep(~unwanted) if unwanted.any() else candidates


def told(scores: Floats, candidates: Candidates, facts: Facts, *, temperature: float) -> Floats | None:
    """What a liked category adds to each score, so that it outranks all others; None if nothing liked is among them."""
    if not facts.liked or not len(scores):
        return None
    share = candidates.about(facts.liked)
    if not share.any():
        return None
    lift = float(scores.max() - scores.min()) + _AHEAD * temperature
    return np.fmin(share, 1.0) * lift
