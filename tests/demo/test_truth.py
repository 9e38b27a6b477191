"""The true response: it differs between people, so that whoever treats all alike gains little."""

from __future__ import annotations

import numpy as np
import pytest

from genom_demo.world.evaluation import constant_share, share_of_gain
from genom_demo.world.people import draw_people
from genom_demo.world.reactions import chance_of
from genom_demo.world.truth import AA_RATE, BANNER_LIFT, NOTHING, draw_truth

people = draw_people()
truth = draw_truth(people)


@pytest.mark.parametrize("point", ["shop_voucher", "shop_hero"])
def test_the_best_constant_policy_gets_at_most_two_fifths_of_the_oracles_gain(point):
    assert 0.0 < constant_share(truth.chance[point]) <= 0.40


def test_there_is_something_to_gain():
    chance = truth.chance["shop_voucher"]

    assert chance.max(axis=1).mean() > 2 * chance.mean()


def test_a_voucher_helps_some_and_puts_others_off():
    effect = truth.chance["shop_voucher"][:, :-1] - truth.chance["shop_voucher"][:, -1:]

    assert (effect > 0.2).any(axis=1).mean() > 0.25
    assert (effect < 0).all(axis=1).mean() > 0.05


def test_every_chance_is_a_probability():
    for chance in truth.chance.values():
        assert ((chance >= 0) & (chance <= 1)).all()


def test_the_lift_of_the_banner_is_known_and_the_same_for_everybody():
    for person in (0, 17):
        plain, vivid = (chance_of(truth, "shop_banner", person, arm) for arm in ("banner_plain", "banner_vivid"))
        assert vivid - plain == pytest.approx(BANNER_LIFT)


def test_the_two_equal_lines_are_equal():
    assert {chance_of(truth, "shop_aa", 3, arm) for arm in ("aa_one", "aa_two", NOTHING)} == {AA_RATE}


def test_the_oracle_has_all_of_its_gain_and_random_choice_none():
    chance = truth.chance["shop_voucher"]
    everybody = np.repeat(np.arange(len(chance)), chance.shape[1])

    oracle = share_of_gain(chance, np.arange(len(chance)), chance.argmax(axis=1))
    random = share_of_gain(chance, everybody, np.tile(np.arange(chance.shape[1]), len(chance)))

    assert oracle.value == pytest.approx(1.0)
    assert random.value == pytest.approx(0.0, abs=1e-9)


def test_the_interval_of_a_share_covers_it_and_shrinks_with_people():
    chance, dice = truth.chance["shop_voucher"], np.random.default_rng(1)

    def shared(count: int):
        chosen = np.where(dice.random(count) < 0.5, chance[:count].argmax(axis=1), dice.integers(0, 9, count))
        return share_of_gain(chance, np.arange(count), chosen)

    few, many = shared(200), shared(5_000)

    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 2
    assert many.low < 0.5 < many.high


def test_intervals_cover_the_true_share_about_nineteen_times_in_twenty():
    chance, dice = truth.chance["shop_voucher"], np.random.default_rng(2)
    best = chance.argmax(axis=1)
    covered = 0
    for seed in range(100):
        some = dice.choice(len(chance), 300)
        chosen = np.where(dice.random(300) < 0.6, best[some], dice.integers(0, 9, 300))
        share = share_of_gain(chance, some, chosen, seed=seed)
        covered += share.low <= 0.6 <= share.high

    assert covered >= 88
