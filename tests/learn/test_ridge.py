"""The coefficients are those of the truth, as far as there is evidence."""

from __future__ import annotations

import numpy as np
import pytest

from genom.learn.online import Sums, rounded
from genom.learn.ridge import fit_ridge

TRUE = {
    "tea": np.array([0.10, 0.30, 0.00]),
    "milk": np.array([0.10, 0.00, 0.30]),
    "bread": np.array([0.15, 0.02, 0.02]),
}


def simulated(count, *, seed=1, truth=TRUE):
    """Decisions with known chances of a click, evenly over the actions."""
    chance = np.random.default_rng(seed)
    sums = Sums(2)
    names = list(truth)
    for number in range(count):
        action, x = names[number % len(names)], rounded(chance.random(2))
        p = truth[action][0] + truth[action][1:] @ x
        sums.add(action, x, float(chance.random() < p))
    return sums


def test_known_coefficients_are_recovered():
    fit = fit_ridge(simulated(60_000))

    for action, true in TRUE.items():
        assert fit.coefficients[fit.places[action]] == pytest.approx(true, abs=0.03)


def test_actions_that_are_alike_are_taken_together():
    alike = {name: np.array([0.1, 0.2, 0.1]) for name in "abcdefgh"}

    fit = fit_ridge(simulated(1_600, truth=alike))

    apart = np.abs(fit.coefficients - fit.pooled).max()
    assert fit.strength >= 100
    assert apart < 0.1


def test_a_new_action_begins_where_the_others_are():
    fit = fit_ridge(simulated(6_000))

    assert "new" not in fit.places
    assert fit.pooled @ [1, 0.5, 0.5] == pytest.approx(0.22, abs=0.02)


def test_the_deviation_of_an_estimate_shrinks_with_evidence():
    deviations = [fit_ridge(simulated(count)).deviation for count in (300, 3_000, 30_000)]

    assert deviations[0] > deviations[1] > deviations[2] > 0
    assert deviations[0] > 3 * deviations[2]


def test_without_a_decision_nothing_is_claimed():
    fit = fit_ridge(Sums(2))

    assert fit.pooled.tolist() == [0, 0, 0]
    assert fit.decisions == 0


def test_constant_and_equal_features_are_no_trouble():
    sums = Sums(2)
    for number in range(50):
        sums.add("tea", np.array([1.0, 1.0]), float(number % 2))

    fit = fit_ridge(sums)

    assert fit.coefficients[0] @ [1, 1, 1] == pytest.approx(0.5, abs=0.1)
