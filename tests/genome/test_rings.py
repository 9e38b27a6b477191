"""The functions of the last events, on histories made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.words import Kind
from tests.genome.histories import T0, event, fold, folded, paid, read, value, view
from tests.genome.oracle import DAY

MINUTE = 60_000
WEEK = 7 * DAY
VIEW, ADD, CHECKOUT, ORDER = Kind.PRODUCT_VIEWED, Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED, Kind.ORDER_COMPLETED
MAIL, OPEN = Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED


def orders(*days: float) -> list[dict[str, int]]:
    return [event(T0 + round(day * DAY)) for day in days]


def test_gaps_between_orders() -> None:
    history = orders(0, 2, 6, 12)

    assert value(history, "rhythm.orders.gap_mean") == 4.0
    assert value(history, "rhythm.orders.gap_deviation") == pytest.approx((8 / 3) ** 0.5)
    assert value(history, "rhythm.orders.last_gap") == 6.0


def test_one_order_has_no_gap_and_one_gap_no_spread() -> None:
    assert read(orders(0), "rhythm.orders.gap_mean").state == "unknown"
    assert read(orders(0), "rhythm.orders.last_gap").state == "unknown"
    assert read(orders(0, 3), "rhythm.orders.gap_deviation").state == "unknown"


def test_overdue_compares_the_silence_with_the_usual_gap_and_grows_with_the_clock() -> None:
    history = orders(0, 4, 8)

    assert value(history, "rhythm.orders.overdue", at=T0 + 8 * DAY) == 0.0
    assert value(history, "rhythm.orders.overdue", at=T0 + 14 * DAY) == 1.5


def test_orders_at_the_same_moment_have_no_usual_gap() -> None:
    assert read([event(id=1), event(id=2)], "rhythm.orders.overdue").state == "unknown"


def test_a_late_order_splits_a_gap() -> None:
    assert value(orders(0, 10, 4), "rhythm.orders.last_gap") == 6.0


def test_other_events_and_order_lines_make_no_gap() -> None:
    history = [*orders(0, 4), event(T0 + DAY, VIEW), event(T0 + 2 * DAY, line=1), event(T0 + 5 * DAY, MAIL)]

    assert value(history, "rhythm.orders.gap_mean") == 4.0


def test_no_other_event_displaces_an_order_from_the_ring_of_orders() -> None:
    pages = [event(T0 + 5 * DAY + n, VIEW) for n in range(40)]
    history = [*orders(0, 4), *pages]

    assert read(history, "rhythm.orders.gap_mean").state == "unknown"
    assert value(history, "rhythm.orders.gap_mean.v2") == 4.0
    assert value([*pages, *orders(0, 4)], "rhythm.orders.gap_mean.v2") == 4.0


def test_the_ring_of_orders_forgets_the_oldest_order() -> None:
    history = [*orders(0, 100, 101, 102, 103), event(T0 + 104 * DAY, VIEW)]  # it has room for four

    assert value(history, "rhythm.orders.gap_mean.v2") == 1.0


def test_orders_of_two_profiles_meet_in_one_ring() -> None:
    both = folded([*orders(0, 4), *[event(T0 + 5 * DAY + n, VIEW) for n in range(8)]], people=2)
    fold(both, orders(1, 9), person=2)

    both.merge(1, 2)

    assert view(both).read(both.layout.genes["rhythm.orders.gap_mean.v2"]).value == 3.0


def test_a_streak_is_broken_by_a_week_without_an_order() -> None:
    monday = T0 // WEEK * WEEK
    weeks = [event(monday + n * WEEK, id=n) for n in (0, 1, 3, 4, 5)]

    assert value(weeks, "rhythm.orders.streak") == 3.0
    assert value([*weeks, event(monday + 2 * WEEK)], "rhythm.orders.streak") == 6.0
    assert value([*weeks, event(monday + 5 * WEEK + DAY)], "rhythm.orders.streak") == 3.0


def test_half_an_hour_of_silence_ends_a_visit() -> None:
    minutes = (0, 29, 58, 88, 100)
    history = [event(T0 + n * MINUTE, VIEW) for n in minutes]

    assert value(history, "rhythm.visits.sessions") == 2.0
    assert value(history, "rhythm.visits.session_minutes") == 12.0


def test_a_late_event_joins_two_visits() -> None:
    history = [event(T0 + n * MINUTE, VIEW) for n in (0, 40)]

    assert value(history, "rhythm.visits.sessions") == 2.0
    assert value([*history, event(T0 + 20 * MINUTE, VIEW)], "rhythm.visits.sessions") == 1.0


def test_messages_are_no_visit() -> None:
    history = [event(T0, VIEW), event(T0 + 5 * DAY, MAIL)]

    assert value(history, "rhythm.visits.sessions") == 1.0


def test_events_since_the_last_order() -> None:
    history = [event(T0, VIEW), event(T0 + 1), event(T0 + 2, VIEW), event(T0 + 3, ADD)]

    assert value(history, "intent.activity.since_order") == 2.0
    assert value(history[:2], "intent.activity.since_order") == 0.0
    assert read(history[:1], "intent.activity.since_order").state == "unknown"


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [
        ([Kind.PAGE_VIEWED], "none"),
        ([VIEW], "viewed"),
        ([VIEW, ADD], "added"),
        ([ADD, VIEW], "added"),
        ([VIEW, ADD, CHECKOUT], "checkout"),
        ([VIEW, ADD, CHECKOUT, ORDER], "ordered"),
        ([ADD, ORDER, VIEW], "viewed"),
        ([ORDER, Kind.PAGE_VIEWED], "none"),
    ],
)
def test_the_furthest_step_since_the_last_order(kinds: list[Kind], stage: str) -> None:
    history = [event(T0 + i, kind) for i, kind in enumerate(kinds)]

    assert value(history, "intent.funnel.funnel_stage") == stage


def test_mean_value_of_the_last_orders() -> None:
    history = [paid(10, T0), paid(20, T0 + 1), paid(60, T0 + 2), event(T0 + 3, VIEW, amount=9, flags=1)]

    assert value(history, "value.orders.mean_amount") == pytest.approx(30.0)


def lines(*items: int) -> list[dict[str, int]]:
    return [event(T0 + n, line=1, item=item, category_2=item % 10) for n, item in enumerate(items)]


def test_products_and_categories_among_the_last_lines() -> None:
    history = lines(11, 12, 22, 11)

    assert value(history, "taste.lines.distinct_items") == 3.0
    assert value(history, "taste.lines.distinct_categories") == 2.0
    assert value(history, "taste.lines.repeat_share") == 0.25
    assert value(history, "taste.lines.last_categories") == "category_2 1, category_2 2"


def test_lines_without_a_product_or_category_are_neither_different_nor_repeated() -> None:
    history = [*lines(11, 12), event(T0 + 5, line=1), event(T0 + 6, line=1)]

    assert value(history, "taste.lines.distinct_items") == 2.0
    assert value(history, "taste.lines.distinct_categories") == 2.0
    assert value(history, "taste.lines.repeat_share") == 0.0
    assert read([event(line=1)], "taste.lines.repeat_share").state == "unknown"


def test_only_lines_of_orders_are_bought() -> None:
    history = [*lines(11), event(T0 + 1, Kind.ORDER_REFUNDED, line=1, item=12), event(T0 + 2, ADD, line=1, item=13)]

    assert value(history, "taste.lines.distinct_items") == 1.0


def test_messages_without_reaction() -> None:
    history = [event(T0, OPEN), event(T0 + 1, MAIL), event(T0 + 2, MAIL)]

    assert value(history, "lifecycle.messages.messages_unanswered") == 2.0
    assert value([*history, event(T0 + 3, OPEN)], "lifecycle.messages.messages_unanswered") == 0.0
    assert read([event()], "lifecycle.messages.messages_unanswered").state == "unknown"


def test_a_ring_forgets_the_oldest_when_it_is_full() -> None:
    history = lines(11, 22, 33, 44, 55, 66)

    assert view(folded(history)).items("items", ORDER) == [33, 44, 55, 66]
    assert value(history, "taste.lines.last_categories") == "category_2 6, category_2 5"


def test_what_is_older_than_a_full_ring_does_not_enter_it() -> None:
    history = [*lines(11, 22, 33, 44), event(T0 - 1, line=1, item=99)]

    assert view(folded(history)).items("items", ORDER) == [11, 22, 33, 44]


@given(times=st.lists(st.integers(0, 60), max_size=60, unique=True), repeats=st.lists(st.integers(0, 60), max_size=20))
def test_a_ring_holds_the_newest_in_order_however_they_arrive_and_however_often(
    times: list[int], repeats: list[int]
) -> None:
    arrived = times + [time for time in repeats if time in times]

    held = view(folded([event(T0 + time, id=0, item=time + 1) for time in arrived])).items("events", ORDER)

    assert held == [time + 1 for time in sorted(times)][-8:]


def test_the_lines_of_an_order_are_records_of_their_own_in_their_order() -> None:
    history = [event(T0, id=7, line=line, item=line) for line in (2, 1, 3)]

    assert view(folded(history + history)).items("items", ORDER) == [1, 2, 3]


def test_ties_in_a_ring_go_by_id_and_line() -> None:
    records = [(2**63, 1), (1, 2), (1, 1), (2, 1), (2**64 - 1, 1)]
    history = [event(T0, id=ident, line=line, item=n + 1) for n, (ident, line) in enumerate(records)]

    assert view(folded(history)).items("items", ORDER) == [2, 4, 1, 5]


def test_gaps_of_anything_that_a_filter_names() -> None:
    history = [event(T0 + n * DAY, VIEW) for n in (0, 2, 6)] + [event(T0 + 5 * DAY)]

    assert value(history, "rhythm.views.gap_mean") == 3.0


def test_the_variance_of_gaps_is_the_square_of_their_deviation() -> None:
    assert value(orders(0, 2, 6, 12), "rhythm.orders.gap_variance") == pytest.approx(8 / 3)
    assert read(orders(0, 3), "rhythm.orders.gap_variance").state == "unknown"


def test_days_in_a_row() -> None:
    midnight = T0 // DAY * DAY
    views = [event(midnight + n * DAY + 7, VIEW) for n in (0, 1, 3, 4)]

    assert value(views, "rhythm.views.streak_days") == 2.0
    assert value([*views, event(midnight + 2 * DAY, VIEW)], "rhythm.views.streak_days") == 5.0
    assert value([*views, event(midnight + 2 * DAY)], "rhythm.views.streak_days") == 2.0, "an order is no view"


def test_visits_have_a_mean_length_and_a_mean_number_of_events() -> None:
    history = [event(T0 + n * MINUTE, VIEW) for n in (0, 10, 20, 60)]

    assert value(history, "rhythm.visits.session_minutes_mean") == 10.0
    assert value(history, "rhythm.visits.session_events_mean") == 2.0


def test_records_since_the_last_view() -> None:
    history = [event(T0, VIEW), event(T0 + 1), event(T0 + 2, ADD)]

    assert value(history, "intent.views.since_last") == 2.0
    assert read(history[1:], "intent.views.since_last").state == "unknown"


def test_messages_are_counted_among_messages_only() -> None:
    history = [event(T0, OPEN), event(T0 + 1, VIEW), event(T0 + 2, MAIL), event(T0 + 3, VIEW)]

    assert value(history, "intent.opened.since_last") == 1.0


def test_a_filter_of_a_ring_may_ask_for_the_time_of_day_and_for_a_category() -> None:
    late = event(T0, hour_of_week=22, category_2=2)
    history = [late, event(T0 + 1, hour_of_week=22, category_2=3), event(T0 + 2, hour_of_week=10, category_2=2)]

    assert value(history, "intent.late.since_last") == 2.0


def test_a_cart_is_left_after_half_an_hour_of_silence_and_an_order_takes_it_back() -> None:
    history = [event(T0, ADD), event(T0 + 10 * MINUTE, VIEW)]

    assert read(history, "intent.cart.abandoned_hours", at=T0 + 39 * MINUTE).state == "unknown"
    assert value(history, "intent.cart.abandoned_hours", at=T0 + 40 * MINUTE) == pytest.approx(40 / 60)
    assert value(history, "intent.cart.abandoned_hours", at=T0 + 60 * MINUTE) == 1.0
    assert read([*history, event(T0 + 20 * MINUTE)], "intent.cart.abandoned_hours", at=T0 + DAY).state == "unknown"


def test_the_share_of_visits_with_a_cart_that_ended_without_an_order() -> None:
    visits = [(0, VIEW), (60, ADD), (120, ADD), (125, ORDER), (180, CHECKOUT), (240, ORDER)]

    found = value([event(T0 + n * MINUTE, kind) for n, kind in visits], "intent.cart.abandonment_share")

    assert found == pytest.approx(2 / 3)
    assert read([event(T0, VIEW)], "intent.cart.abandonment_share").state == "unknown"


def test_what_follows_what_most_often() -> None:
    kinds = [VIEW, ADD, VIEW, ADD, CHECKOUT, VIEW]
    history = [event(T0 + n, kind) for n, kind in enumerate(kinds)]

    assert value(history, "intent.pairs.frequent_pair") == "product_viewed → product_added"
    assert value(history, "intent.pairs.frequent_pair_share") == 0.4
    assert value(history, "intent.pairs.pair_kinds") == 0.8


def test_of_pairs_that_are_equally_frequent_the_later_is_told() -> None:
    history = [event(T0 + n, kind) for n, kind in enumerate([VIEW, ADD, CHECKOUT])]

    assert value(history, "intent.pairs.frequent_pair") == "product_added → checkout_started"
    assert read(history[:1], "intent.pairs.frequent_pair").state == "unknown"


def test_the_last_kinds_and_channels_newest_first() -> None:
    history = [
        event(T0 + n, kind, channel=channel) for n, (kind, channel) in enumerate([(VIEW, 1), (ADD, 3), (VIEW, 2)])
    ]

    assert value(history, "intent.last.last_kinds") == "product_added, product_viewed", "the app is not near"
    assert value(history, "channels.ring.last_channels") == "app, pos"
