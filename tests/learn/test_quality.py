"""Figures agree with their usual makers; calibration mends what is too sure."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

from genom.learn.calibration import calibrate, probabilities
from genom.learn.quality import auc, average_precision, interval, log_loss


@given(st.integers(0, 2**31), st.integers(5, 60))
def test_auc_and_average_precision_are_those_of_scikit_learn(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    score, y = rng.integers(0, 6, rows) / 5.0, rng.random(rows) < 0.4
    y[:2] = True, False

    assert abs(auc(score, y) - roc_auc_score(y, score)) < 1e-12
    assert abs(average_precision(score, y) - average_precision_score(y, score)) < 1e-12


def test_an_interval_over_persons_is_wider_than_one_over_rows() -> None:
    """Fifty rows of one person are one witness."""
    rng = np.random.default_rng(0)
    values = np.repeat(rng.normal(size=40), 50)

    by_person = interval(values, np.repeat(np.arange(40), 50))
    by_row = interval(values, np.arange(2_000))

    assert by_person.high - by_person.low > 4 * (by_row.high - by_row.low)


def test_a_model_that_is_twice_too_sure_is_mended() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(-1, 1.5, 20_000)
    y = rng.random(20_000) < expit(truth)

    found = calibrate(2 * truth + 1, y, np.arange(20_000))
    p = probabilities(found, 2 * truth + 1)

    assert np.abs(p - expit(truth)).mean() < 0.015
    assert log_loss(p, y).mean() < log_loss(expit(2 * truth + 1).clip(1e-4, 1 - 1e-4), y).mean()


def test_a_curve_that_is_no_line_is_found() -> None:
    rng = np.random.default_rng(2)
    margin = rng.uniform(-3, 3, 20_000)
    truth = np.where(margin < 0, 0.1, 0.8)  # a step
    y = rng.random(20_000) < truth

    found = calibrate(margin, y, np.arange(20_000))

    assert found["kind"] == "isotonic"
    assert np.abs(probabilities(found, margin) - truth).mean() < 0.02


def test_calibration_never_turns_the_order_round() -> None:
    rng = np.random.default_rng(3)
    margin = rng.normal(size=500)
    y = rng.random(500) < expit(-margin)  # the model is wrong

    p = probabilities(calibrate(margin, y, np.arange(500)), np.sort(margin))

    assert (np.diff(p) >= 0).all()
