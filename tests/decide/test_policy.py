"""The reported probabilities are those by which actions are drawn."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide.policy import Policy, draw

SEEDS = range(20_000)
SCORES = np.array([1.0, 0.6, 0.2, -0.5])
NOTHING = len(SCORES)  # index that stands for doing nothing
POLICY = Policy(control=0.0, epsilon=0.1, temperature=0.7, do_nothing=0.3)

scores = st.lists(st.floats(-50, 50), min_size=1, max_size=12).map(np.array)
seeds = st.integers(0, 2**64 - 1)
policies = st.builds(
    Policy,
    control=st.floats(0, 0.5),
    epsilon=st.floats(0.001, 1.0),
    temperature=st.floats(0.01, 100),
    do_nothing=st.floats(-50, 50),
)


def chi_square(counts, expected):
    return sum((counts[key] - wanted) ** 2 / wanted for key, wanted in expected.items())


def softmax(values):
    powers = np.exp((np.array(values) - max(values)) / POLICY.temperature)
    return 0.9 * powers / powers.sum() + 0.1 / len(values)


def test_the_probabilities_are_a_softmax_with_an_even_share_on_top():
    first = draw(SCORES, POLICY, n=1, seed=1).first

    assert first.tolist() == pytest.approx(softmax([*SCORES, POLICY.do_nothing]).tolist(), abs=1e-14)


def test_first_places_are_drawn_as_often_as_their_probabilities_say():
    drawn = [draw(SCORES, POLICY, n=1, seed=seed) for seed in SEEDS]

    counts = Counter(d.picks[0].index for d in drawn)
    expected = {i: p * len(SEEDS) for i, p in enumerate(drawn[0].first.tolist())}
    assert chi_square(counts, expected) < 18.5  # 99.9 % point of chi-square with 4 degrees of freedom
    assert all(d.picks[0].probability == d.first[d.picks[0].index] for d in drawn)


def test_lists_are_drawn_as_often_as_the_product_of_their_probabilities_says():
    drawn = [draw(SCORES, POLICY, n=2, seed=seed).picks for seed in SEEDS]

    counts = Counter(tuple(pick.index for pick in picks) for picks in drawn)
    expected = {tuple(p.index for p in picks): len(SEEDS) * np.prod([p.probability for p in picks]) for picks in drawn}
    assert sum(expected.values()) == pytest.approx(len(SEEDS))  # doing nothing, and each ordered pair of the four
    assert len(expected) == 13
    assert chi_square(counts, expected) < 32.9  # 99.9 % point with 12 degrees of freedom


def test_each_later_place_is_given_the_choices_above_and_leaves_out_doing_nothing():
    for picks in (draw(SCORES, POLICY, n=4, seed=seed).picks for seed in range(200)):
        free = list(range(NOTHING))
        for above, pick in pairwise(picks):
            free.remove(above.index)
            assert pick.probability == pytest.approx(softmax(SCORES[free])[free.index(pick.index)], rel=1e-12)


def test_control_is_a_tenth_and_even_over_all_and_doing_nothing():
    policy = Policy(control=0.1, epsilon=0.1, temperature=0.1, do_nothing=0.0)

    control = [d for seed in SEEDS if (d := draw(SCORES, policy, n=2, seed=seed)).control]

    counts = Counter(d.picks[0].index for d in control)
    assert len(control) == pytest.approx(2_000, abs=140)  # 3.3 standard deviations
    assert chi_square(counts, dict.fromkeys(range(5), len(control) / 5)) < 18.5
    assert {d.picks[0].probability for d in control} == {0.2}
    assert {d.picks[1].probability for d in control if len(d.picks) > 1} == {1 / 3}


@given(scores, policies, st.integers(1, 20), seeds)
def test_doing_nothing_takes_the_first_place_or_none_and_ends_the_list(values, policy, n, seed):
    picks = draw(values, policy, n=n, seed=seed).picks

    indices = [pick.index for pick in picks]
    assert len(set(indices)) == len(indices)
    assert indices == [len(values)] or (len(values) not in indices and len(indices) == min(n, len(values)))


@given(scores, policies, seeds)
def test_every_candidate_has_a_chance_and_all_chances_sum_to_one(values, policy, seed):
    drawn = draw(values, policy, n=3, seed=seed)

    assert (drawn.first > 0).all()
    assert drawn.first.sum() == pytest.approx(1.0, abs=1e-12)
    assert all(0 < pick.probability <= 1 for pick in drawn.picks)


@given(scores, policies, seeds)
def test_the_scores_given_are_left_as_they_are(values, policy, seed):
    before = values.tolist()

    draw(values, policy, n=3, seed=seed)

    assert values.tolist() == before


def test_a_low_temperature_follows_the_best_score():
    policy = Policy(control=0.0, epsilon=0.001, temperature=0.01, do_nothing=-1.0)

    lists = Counter(tuple(p.index for p in draw(SCORES, policy, n=3, seed=seed).picks) for seed in range(200))

    assert lists[0, 1, 2] > 190


def test_scores_that_lie_far_below_still_come_in_their_order():
    policy = Policy(control=0.0, epsilon=0.001, temperature=0.01, do_nothing=0.0)

    lists = Counter(tuple(p.index for p in draw(SCORES * 1000, policy, n=4, seed=seed).picks) for seed in range(200))

    assert lists[0, 1, 2, 3] > 190
