"""Serving: probabilities of rows by a stored model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genom.learn.calibration import probabilities
from genom.learn.dataset import Features
from genom.learn.models import MODELS

__all__ = ["predict", "predicted_margins"]

Floats = NDArray[np.float64]


def predict(model: Mapping[str, Any], x: Features) -> Floats:
    """Probabilities of rows whose columns are the model's names, in their order."""
    return probabilities(model["calibration"], predicted_margins(model, x))


def predicted_margins(model: Mapping[str, Any], x: Features) -> Floats:
    """Log-odds before the calibration: the finer order.  Rows are read as float32, as they were when it was trained."""
    if x.shape[1] != len(model["names"]):
        raise ValueError(f"the model takes {len(model['names'])} columns, not {x.shape[1]}")
    return MODELS[model["model"]].margins(model["fitted"], np.asarray(x, np.float32))
