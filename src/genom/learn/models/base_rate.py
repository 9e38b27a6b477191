"""The base rate: everybody gets the share of yes.  What any other model must beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["fit", "importance", "margins", "reads"]

Floats = NDArray[np.float64]
Rows = NDArray[np.floating[Any]]


def fit(
    x: Rows,  # noqa: ARG001 -- it looks at nothing
    y: NDArray[np.bool_],
    *,
    later: tuple[Rows, NDArray[np.bool_]] | None = None,  # noqa: ARG001 -- and stops at once
    settings: Mapping[str, Any] | None = None,  # noqa: ARG001
) -> dict[str, Any]:
    """The log-odds of yes, with half a yes and half a no added, so that none is infinite.

    >>> fit(np.zeros((2, 1)), np.array([True, False]))
    {'margin': 0.0}
    """
    return {"margin": float(np.log((y.sum() + 0.5) / ((~y).sum() + 0.5)))}


def margins(fitted: Mapping[str, Any], x: Rows) -> Floats:
    """The same for each row."""
    return np.full(len(x), float(fitted["margin"]))


def importance(fitted: Mapping[str, Any], features: int) -> Floats:  # noqa: ARG001
    """Nothing tells anything."""
    return np.zeros(features)


def reads(fitted: Mapping[str, Any], features: int) -> NDArray[np.bool_]:  # noqa: ARG001
    """None of them."""
    return np.zeros(features, np.bool_)
