"""Forgetting: what a half-life means, at any time, in any order, over any distance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.genome import HALF_LIVES
from tests.genome.histories import T0, Y2100, event, folded, layout_of, memory, paid, read, value, view
from tests.genome.oracle import DAY, HOUR

SPANS = list(HALF_LIVES.items())


def test_the_half_lives_are_an_hour_a_day_a_week_a_month_and_a_year() -> None:
    assert HALF_LIVES == {"1h": HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "365d": 365 * DAY}


@pytest.mark.parametrize(("span", "half_life"), SPANS)
def test_a_count_is_one_at_once_a_half_after_one_half_life_and_a_quarter_after_two(span: str, half_life: int) -> None:
    gene = f"rhythm.events.count.{span}"

    faded = [value([event()], gene, at=T0 + n * half_life) for n in range(3)]

    assert faded == pytest.approx([1.0, 0.5, 0.25], rel=1e-6)


@pytest.mark.parametrize("span", HALF_LIVES)
def test_a_half_life_on_its_own_grid_halves_exactly(span: str) -> None:
    start = T0 // HALF_LIVES[span] * HALF_LIVES[span]

    faded = [value([event(start)], f"rhythm.events.count.{span}", at=start + n * HALF_LIVES[span]) for n in range(3)]

    assert faded == [1.0, 0.5, 0.25]


def test_two_orders_a_month_apart_count_one_and_a_half() -> None:
    history = [event(T0), event(T0 + 30 * DAY)]

    assert value(history, "rhythm.events.count.30d", at=T0 + 30 * DAY) == pytest.approx(1.5, rel=1e-6)


def test_money_fades_like_counts_and_a_refund_fades_with_its_own_age() -> None:
    history = [paid(100, T0), paid(-40, T0 + 30 * DAY)]

    assert value(history, "value.spent.sum.30d", at=T0 + 30 * DAY) == pytest.approx(10.0, rel=1e-5)
    assert value(history, "value.spent.sum.30d", at=T0 + 60 * DAY) == pytest.approx(5.0, rel=1e-5)


def test_the_cells_of_a_histogram_fade_and_keep_their_shares() -> None:
    history = [event(T0, channel=1, id=i) for i in range(3)] + [event(T0, channel=3)]

    now, later = (read(history, "channels.mix.histogram.30d", at=T0 + n * 30 * DAY).cells for n in (0, 1))

    assert now == pytest.approx({"web": 3.0, "pos": 1.0}, rel=1e-6)
    assert later == pytest.approx({"web": 1.5, "pos": 0.5}, rel=1e-6)


def test_what_is_kept_for_ever_does_not_fade() -> None:
    assert value([paid(12.34)], "value.spent.sum.lifetime", at=Y2100) == pytest.approx(12.34, rel=1e-12)
    assert value([paid(12.34)], "rhythm.events.count.lifetime", at=Y2100) == 1.0


def test_a_value_read_later_is_never_larger_while_nothing_happens() -> None:
    moments = [T0 + n * 7 * HOUR for n in range(2_000)]
    matrix = folded([event()])
    gene = layout_of().genes["rhythm.events.count.1d"]

    faded = [view(matrix, at=at).read(gene).value for at in moments]

    assert faded == sorted(faded, key=lambda v: -float(v or 0))
    assert faded[-1] == pytest.approx(0.0, abs=1e-100)


def test_reading_changes_nothing() -> None:
    matrix = folded([paid(5), event(T0 + DAY)])
    before = memory(matrix)

    for at in (T0 + DAY, Y2100, T0 + 2 * DAY):
        list(view(matrix, at=at))

    assert memory(matrix) == before


@given(days=st.lists(st.integers(0, 4_000), min_size=1, max_size=30), late=st.integers(0, 4_000))
def test_a_late_event_counts_with_its_own_age_also_years_and_epochs_later(days: list[int], late: int) -> None:
    history = [event(T0 + day * DAY, id=i) for i, day in enumerate(days)]
    at = T0 + 4_000 * DAY

    after = value([*history, event(T0 + late * DAY, id=99)], "rhythm.events.count.365d", at=at)
    before = value(history, "rhythm.events.count.365d", at=at)

    assert after - before == pytest.approx(2.0 ** (-(4_000 - late) / 365), abs=2e-5 * after)


def test_an_epoch_moves_at_every_thirty_second_half_life_and_nothing_jumps() -> None:
    start = T0 // (32 * HOUR) * 32 * HOUR
    history = [event(start + n * HOUR, id=n) for n in range(200)]

    counts = [value(history[: n + 1], "rhythm.events.count.1h", at=start + n * HOUR) for n in range(200)]

    assert counts == pytest.approx([2.0 - 2.0**-n for n in range(200)], rel=1e-5)


@pytest.mark.parametrize("span", HALF_LIVES)
def test_a_life_from_1970_to_2100_neither_overflows_nor_loses_the_last_event(span: str) -> None:
    history = [event(0), event(T0), event(Y2100)]

    for order in (history, history[::-1], [history[1], history[2], history[0]]):
        assert value(order, f"rhythm.events.count.{span}", at=Y2100) == pytest.approx(1.0, abs=1e-6)


def test_an_hour_forgets_a_year_completely_and_a_year_does_not_forget_an_hour() -> None:
    history = [event(T0)]

    assert value(history, "rhythm.events.count.1h", at=T0 + 365 * DAY) == pytest.approx(0.0, abs=1e-100)
    assert value(history, "rhythm.events.count.365d", at=T0 + HOUR) == pytest.approx(2 ** (-1 / 8760), rel=1e-6)


def test_ten_thousand_events_a_day_apart_stay_finite_and_right() -> None:
    history = [paid(19.99, 10**9 + n * DAY) for n in range(10_000)]
    at = history[-1]["ts"]

    steady = 19.99 / (1 - 2 ** (-1 / 30))

    assert value(history, "value.spent.sum.30d", at=at) == pytest.approx(steady, rel=2e-5)
    assert value(history, "value.spent.sum.lifetime", at=at) == pytest.approx(199_900.0, rel=1e-12)
