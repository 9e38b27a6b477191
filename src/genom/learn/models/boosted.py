"""Gradient-boosted trees by LightGBM; what is kept are flat trees that our own scorer reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.learn.trees import Trees, flatten, packed, split_gains, tree_margins, unpacked

__all__ = ["fit", "importance", "margins", "reads"]

Floats = NDArray[np.float64]
Rows = NDArray[np.floating[Any]]

SETTINGS: Final[dict[str, Any]] = {
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 1,
    "num_threads": 2,
}
_SMALL: Final = {"learning_rate": 0.03, "num_leaves": 15, "min_data_in_leaf": 100, "feature_fraction": 0.5}
_FEW: Final = 5_000  # yes below which trees stay small
_ROUNDS: Final = 400
_PATIENCE: Final = 40
_BLOCK: Final = 16_384  # rows that are widened to float64 at once


def fit(
    x: Rows,
    y: NDArray[np.bool_],
    *,
    later: tuple[Rows, NDArray[np.bool_]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Boost until later rows get no better; without later rows, settings["rounds"] times.

    The same rows and settings give the same trees.
    """
    import lightgbm  # noqa: PLC0415 -- the node only scores: it never loads the library

    chosen = {**SETTINGS, **(_SMALL if y.sum() < _FEW else {}), **(settings or {})}
    rounds = int(chosen.pop("rounds", _ROUNDS))
    fixed = {"objective": "binary", "deterministic": True, "force_row_wise": True, "verbose": -1}
    small = max(5, min(int(chosen["min_data_in_leaf"]), len(y) // 20))
    table = lightgbm.Dataset(x, y.astype(np.int8), free_raw_data=True)
    tests: list[Any] = []
    stops: list[Any] = []
    if later is not None:
        tests = [lightgbm.Dataset(later[0], later[1].astype(np.int8), reference=table)]
        stops = [lightgbm.early_stopping(_PATIENCE, verbose=False)]
    parameters = {**chosen, **fixed, "min_data_in_leaf": small}
    booster = lightgbm.train(parameters, table, rounds, valid_sets=tests, callbacks=stops)
    used = int(booster.best_iteration or rounds) if later is not None else rounds
    trees = flatten(booster.model_to_string(num_iteration=used))
    shape = {name: chosen[name] for name in _SMALL}  # of more rows the same trees are made
    return {"trees": packed(trees), "settings": {**shape, "rounds": used}}


def margins(fitted: Mapping[str, Any], x: Rows) -> Floats:
    """Log-odds of rows, bit for bit what LightGBM gives."""
    trees, found = _trees(fitted), np.empty(len(x))
    for start in range(0, len(x), _BLOCK):
        found[start : start + _BLOCK] = tree_margins(trees, np.asarray(x[start : start + _BLOCK], np.float64))
    return found


def importance(fitted: Mapping[str, Any], features: int) -> Floats:
    """Shares of what the splits gained."""
    gains = split_gains(_trees(fitted), features)
    return np.asarray(gains / gains.sum()) if gains.sum() > 0 else gains


def reads(fitted: Mapping[str, Any], features: int) -> NDArray[np.bool_]:
    """Those that some split asks about."""
    asked = np.zeros(features, np.bool_)
    asked[_trees(fitted).feature] = True
    return asked


def _trees(fitted: Mapping[str, Any]) -> Trees:
    trees = fitted["trees"]
    return trees if isinstance(trees, Trees) else unpacked(trees)
