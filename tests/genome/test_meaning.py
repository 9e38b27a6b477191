"""What counts, sums, times, first and last values and histograms mean, by worked examples."""

from __future__ import annotations

import pytest

from genom.words import Channel, Flag, Kind
from tests.genome.histories import T0, event, paid, read, value
from tests.genome.oracle import CELLS, DAY


def test_an_order_counts_as_one_event_and_its_lines_as_lines() -> None:
    history = [event(), event(line=1), event(line=2)]

    assert value(history, "rhythm.events.count.lifetime") == 1.0
    assert value(history, "rhythm.lines.count.lifetime") == 2.0


def test_money_is_exact_to_the_cent_in_any_number_of_orders() -> None:
    history = [paid(0.1, T0 + i) for i in range(1_000)]

    assert value(history, "value.spent.sum.lifetime") == pytest.approx(100.0, rel=1e-15)


def test_lifetime_money_beyond_float32_stays_exact() -> None:
    history = [paid(90_000_000.01), paid(0.01, T0 + 1)]

    assert value(history, "value.spent.sum.lifetime") == pytest.approx(90_000_000.02, rel=1e-15)


def test_a_refund_takes_money_off_and_a_free_order_adds_none() -> None:
    history = [paid(50), paid(-20, T0 + 1), paid(0, T0 + 2)]

    assert value(history, "value.spent.sum.lifetime") == pytest.approx(30.0)
    assert value(history, "rhythm.events.count.lifetime") == 3.0


def test_an_amount_without_a_rate_feeds_no_money_gene() -> None:
    foreign = event(T0 + 1, amount=99_000_000, discount=7_000_000, flags=Flag.DISCOUNTED)
    history = [paid(50, discount=5_000_000), foreign]

    assert value(history, "value.spent.sum.lifetime") == pytest.approx(50.0)
    assert value(history, "value.spent.sum.30d", at=T0 + 1) == pytest.approx(50.0)
    assert value(history, "value.last.last") == pytest.approx(50.0)
    assert value(history, "value.saved.sum.lifetime") == pytest.approx(5.0)
    assert value(history, "price.saving.last") == pytest.approx(5.0)
    assert value(history, "value.orders.mean_amount") == pytest.approx(50.0)
    assert value(history, "rhythm.events.count.lifetime") == 2.0


def test_only_amounts_without_a_rate_leave_the_money_registers_unknown() -> None:
    history = [event(amount=99_000_000)]

    assert value(history, "value.spent.sum.lifetime") == 0.0
    assert read(history, "value.last.last").state == "unknown"
    assert read(history, "value.orders.mean_amount").state == "unknown"


def test_quantities_are_pieces_and_may_be_fractions_zero_or_returned() -> None:
    history = [event(line=n, quantity=quantity) for n, quantity in enumerate((1_500, 0, 3_000, -1_000), 1)]

    assert value(history, "value.pieces.sum.lifetime") == pytest.approx(3.5)
    assert value(history, "value.pieces.sum.30d") == pytest.approx(3.5)
    assert value(history, "value.pieces.last") == pytest.approx(-1.0)


def test_a_quantity_of_zero_is_a_line_all_the_same() -> None:
    history = [event(line=1, quantity=0)]

    assert value(history, "rhythm.lines.count.lifetime") == 1.0


def test_a_line_without_a_quantity_is_not_the_last_of_the_quantities() -> None:
    history = [event(line=1, quantity=3_000), event(T0 + 1, line=1)]

    assert value(history, "value.pieces.last") == 3.0
    assert read(history[1:], "value.pieces.last").state == "unknown"


