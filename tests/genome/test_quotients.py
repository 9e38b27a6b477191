"""What mean, ratio, share and variance mean, by worked examples; they outlive their weight, and fail no sooner."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random
from statistics import pvariance

import pytest

from genom.words import Channel, Flag, Kind
from tests.genome.histories import T0, Row, event, fold, folded, paid, read, value, view
from tests.genome.oracle import DAY, HOUR

MEAN, SPREAD = "value.order.mean", "value.order.variance"
VIEW = Kind.PRODUCT_VIEWED


def test_the_mean_of_what_was_paid() -> None:
    history = [paid(10), paid(20, T0 + 1), paid(60, T0 + 2)]

    assert value(history, f"{MEAN}.lifetime") == 30.0
    assert value(history, f"{MEAN}.30d") == pytest.approx(30.0, rel=1e-6)


def test_what_has_no_amount_in_the_reporting_currency_is_no_part_of_a_mean() -> None:
    foreign = event(T0 + 1, amount=99_000_000)

    assert value([paid(10), foreign], f"{MEAN}.lifetime") == 10.0
    assert read([foreign], f"{MEAN}.lifetime").state == "unknown"
    assert value([paid(10), paid(0, T0 + 1)], f"{MEAN}.lifetime") == 5.0, "a free order has an amount: none"


def test_a_line_without_a_quantity_is_no_part_of_a_mean_of_quantities() -> None:
    history = [event(line=1, quantity=4_000), event(T0 + 1, line=1), event(T0 + 2, line=1, quantity=2_000)]

    assert value(history, "value.pieces.mean.lifetime") == 3.0


def test_a_mean_that_fades_leans_towards_what_is_new() -> None:
    history = [paid(10), paid(40, T0 + 30 * DAY)]

    assert value(history, f"{MEAN}.30d", at=T0 + 30 * DAY) == pytest.approx((10 / 2 + 40) / 1.5, rel=1e-6)


def test_a_mean_does_not_fade_itself_until_nothing_is_left_of_it() -> None:
    history = [paid(10), paid(20, T0 + HOUR)]
    soon, late = (value(history, f"{MEAN}.1h", at=T0 + hours * HOUR) for hours in (1, 60))

    assert soon == late == pytest.approx(50 / 3, rel=1e-6)
    assert read(history, f"{MEAN}.1h", at=T0 + 66 * HOUR).state == "unknown"
    assert value(history, f"{MEAN}.lifetime", at=T0 + 66 * HOUR) == 15.0


def test_a_ratio_divides_orders_by_views_and_knows_nothing_without_a_view() -> None:
    views = [event(T0 + n, VIEW) for n in range(4)]

    assert value([*views, event(T0 + 9)], "intent.buys.ratio.lifetime") == 0.25
    assert value(views, "intent.buys.ratio.lifetime") == 0.0
    assert read([event()], "intent.buys.ratio.lifetime").state == "unknown"


def test_a_ratio_of_sums_is_what_was_saved_of_each_euro() -> None:
    history = [paid(80, discount=20_000_000), paid(120, T0 + 1)]

    assert value(history, "price.saved.ratio.lifetime") == 0.1


def test_a_share_counts_only_what_is_within_the_whole() -> None:
    history = [
        event(channel=Channel.WEB), event(T0 + 1, channel=Channel.POS), event(T0 + 2, channel=Channel.APP),
        event(T0 + 3, VIEW, channel=Channel.WEB), event(T0 + 4, channel=Channel.EMAIL),
    ]  # fmt: skip

    assert value(history, "channels.near.share.lifetime") == 0.5


def test_a_share_of_money_weighs_by_the_amount() -> None:
    history = [paid(30), paid(70, T0 + 1), paid(10, T0 + 2, channel=Channel.APP), paid(100, T0 + 3, kind=VIEW)]

    assert value(history, "price.big.share.lifetime") == 0.5  # 30 + 70 of 200 near; the view is no order


def test_the_variance_is_about_the_mean_and_of_one_value_it_is_zero() -> None:
    history = [paid(x, T0 + i) for i, x in enumerate((2, 4, 4, 4, 5, 5, 7, 9))]

    assert value(history, f"{SPREAD}.lifetime") == 4.0
    assert value(history, f"{SPREAD}.30d") == pytest.approx(4.0, rel=1e-4)
    assert value([paid(7)], f"{SPREAD}.lifetime") == value([paid(7)], f"{SPREAD}.30d") == 0.0
    assert read([event()], f"{SPREAD}.lifetime").state == "unknown"


def test_a_variance_for_ever_is_exact_where_squares_exceed_64_bits() -> None:
    amounts = [9e9 + 0.01, 9e9 - 0.01, -9e9]
    history = [paid(x, T0 + i) for i, x in enumerate(amounts)]
    exact = [Fraction(row["amount"], 1_000_000) for row in history]

    assert value(history, f"{SPREAD}.lifetime") == pytest.approx(float(pvariance(exact)), rel=1e-15)


@pytest.mark.parametrize(("mean", "allowed"), [(10, 1e-4), (1_000, 1e-3), (10_000, 2e-2)])
def test_a_fading_variance_survives_a_mean_that_dwarfs_it(mean: int, allowed: float) -> None:
    """The difference of two rounded squares would be off by thousands of times here."""
    random = Random(4)
    values = [round(random.gauss(mean, 1), 2) for _ in range(2_000)]
    history = [paid(x, T0 + 60_000 * i) for i, x in enumerate(values)]
    at = T0 + 60_000 * len(values)

    weights = [2.0 ** ((row["ts"] - at) / (30 * DAY)) for row in history]
    centre = math.fsum(w * x for w, x in zip(weights, values, strict=True)) / math.fsum(weights)
    true = math.fsum(w * (x - centre) ** 2 for w, x in zip(weights, values, strict=True)) / math.fsum(weights)
    assert value(history, f"{SPREAD}.30d", at=at) == pytest.approx(true, rel=allowed)


def test_two_people_with_different_means_have_a_variance_between_them_when_they_are_one() -> None:
    low: list[Row] = [paid(10, T0 + i) for i in range(5)]
    high: list[Row] = [paid(30, T0 + 400 * DAY + i) for i in range(5)]
    matrix = fold(folded(low), high, person=2)

    matrix.merge(2, 1)

    seen, genes = view(matrix, person=2, at=T0 + 400 * DAY), matrix.layout.genes
    assert seen.read(genes[f"{SPREAD}.lifetime"]).value == 100.0
    weight = 2.0 ** (-400 / 30)
    expected = weight * 400 / (1 + weight) ** 2
    assert seen.read(genes[f"{SPREAD}.30d"]).value == pytest.approx(expected, rel=1e-3)


def test_a_late_order_far_beyond_memory_changes_neither_mean_nor_variance() -> None:
    history = [paid(10), paid(20, T0 + 1)]
    late = paid(5_000, T0 - 500 * DAY, flags=Flag.AMOUNT)

    for gene in (f"{MEAN}.1h", f"{SPREAD}.1h"):
        assert value([*history, late], gene) == pytest.approx(value(history, gene), rel=1e-6)


@pytest.mark.parametrize("span", ["1h", "30d"])
def test_three_years_of_orders_leave_mean_and_variance_within_their_laws(span: str) -> None:
    """A seeded history of 12,000 orders with bursts and silences, against exact sums."""
    random, ts, history = Random(3), T0, list[Row]()
    for number in range(12_000):
        ts += round(random.expovariate(1 / (2 * HOUR))) if random.random() < 0.97 else 3 * DAY
        history.append(paid(round(random.lognormvariate(3.5, 0.8), 2), ts, id=number))
    half_life = {"1h": HOUR, "30d": 30 * DAY}[span]
    weights = [2.0 ** (-(ts - row["ts"]) / half_life) for row in history]
    values = [row["amount"] / 1e6 for row in history]
    whole = math.fsum(weights)
    mean = math.fsum(w * x for w, x in zip(weights, values, strict=True)) / whole
    square = math.fsum(w * x * x for w, x in zip(weights, values, strict=True)) / whole
    spread = math.fsum(w * (x - mean) ** 2 for w, x in zip(weights, values, strict=True)) / whole

    matrix = folded(history)
    seen, genes = view(matrix, at=ts), matrix.layout.genes

    assert seen.read(genes[f"{MEAN}.{span}"]).value == pytest.approx(mean, rel=4e-5)
    assert seen.read(genes[f"{SPREAD}.{span}"]).value == pytest.approx(spread, abs=1e-4 * square)


def test_squares_are_carried_from_the_low_word_to_the_high_one_also_in_a_merge() -> None:
    """Two squares of 3,000 euro in micros fit into 64 bits, four do not."""
    amounts = (3_000, 3_001, 3_002, 3_003)
    history = [paid(x, T0 + i) for i, x in enumerate(amounts)]
    matrix = fold(folded(history[:2]), history[2:], person=2)

    matrix.merge(1, 2)

    assert value(history, f"{SPREAD}.lifetime") == 1.25
    assert view(matrix, at=T0 + 4).read(matrix.layout.genes[f"{SPREAD}.lifetime"]).value == 1.25
