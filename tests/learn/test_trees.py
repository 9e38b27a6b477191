"""The own scorer gives LightGBM's bits."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from genom.errors import Corrupt
from genom.learn.trees import flatten, packed, tree_margins, unpacked

RNG = np.random.default_rng(3)


def booster(**settings: object) -> lightgbm.Booster:
    x = RNG.normal(size=(3_000, 6))
    x[:, 3] = np.round(x[:, 3])
    x[RNG.random(x.shape) < 0.1] = np.nan
    x[:, 5] = np.abs(np.nan_to_num(x[:, 5]))  # a feature that was never unknown
    y = RNG.random(3_000) < 1 / (1 + np.exp(-np.nan_to_num(x[:, 0]) * 2 + np.nan_to_num(x[:, 3])))
    given = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1} | settings
    return lightgbm.train(given, lightgbm.Dataset(x, y.astype(int)), 40)


@pytest.mark.parametrize("settings", [{}, {"num_leaves": 4}, {"zero_as_missing": True}, {"use_missing": False}])
def test_every_margin_is_bit_equal(settings: dict[str, object]) -> None:
    model = booster(**settings)
    x = RNG.normal(size=(2_000, 6)) * 2
    x[RNG.random(x.shape) < 0.2] = np.nan
    x[RNG.random(x.shape) < 0.1] = 0.0

    assert (tree_margins(flatten(model.model_to_string()), x) == model.predict(x, raw_score=True)).all()


def test_what_is_kept_as_text_is_the_same() -> None:
    trees = flatten(booster().model_to_string())

    for mine, theirs in zip(trees, unpacked(packed(trees)), strict=True):
        assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("part", ["left", "right", "roots", "feature", "leaf"])
def test_trees_that_would_lead_outside_are_refused(part: str) -> None:
    kept = packed(flatten(booster().model_to_string()))

    with pytest.raises(Corrupt):
        unpacked(kept | {part: kept[part][: len(kept[part]) // 8 * 4]})
    with pytest.raises(Corrupt):
        unpacked({name: text for name, text in kept.items() if name != part})