def test_days_since_the_last_event_grow_with_the_clock() -> None:
    history = [event(T0 - 5 * DAY), event(T0)]

    assert [value(history, "rhythm.event.recency", at=T0 + n * DAY // 2) for n in range(4)] == [0.0, 0.5, 1.0, 1.5]


def test_a_late_event_does_not_make_the_last_one_older() -> None:
    history = [event(T0), event(T0 - 5 * DAY)]

    assert value(history, "rhythm.event.recency", at=T0 + DAY) == 1.0


def test_an_event_of_the_first_millisecond_of_1970_is_an_event() -> None:
    history = [event(0, channel=Channel.POS), event(T0, channel=Channel.WEB)]

    assert value(history[:1], "rhythm.event.recency", at=DAY) == 1.0
    for arrival in (history, history[::-1]):
        assert value(arrival, "identity.first_time.first") == "1970-01-01T00:00:00.000Z"
        assert value(arrival, "channels.first.first") == "pos"
        assert value(arrival, "channels.last.last") == "web"


def test_first_and_last_go_by_the_time_of_the_event_not_of_its_arrival() -> None:
    history = [event(T0 + 1, channel=Channel.WEB), event(T0 + 2, channel=Channel.APP), event(T0, channel=Channel.POS)]

    assert value(history, "channels.first.first") == "pos"
    assert value(history, "channels.last.last") == "app"
    assert value(history, "identity.first_time.first") == "2023-11-14T22:13:20.000Z"
    assert value(history, "identity.last_time.last") == "2023-11-14T22:13:20.002Z"


def test_at_the_same_time_the_id_decides_as_an_unsigned_number() -> None:
    history = [event(id=2**63, channel=Channel.APP), event(id=5, channel=Channel.WEB)]

    for arrival in (history, history[::-1]):
        assert value(arrival, "channels.first.first") == "web"
        assert value(arrival, "channels.last.last") == "app"


def test_within_an_event_the_line_decides() -> None:
    history = [event(line=line, id=7, category_2=line, category_1=line) for line in (2, 1, 3)]

    for arrival in (history, history[::-1]):
        assert value(arrival, "taste.first.first") == "category_1 1"
        assert value(arrival, "taste.last.last") == "category_2 3"


def test_a_filter_asks_for_all_of_its_conditions() -> None:
    saturday, both = 5 * 24 + 10, Flag.DISCOUNTED
    history = [
        event(T0, hour_of_week=saturday, flags=both),
        event(T0 + 1, hour_of_week=saturday),
        event(T0 + 2, hour_of_week=4 * 24 + 23, flags=both),
        event(T0 + 3, hour_of_week=saturday, flags=both, kind=Kind.ORDER_REFUNDED),
        event(T0 + 4, hour_of_week=saturday, flags=both, line=1),
    ]

    assert value(history, "price.discounted_weekend.count.lifetime") == 1.0


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (0, "night"),
        (5, "night"),
        (6, "morning"),
        (11, "morning"),
        (12, "afternoon"),
        (17, "afternoon"),
        (18, "evening"),
        (23, "evening"),
    ],
)
def test_the_day_has_four_parts_of_six_hours(hour: int, part: str) -> None:
    history = [event(hour_of_week=3 * 24 + hour)]

    counted = [
        name for name in ("night", "morning", "afternoon", "evening") if value(history, f"rhythm.{name}.count.lifetime")
    ]

    assert counted == [part]


def test_a_channel_and_a_part_of_the_day_are_read_off_each_event() -> None:
    history = [paid(10, channel=Channel.WEB), paid(30, T0 + 1, channel=Channel.POS)]

    assert value(history, "value.web.sum.lifetime") == pytest.approx(10.0)


def test_a_histogram_names_its_cells() -> None:
    history = [event(hour_of_week=0), event(T0 + 1, hour_of_week=167), event(T0 + 2, hour_of_week=0)]

    assert read(history, "rhythm.hours.histogram.365d").cells == pytest.approx({"Mon 00": 2.0, "Sun 23": 1.0}, rel=1e-5)
    assert read(history, "rhythm.day.histogram.30d").cells == pytest.approx({"00": 2.0, "23": 1.0}, rel=1e-5)
    assert read(history, "rhythm.weekday.histogram.30d").cells == pytest.approx({"Mon": 2.0, "Sun": 1.0}, rel=1e-5)


def test_a_histogram_leaves_out_what_has_no_category_or_one_beyond_its_cells() -> None:
    wide, narrow = CELLS["category_1"], CELLS["category_2"]
    codes = (0, 1, wide - 1, wide, narrow - 1, narrow, 65_535)
    history = [event(line=n, category_1=code, category_2=code) for n, code in enumerate(codes, 1)]

    assert set(read(history, "taste.wide.histogram.30d").cells or ()) == {f"category_1 {n}" for n in (1, wide - 1)}
    assert set(read(history, "taste.narrow.histogram.30d").cells or ()) == {
        f"category_2 {n}" for n in (1, wide - 1, wide, narrow - 1)
    }


def test_categories_beyond_the_cells_touch_no_other_gene() -> None:
    within = [event(line=1, category_1=1, category_2=1)]
    beyond = [event(line=1, category_1=65_535, category_2=65_535)]

    for gene in ("rhythm.lines.count.30d", "value.pieces.sum.30d", "rhythm.lines.count.lifetime"):
        assert value(within, gene) == value(beyond, gene)


def test_a_histogram_without_cells_is_unknown() -> None:
    found = read([event()], "taste.wide.histogram.30d")

    assert (found.state, found.value, found.cells) == ("unknown", None, None)


def test_a_last_value_that_is_not_set_is_unknown() -> None:
    assert read([event(line=1, category_2=4), event(T0 + 1, line=1)], "taste.last.last").state == "unknown"
