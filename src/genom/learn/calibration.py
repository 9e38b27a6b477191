"""Calibration: log-odds of a model become probabilities that come true, learned on later time than the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from genom.learn.quality import log_loss

__all__ = ["calibrate", "platt", "probabilities"]

Floats = NDArray[np.float64]
Answers = NDArray[np.bool_]

_FEW: Final = 200  # answers of the rarer kind below which a curve with many steps would only learn noise
_SURE: Final = 1e-4  # no probability is closer to 0 or 1


def calibrate(margin: Floats, y: Answers, person: NDArray[np.int64]) -> dict[str, Any]:
    """A line in log-odds (Platt) or a rising curve (isotonic): whichever is better on persons it has not seen.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999; Zadrozny and Elkan, KDD 2002.

    >>> calibrate(np.zeros(4), np.array([True, False, True, False]), np.arange(4))["kind"]
    'platt'
    """
    if min(y.sum(), (~y).sum()) < _FEW:
        return platt(margin, y)
    even = person % 2 == 0
    losses = [sum(_cross(fit, margin, y, half) for half in (even, ~even)) for fit in (platt, _isotonic)]
    return (platt, _isotonic)[int(np.argmin(losses))](margin, y)


def probabilities(calibration: Mapping[str, Any], margin: Floats) -> Floats:
    """Probabilities of log-odds; never outside 0.0001 to 0.9999."""
    if calibration["kind"] == "isotonic":
        curve = np.interp(margin, calibration["margins"], calibration["values"])
    else:
        curve = expit(calibration["slope"] * margin + calibration["offset"])
    return np.clip(np.asarray(curve, np.float64), _SURE, 1 - _SURE)


def _cross(fit: Any, margin: Floats, y: Answers, half: Answers) -> float:
    if not half.any() or half.all():
        return 0.0
    found = probabilities(fit(margin[half], y[half]), margin[~half])
    return float(log_loss(found, y[~half]).sum())


def platt(margin: Floats, y: Answers) -> dict[str, Any]:
    """A line in log-odds, which keeps the order: Newton's method on slope and offset, the targets drawn in a little."""
    yes, no = float(y.sum()), float((~y).sum())
    target = np.where(y, (yes + 1) / (yes + 2), 1 / (no + 2))
    slope, offset = 1.0, 0.0
    for _ in range(50):
        p = expit(slope * margin + offset)
        first, weight = p - target, p * (1 - p) + 1e-12
        gradient = np.array([first @ margin + 1e-6 * (slope - 1), first.sum()])
        cross = weight @ margin
        hessian = np.array([[weight @ (margin * margin) + 1e-6, cross], [cross, weight.sum() + 1e-9]])
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        slope, offset = slope - step[0], offset - step[1]
        if np.abs(step).max() < 1e-9:
            break
    if slope <= 0:  # it must never turn the order round
        slope, offset = 0.0, float(np.log((yes + 1) / (no + 1)))
    return {"kind": "platt", "slope": float(slope), "offset": float(offset)}


def _isotonic(margin: Floats, y: Answers) -> dict[str, Any]:
    """A rising curve through the shares of yes, kept at its corners."""
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 -- only training pays for it, no start

    levels, places = np.unique(margin, return_inverse=True)
    weight = np.bincount(places)
    share = np.bincount(places, y) / weight
    values = isotonic_regression(share, weights=weight).x
    corner = np.append(True, np.diff(values) > 0) | np.append(np.diff(values) > 0, True)
    return {"kind": "isotonic", "margins": levels[corner].tolist(), "values": values[corner].tolist()}
