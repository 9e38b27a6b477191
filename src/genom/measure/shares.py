"""Whether arms have the shares that they should have: a test that may be looked at at any time.

Source: Lindon, Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

__all__ = ["SUSPECT", "evidence_against"]

SUSPECT: Final = 1_000.0  # evidence at which shares are wrong: right ones ever reach it once in a thousand experiments
_WEIGHT: Final = 200.0  # of the prior around the intended shares


def evidence_against(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The e-value against the shares: the Bayes factor of a Dirichlet around them to themselves.

    Under the right shares it exceeds 20, at any time, with probability at most 1/20.  An arm with a share of 0 tells
    nothing while it is empty; a single decision in it cannot be by the shares.

    >>> evidence_against([510, 490], [0.5, 0.5]) < 1, evidence_against([600, 400], [0.5, 0.5]) > 1_000
    (True, True)
    >>> evidence_against([9, 0], [1.0, 0.0]), evidence_against([9, 1], [1.0, 0.0])
    (1.0, inf)
    """
    n = sum(counts)
    log = math.lgamma(_WEIGHT) - math.lgamma(_WEIGHT + n)
    for count, share in zip(counts, shares, strict=True):
        if not share:
            if count:
                return math.inf
            continue
        prior = _WEIGHT * share
        log += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    return math.exp(min(log, 700.0))
