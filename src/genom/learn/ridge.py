"""Coefficients from the statistics of a point: a ridge for each action, shrunk towards one for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.learn.online import GRAIN, Sums

__all__ = ["Ridge", "fit_ridge"]

Floats = NDArray[np.float64]

STRENGTHS: Final = (10.0, 30.0, 100.0, 300.0, 1000.0)  # of the shared prior, in decisions
_LITTLE: Final = 1e-6  # a feature that nobody has must not make a matrix singular
_FEW: Final = 10.0  # decisions that the pooled model is shrunk to nothing by


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """A linear model of the reward for each action."""

    places: dict[str, int]
    coefficients: Floats  # (actions, 1 + features), each a float32 number
    pooled: Floats  # (1 + features,)
    deviation: float  # standard deviation of an estimate for the mean person
    strength: float  # of the prior that explains the data best
    decisions: int


def fit_ridge(sums: Sums) -> Ridge:
    """The posterior means of w_a ~ N(w, σ² Λ⁻¹), r ~ N(w_aᵀx, σ²), with Λ = strength · mean of x².

    The strength is the one under which the rewards are likeliest (type-II maximum likelihood).
    Source: Gelman, Hill, "Data analysis using regression and multilevel models", 2007; MacKay, "Bayesian
    interpolation", Neural Computation 4 (1992).
    """
    squares, products = sums.squares / GRAIN**2, sums.products / GRAIN**2
    counts, rewards = sums.counts.astype(np.float64), float(sums.rewards.sum()) / GRAIN**2
    n, width = float(counts.sum()), sums.width
    if not n:
        nothing = np.zeros(width)
        return Ridge(
            places={}, coefficients=np.zeros((0, width)), pooled=nothing, deviation=1.0, strength=STRENGTHS[0],
            decisions=0,
        )  # fmt: skip
    every, drawn = squares.sum(0), products.sum(0)
    typical = np.diagonal(every) / n + _LITTLE
    pooled = np.linalg.solve(every + np.diag(_FEW * typical * (np.arange(width) > 0) + _LITTLE), drawn)
    noise = max((rewards - 2 * pooled @ drawn + pooled @ every @ pooled) / max(n - 1, 1.0), 1e-9)
    tried = [(_evidence(squares, products, pooled, strength * typical, noise), strength) for strength in STRENGTHS]
    strength = max(tried)[1]
    precision = squares + np.diag(strength * typical)
    coefficients = np.linalg.solve(precision, (products + strength * typical * pooled)[:, :, None])[:, :, 0]
    mean = every[0] / n
    spread = np.linalg.solve(precision, np.broadcast_to(mean, (len(counts), width))[:, :, None])[:, :, 0] @ mean
    return Ridge(
        places=dict(sums.places),
        coefficients=_single(np.asarray(coefficients, np.float64)),
        pooled=_single(pooled),
        deviation=float(np.sqrt(noise * max(spread.mean(), 0.0))),
        strength=strength,
        decisions=int(n),
    )


def _evidence(squares: Floats, products: Floats, pooled: Floats, prior: Floats, noise: float) -> float:
    """Log likelihood of all actions' rewards under a prior, up to what does not depend on it."""
    centred = products - squares @ pooled  # Σ (r - wᵀx) x
    precision = squares + np.diag(prior)
    _, logs = np.linalg.slogdet(precision)
    gain = (centred * np.linalg.solve(precision, centred[:, :, None])[:, :, 0]).sum(1) / noise
    return float(0.5 * (np.log(prior).sum() - logs + gain).sum())


def _single(values: Floats) -> Floats:
    """As records keep them: float32 numbers."""
    return np.asarray(values, np.float32).astype(np.float64)
