"""A logistic on raw features, for scores that explain themselves: one weight a feature, 0 is what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from genom.learn.dataset import Dataset, Features, split_by_time
from genom.learn.models.logistic import BLOCK, newton
from genom.learn.quality import interval, log_loss

__all__ = ["fit_linear", "linear_model"]

Floats = NDArray[np.float64]

_PENALTY: Final = 1e-4  # of the squared weights of features of spread 1, a row
_SURE: Final = 1e-6


def linear_model(data: Dataset, *, within_days: int) -> dict[str, Any] | None:
    """Weights and intercept, or None if they do not beat the base rate on later time, for certain.

    Raises BadConfiguration if the history is too short for a later time.
    """
    parts = split_by_time(data, within_days=within_days)
    early = data.only(np.isin(data.at, np.append(np.unique(parts.train.at), parts.valid.at[0])))
    if not early.y.any() or early.y.all() or not parts.test.y.any():
        return None
    fitted = fit_linear(early.x, early.y)
    p = np.clip(expit(parts.test.x @ np.asarray(fitted["weights"]) + fitted["intercept"]), _SURE, 1 - _SURE)
    base = np.full(len(p), float(early.y.mean()))
    gain = interval(log_loss(base, parts.test.y) - log_loss(p, parts.test.y), parts.test.person)
    return {"names": list(data.names), **fit_linear(data.x, data.y)} if gain.low > 0 else None


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
