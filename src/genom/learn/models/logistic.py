"""Logistic regression on standardised features; weights are kept for the raw ones, so a score is one dot product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

__all__ = ["fit", "importance", "margins", "newton"]

Floats = NDArray[np.float64]

_PENALTIES: Final = (1e-4, 1e-3, 1e-2)  # of the squared weights, a row
_STEPS: Final = 30
_CLOSE: Final = 1e-8


def fit(
    x: Floats,
    y: NDArray[np.bool_],
    *,
    later: tuple[Floats, NDArray[np.bool_]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Newton's method with a ridge; its strength is chosen on later rows, or given as settings["penalty"].

    Counts go in as log(1 + count); what is unknown goes in as the mean and says so in a column of its own.
    """
    form = _form_of(x)
    z = _standardised(x, form)
    given = (settings or {}).get("penalty")
    if given is not None or later is None:
        penalty = float(given) if given is not None else _PENALTIES[1]
        weights = newton(z, y, penalty)
    else:
        tried = [(p, newton(z, y, p)) for p in _PENALTIES]
        z_later = _standardised(later[0], form)
        penalty, weights = min(tried, key=lambda pair: _loss(z_later @ pair[1], later[1]))
    return {**form, "weights": weights.tolist(), "settings": {"penalty": penalty}}


def margins(fitted: Mapping[str, Any], x: Floats) -> Floats:
    """Log-odds of rows."""
    return np.asarray(_standardised(x, fitted) @ np.asarray(fitted["weights"]))


def importance(fitted: Mapping[str, Any], features: int) -> Floats:
    """Shares of the absolute standardised weights."""
    weights = np.abs(np.asarray(fitted["weights"])[1:])
    each = weights[:features] + weights[features:]
    return np.asarray(each / each.sum()) if each.sum() > 0 else each


def _form_of(x: Floats) -> dict[str, Any]:
    """How raw features become standardised ones."""
    with np.errstate(invalid="ignore"):
        logged = (np.nanmin(np.where(np.isnan(x), np.inf, x), axis=0) >= 0) & (np.nanmax(_finite(x), axis=0) > 3)
    values = _transformed(x, logged)
    known = ~np.isnan(values)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / counts)
    return {"logged": logged.tolist(), "mean": mean.tolist(), "spread": np.where(spread > 0, spread, 1.0).tolist()}


def _finite(x: Floats) -> Floats:
    return np.where(np.isnan(x), 0.0, x)


def _transformed(x: Floats, logged: Any) -> Floats:
    return np.where(np.asarray(logged, bool), np.log1p(np.maximum(x, 0.0)), x)


def _standardised(x: Floats, form: Mapping[str, Any]) -> Floats:
    values = (_transformed(x, form["logged"]) - np.asarray(form["mean"])) / np.asarray(form["spread"])
    unknown = np.isnan(values)
    values = np.clip(np.where(unknown, 0.0, values), -8.0, 8.0)  # one absurd value must not decide alone
    return np.concatenate([np.ones((len(x), 1)), values, unknown.astype(float)], axis=1)


def newton(z: Floats, y: NDArray[np.bool_], penalty: float) -> Floats:
    """Weights of the columns; the first is the intercept and is not drawn to 0."""
    ridge = np.full(z.shape[1], penalty * len(z))
    ridge[0] = 1e-9
    weights = np.zeros(z.shape[1])
    for _ in range(_STEPS):
        p = expit(z @ weights)
        gradient = z.T @ (p - y) + ridge * weights
        hessian = (z * (p * (1 - p) + 1e-9)[:, None]).T @ z
        hessian[np.diag_indices_from(hessian)] += ridge
        step = np.linalg.solve(hessian, gradient)
        weights -= step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _CLOSE:
            break
    return weights


def _loss(margin: Floats, y: NDArray[np.bool_]) -> float:
    return float(np.logaddexp(0.0, np.where(y, -margin, margin)).mean())
