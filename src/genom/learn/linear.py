"""A logistic on raw features, for scores that explain themselves: one weight a feature, 0 is what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from genom.learn.dataset import Dataset, Features, split_by_time
from genom.learn.models.logistic import BLOCK, newton
from genom.learn.quality import Figure, interval, log_loss
from genom.learn.ranking import OWN_PURCHASES, Ranking, chosen_ranking

__all__ = ["LOGISTIC", "Scoring", "fit_linear", "linear_model"]

Floats = NDArray[np.float64]

LOGISTIC: Final = "logistic"
_PENALTY: Final = 1e-4  # of the squared weights of features of spread 1, a row
_SURE: Final = 1e-6


class Scoring(NamedTuple):
    """What decisions score with."""

    pair: dict[str, Any] | None  # weights and intercept; None: no better than own purchases
    ranking: Ranking | None  # how well each ranked on later time; None: there was nothing to compare


def linear_model(
    data: Dataset, own: Floats, *, within_days: int, others: Mapping[str, Floats] | None = None
) -> Scoring:
    """Weights and intercept, if on later time they beat the base rate for certain and rank better than `own`.

    `own` has the score of each row by own purchases, `others` those of other models for the rows of the latest moment.
    The comparison sees a model of the time before it; what serves
    is fitted anew on all of the time.

    Raises BadConfiguration if the history is too short for a later time.
    """
    parts = split_by_time(data, within_days=within_days)
    late = data.at == parts.test.at[0]
    early = data.only(np.isin(data.at, np.append(np.unique(parts.train.at), parts.valid.at[0])))
    if not early.y.any() or early.y.all() or not parts.test.y.any():
        return Scoring(None, None)
    fitted = fit_linear(early.x, early.y)
    margin = parts.test.x @ np.asarray(fitted["weights"]) + fitted["intercept"]
    scores = {OWN_PURCHASES: own[late], **(others or {})}
    if _gain(margin, early, parts.test).low > 0:
        scores[LOGISTIC] = margin
    ranking = chosen_ranking(scores, parts.test.y, parts.test.person, at=int(parts.test.at[0]))
    if ranking is None or LOGISTIC not in scores or not _better(ranking, LOGISTIC):
        return Scoring(None, ranking)
    return Scoring({"names": list(data.names), **fit_linear(data.x, data.y)}, ranking)


def _better(ranking: Ranking, name: str) -> bool:
    return ranking.ndcg5[name].value > ranking.ndcg5[OWN_PURCHASES].value


def _gain(margin: Floats, early: Dataset, late: Dataset) -> Figure:
    """Log loss spared against the base rate."""
    p = np.clip(expit(margin), _SURE, 1 - _SURE)
    base = np.full(len(p), float(early.y.mean()))
    return interval(log_loss(base, late.y) - log_loss(p, late.y), late.person)


def fit_linear(x: Features, y: NDArray[np.bool_]) -> dict[str, Any]:
    """Weights of the raw features, and the intercept.

    >>> found = fit_linear(np.array([[0.0], [0.0], [1.0], [1.0]] * 50), np.array([0, 1, 1, 1] * 50, bool))
    >>> found["weights"][0] > 1
    True
    """
    spread = np.array([np.asarray(column, np.float64).std() for column in x.T])
    spread[spread == 0] = np.inf  # what never changes tells nothing

    def blocks() -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
        for start in range(0, len(x), BLOCK):
            rows = x[start : start + BLOCK]
            yield np.concatenate([np.ones((len(rows), 1)), rows / spread], axis=1), y[start : start + BLOCK]

    weights = newton(blocks, 1 + x.shape[1], _PENALTY)
    return {"weights": (weights[1:] / spread).tolist(), "intercept": float(weights[0])}
