"""Logistic regression on standardised features; weights are kept for the raw ones, so a score is one dot product."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

__all__ = ["Blocks", "fit", "importance", "margins", "newton", "reads"]

Floats = NDArray[np.float64]
Rows = NDArray[np.floating[Any]]
Blocks = Callable[[], Iterator[tuple[Floats, NDArray[np.bool_]]]]
"""Standardised rows and their answers, some at a time and as often as asked; all at once would be many copies."""

BLOCK: Final = 8_192  # rows
_PENALTIES: Final = (1.0, 1e-1, 1e-2, 1e-3, 1e-4)  # of the squared weights, a row; hundreds of genes want much
_STEPS: Final = 30
_CLOSE: Final = 1e-8


def fit(
    x: Rows,
    y: NDArray[np.bool_],
    *,
    later: tuple[Rows, NDArray[np.bool_]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Newton's method with a ridge; its strength is chosen on later rows, or given as settings["penalty"].

    Counts go in as log(1 + count); what is unknown goes in as the mean and says so in a column of its own.
    """
    form = _form_of(x)
    blocks = _blocks(x, y, form)
    given = (settings or {}).get("penalty")
    if given is not None or later is None:
        penalty = float(given) if given is not None else _PENALTIES[1]
        weights = newton(blocks, 1 + 2 * x.shape[1], penalty)
    else:
        penalty, weights = _chosen(blocks, 1 + 2 * x.shape[1], after=_blocks(*later, form))
    return {**form, "weights": weights.tolist(), "settings": {"penalty": penalty}}


def margins(fitted: Mapping[str, Any], x: Rows) -> Floats:
    """Log-odds of rows."""
    weights, found = np.asarray(fitted["weights"]), np.empty(len(x))
    for start in range(0, len(x), BLOCK):
        found[start : start + BLOCK] = _standardised(x[start : start + BLOCK], fitted) @ weights
    return found


def importance(fitted: Mapping[str, Any], features: int) -> Floats:
    """Shares of the absolute standardised weights."""
    weights = np.abs(np.asarray(fitted["weights"])[1:])
    each = weights[:features] + weights[features:]
    return np.asarray(each / each.sum()) if each.sum() > 0 else each


def reads(fitted: Mapping[str, Any], features: int) -> NDArray[np.bool_]:
    """Those that have a weight, themselves or for being unknown."""
    weights = np.asarray(fitted["weights"])[1:] != 0
    return np.asarray(weights[:features] | weights[features:])


def _form_of(x: Rows) -> dict[str, Any]:
    """How raw features become standardised ones, found column by column."""
    found = [_column_form(np.asarray(column, np.float64)) for column in x.T]
    return {name: [form[name] for form in found] for name in ("logged", "mean", "spread")}


def _column_form(column: Floats) -> dict[str, Any]:
    known = column[~np.isnan(column)]
    logged = bool(known.min(initial=np.inf) >= 0 and known.max(initial=0.0) > 3)
    values = _transformed(known, logged)
    count = max(len(values), 1)
    mean = float(values.sum() / count)
    spread = float(np.sqrt(((values - mean) ** 2).sum() / count))
    return {"logged": logged, "mean": mean, "spread": spread if spread > 0 else 1.0}


def _transformed(x: Floats, logged: Any) -> Floats:
    return np.where(np.asarray(logged, bool), np.log1p(np.maximum(x, 0.0)), x)


def _blocks(x: Rows, y: NDArray[np.bool_], form: Mapping[str, Any]) -> Blocks:
    def each() -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
        for start in range(0, len(x), BLOCK):
            yield _standardised(x[start : start + BLOCK], form), y[start : start + BLOCK]

    return each


def _standardised(x: Rows, form: Mapping[str, Any]) -> Floats:
    values = (_transformed(np.asarray(x, np.float64), form["logged"]) - np.asarray(form["mean"])) / np.asarray(
        form["spread"]
    )
    unknown = np.isnan(values)
    values = np.clip(np.where(unknown, 0.0, values), -8.0, 8.0)  # one absurd value must not decide alone
    return np.concatenate([np.ones((len(x), 1)), values, unknown.astype(float)], axis=1)


def _chosen(blocks: Blocks, columns: int, *, after: Blocks) -> tuple[float, Floats]:
    """From the strongest penalty on as long as a weaker one serves later rows better; each begins where one ended."""
    best, weights, found = np.inf, None, list[tuple[float, Floats]]()
    for penalty in _PENALTIES:
        weights = newton(blocks, columns, penalty, begin=weights)
        if (loss := _loss(after, weights)) >= best and found:
            break
        best = loss
        found.append((penalty, weights))
    return found[-1]


def newton(blocks: Blocks, columns: int, penalty: float, *, begin: Floats | None = None) -> Floats:
    """Weights of the columns; the first is the intercept and is not drawn to 0."""
    rows = sum(len(y) for _, y in blocks())
    ridge = np.full(columns, penalty * rows)
    ridge[0] = 1e-9
    weights = np.zeros(columns) if begin is None else begin.copy()
    for _ in range(_STEPS):
        gradient, hessian = ridge * weights, np.diag(ridge)
        for z, y in blocks():
            p = expit(z @ weights)
            gradient += z.T @ (p - y)
            hessian += (z * (p * (1 - p) + 1e-9)[:, None]).T @ z
        step = np.linalg.solve(hessian, gradient)
        weights -= step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _CLOSE:
            break
    return weights


def _loss(blocks: Blocks, weights: Floats) -> float:
    total, rows = 0.0, 0
    for z, y in blocks():
        margin = z @ weights
        total, rows = total + float(np.logaddexp(0.0, np.where(y, -margin, margin)).sum()), rows + len(y)
    return total / max(rows, 1)
