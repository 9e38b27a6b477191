"""Which ranking serves decisions: the one that ranks best on later time, and own purchases if none is better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.learn.quality import Figure, interval

__all__ = ["OWN_PURCHASES", "Ranking", "chosen_ranking", "ndcg5"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OWN_PURCHASES: Final = "own_purchases"
_DISCOUNTS: Final = 1.0 / np.log2(np.arange(2, 7))


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """What decisions are served with, and how well each candidate ranked what a person could choose from."""

    served: str  # own_purchases or the family of a model
    at: int  # unix ms: rankings are as of this moment, what came of them lies after it
    persons: int  # of whom something came
    ndcg5: dict[str, Figure]  # by candidate
    gain: Figure  # of the best model against own purchases, person by person


def chosen_ranking(scores: Mapping[str, Floats], y: NDArray[np.bool_], person: Integers, *, at: int) -> Ranking | None:
    """The best of several scores of the same rows, own purchases among them; None if nothing came of any row.

    Own purchases serve unless a model has a higher mean NDCG@5 over the persons.
    """
    found = {name: ndcg5(score, y, person) for name, score in scores.items()}
    own = found[OWN_PURCHASES]
    if not len(own):
        return None
    others = [name for name in found if name != OWN_PURCHASES]
    best = max(others, key=lambda name: float(found[name].mean()), default=OWN_PURCHASES)
    each = np.arange(len(own))
    gain = interval(found[best] - own, each)
    return Ranking(
        served=best if gain.value > 0 else OWN_PURCHASES,
        at=at,
        persons=len(own),
        ndcg5={name: interval(values, each) for name, values in found.items()},
        gain=gain,
    )


def ndcg5(score: Floats, y: NDArray[np.bool_], person: Integers) -> Floats:
    """NDCG at 5 of each person with a yes, in the order of their numbers.

    Rows of equal score share their places, so that no order among them is made up.
    Source: McSherry, Najork, "Computing information retrieval performance measures efficiently in the presence of
    tied scores", ECIR 2008.

    >>> ndcg5(np.array([3.0, 2.0, 1.0]), np.array([True, False, False]), np.zeros(3, int)).tolist()
    [1.0]
    >>> ndcg5(np.zeros(2), np.array([True, False]), np.zeros(2, int)).round(4).tolist()
    [0.8155]
    """
    order = np.lexsort((-score, person))
    _, starts = np.unique(person[order], return_index=True)
    scores, answers = np.split(score[order], starts[1:]), np.split(y[order].astype(np.float64), starts[1:])
    return np.array([_of_one(s, a) for s, a in zip(scores, answers, strict=True) if a.any()], np.float64)


def _of_one(score: Floats, answers: Floats) -> float:
    """Of rows from the highest score on."""
    first = np.flatnonzero(np.append(True, np.diff(score) != 0))
    sizes = np.diff(np.append(first, len(score)))
    shared = np.repeat(np.add.reduceat(answers, first) / sizes, sizes)[: len(_DISCOUNTS)]
    best = _DISCOUNTS[: int(min(answers.sum(), len(_DISCOUNTS)))]
    return float(shared @ _DISCOUNTS[: len(shared)] / best.sum())
