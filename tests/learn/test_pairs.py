"""Pairs of a person and a thing: worked examples, and nothing of later time in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from genom.learn.dataset import DAY, Dataset
from genom.learn.history import History, history_of
from genom.learn.linear import fit_linear, linear_model
from genom.learn.pairs import category, coupon
from genom.learn.pairs.coupon import Coupons
from genom.words import MICROS, ROW, Flag, Kind
from tests.learn.making import table

T0 = 1_700_000_000_000
NOW = T0 + 40 * DAY


def line(who: int, day: float, *, code: int, item: int = 1, basket: int | None = None, amount: float = 2.0) -> tuple:
    return who, T0 + int(day * DAY), Kind.ORDER_COMPLETED, 1, code, item, basket or int(day * 1000) + who + 1, amount


def past(*events: tuple, people: int = 2) -> History:
    rows = np.zeros(len(events), ROW)
    for row, (_, ts, kind, number, code, item, basket, amount) in zip(rows, events, strict=True):
        row["ts"], row["kind"], row["line"], row["category_2"] = ts, kind, number, code
        row["item"], row["id_low"], row["amount"], row["flags"] = item, basket, int(amount * MICROS), Flag.AMOUNT
    return history_of(rows, np.array([event[0] for event in events], np.int64), people=people)


def features(history: History, *, at: int = NOW) -> dict[str, np.ndarray]:
    context = category.category_context(history, np.array([5, 6]), at=at)
    found = category.category_features(history, context, at=at)
    return {name: found[:, :, i] for i, name in enumerate(category.NAMES)}


def test_orders_are_counted_not_lines() -> None:
    history = past(line(0, 10, code=5, basket=9), line(0, 10, code=5, basket=9, item=2), line(0, 30, code=5))

    found = features(history)

    assert found["pair.orders.lifetime"].tolist() == [[2, 0], [0, 0]]
    assert found["pair.lines.30d"][0, 0] == pytest.approx(2 * 2**-1 + 2 ** (-1 / 3))


def test_rhythm_is_days_between_orders() -> None:
    found = features(past(line(0, 10, code=5), line(0, 20, code=5), line(0, 30, code=5)))

    assert found["pair.gap_mean"][0, 0] == pytest.approx(10)
    assert found["pair.days_since"][0, 0] == pytest.approx(10)
    assert found["pair.overdue"][0, 0] == pytest.approx(1)
    assert np.isnan(found["pair.days_since"][1, 1])


def test_what_comes_later_changes_no_feature() -> None:
    early = [line(0, 10, code=5), line(1, 20, code=6)]

    before, after = features(past(*early)), features(past(*early, line(0, 40, code=6), line(1, 50, code=5)))

    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], err_msg=name)


def test_what_became_known_later_is_not_in_an_earlier_row() -> None:
    """Law L9: an order that arrives late was not known before; once known, it counts by its own time."""
    rows = np.zeros(2, ROW)
    rows["ts"], rows["known_at"] = T0, [T0, T0 + 5 * DAY]
    rows["kind"], rows["line"], rows["category_2"], rows["id_low"] = Kind.ORDER_COMPLETED, 1, 5, [1, 2]
    history = history_of(rows, np.zeros(2, np.int64), people=1)

    found = [features(history, at=T0 + days * DAY)["pair.orders.lifetime"][0, 0] for days in (1, 5, 6)]

    assert found == [1, 1, 2]
    assert features(history, at=T0 + 6 * DAY)["pair.days_since"][0, 0] == pytest.approx(6)


def test_an_answer_lies_in_its_days() -> None:
    history = past(line(0, 39.9, code=5), line(0, 40, code=6), line(1, 47.9, code=5), line(1, 48, code=6))

    found = category.category_answers(history, np.array([5, 6]), at=NOW, days=8)

    assert found.tolist() == [[False, True], [True, False]]


def coupons() -> Coupons:
    return Coupons(
        ids=("a-x", "a-y", "b-x"), coupon=np.array([71, 72, 71], np.uint64), campaign=np.array([1, 1, 2], np.uint64),
        starts=np.full(3, T0), ends=np.array([NOW + DAY, NOW + DAY, NOW - DAY]),
        covers=sparse.csr_matrix(np.array([[1, 1, 0], [0, 0, 1], [1, 1, 0.0]])), items=np.array([1, 2, 3], np.uint64),
        categories=sparse.csr_matrix(np.eye(3, 384)),
    )  # fmt: skip


def mailed(who: int, day: float, campaign: int) -> tuple:
    return who, T0 + int(day * DAY), Kind.CAMPAIGN_RECEIVED, 0, 0, campaign, who + 1, 0.0


def used(who: int, day: float, hashed: int) -> tuple:
    return who, T0 + int(day * DAY), Kind.COUPON_REDEEMED, 0, 0, hashed, who + 500, 0.0


def test_only_mailed_coupons_that_still_run_are_asked_about() -> None:
    history = past(mailed(0, 1, 1), mailed(1, 1, 2), mailed(1, 45, 1))

    who, which = coupon.coupon_pairs(history, coupons(), at=NOW)
    later, _ = coupon.coupon_pairs(history, coupons(), at=NOW, ahead_days=10)

    assert list(zip(who.tolist(), which.tolist(), strict=True)) == [(0, 0), (0, 1)]
    assert later.tolist() == [0, 0, 1, 1]


def test_own_purchases_of_what_a_coupon_covers_count() -> None:
    bought = [line(0, day, code=5, item=item) for day, item in ((10, 1), (20, 1), (30, 2))]
    history = past(mailed(0, 1, 1), *bought, used(1, 5, 71))
    pairs = coupon.coupon_pairs(history, coupons(), at=NOW)
    context = coupon.coupon_context(history, coupons(), at=NOW)

    x = coupon.coupon_features(history, coupons(), pairs, context=context, at=NOW)
    found = {name: x[:, i].tolist() for i, name in enumerate(coupon.NAMES)}

    assert found["pair.orders.lifetime"] == [3, 0]
    assert found["pair.products"] == [2, 0]
    assert found["pair.most_of_one"] == [2, 0]
    assert found["pair.days_since"][0] == pytest.approx(10)
    assert found["coupon.redeemed"] == [1, 0]
    assert found["rank.pair.orders.lifetime"] == [1.0, 0.5]


def test_a_redemption_is_the_answer_for_its_coupon() -> None:
    history = past(mailed(0, 1, 1), used(0, 41, 72), used(0, 39, 71))
    pairs = coupon.coupon_pairs(history, coupons(), at=NOW)

    assert coupon.coupon_answers(history, coupons(), pairs, at=NOW, days=5).tolist() == [False, True]


def test_a_linear_score_recovers_its_weights() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40_000, 3)) * [1.0, 5.0, 0.1]
    y = rng.random(40_000) < 1 / (1 + np.exp(-(x @ [1.0, -0.2, 0.0] - 2.0)))

    found = fit_linear(x, y)

    np.testing.assert_allclose(found["weights"], [1.0, -0.2, 0.0], atol=0.2)
    assert found["intercept"] == pytest.approx(-2.0, abs=0.1)


def test_a_linear_score_that_would_not_help_is_none() -> None:
    data = whole(table(400, signal=0.0))

    found = linear_model(data, np.zeros(len(data)), within_days=30)

    assert found.pair is None
    assert found.ranking is not None
    assert found.ranking.served == "own_purchases"


def test_what_ranks_better_on_later_time_serves() -> None:
    data = whole(table(400, signal=2.0))
    oracle = np.where(data.y, 1.0, 0.0)

    against_nothing = linear_model(data, np.zeros(len(data)), within_days=30)
    against_the_best = linear_model(data, oracle, within_days=30)

    assert against_nothing.pair is not None
    assert against_nothing.ranking is not None
    assert against_nothing.ranking.served == "logistic"
    assert against_nothing.ranking.gain.value > 0
    assert against_nothing.ranking.at == int(data.at.max())
    assert against_the_best.pair is None
    assert against_the_best.ranking is not None
    assert against_the_best.ranking.ndcg5["own_purchases"].value == 1.0


def test_the_choice_does_not_see_what_it_is_not_about() -> None:
    """Answers of the last moment choose; another order of the scores of moments before changes nothing."""
    data = whole(table(400, signal=2.0))
    own = np.random.default_rng(3).normal(size=len(data))
    shuffled = np.where(data.at == data.at.max(), own, -own)

    assert linear_model(data, own, within_days=30) == linear_model(data, shuffled, within_days=30)


def whole(data: Dataset) -> Dataset:
    """Rows of which everything is known, ten to a person."""
    known = data.only(~np.isnan(data.x).any(axis=1))
    return replace(known, person=np.arange(len(known)) // 10)
