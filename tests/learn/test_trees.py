"""The own scorer gives LightGBM's bits."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from genom.errors import Corrupt
from genom.learn.trees import flatten, packed, path_parts, tree_margins, unpacked

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


def rows(count: int = 500) -> np.ndarray:
    x = RNG.normal(size=(count, 6)) * 2
    x[RNG.random(x.shape) < 0.2] = np.nan
    return x


def test_the_start_and_the_parts_add_up_to_the_margin() -> None:
    trees, x = flatten(booster().model_to_string()), rows()

    start, parts = path_parts(trees, x)

    np.testing.assert_allclose(start + parts.sum(axis=1), tree_margins(trees, x), rtol=0, atol=1e-12)


def test_the_start_is_the_mean_of_the_rows_that_were_learned_from() -> None:
    """LightGBM knows the same number as the last column of its contributions."""
    model = booster()

    start, _ = path_parts(flatten(model.model_to_string()), rows(1))

    assert start == pytest.approx(float(model.predict(rows(1), pred_contrib=True)[0, -1]), abs=1e-9)


def test_of_a_single_split_all_goes_to_its_feature() -> None:
    model = booster(num_leaves=2, num_iterations=1)
    trees, x = flatten(model.model_to_string()), rows()
    asked = int(trees.feature[0])

    start, parts = path_parts(trees, x)

    assert not np.delete(parts, asked, axis=1).any()
    np.testing.assert_allclose(parts[:, asked], model.predict(x, raw_score=True) - start, atol=1e-12)


def test_trees_of_an_older_genom_score_as_before() -> None:
    kept = packed(flatten(booster().model_to_string()))
    old, x = unpacked({name: text for name, text in kept.items() if name != "mean"}), rows()

    assert not len(old.mean)
    assert (tree_margins(old, x) == tree_margins(unpacked(kept), x)).all()
