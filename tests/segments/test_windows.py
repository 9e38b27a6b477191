"""Events in windows: the newest times of what fits, in any order of arrival, as counted by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.segments import ANY, WANTED, take_events
from genom.words import ROW, Channel, Flag, Kind

SIZE = 3
events = st.lists(
    st.tuples(
        st.integers(1, 3),  # person, 3 = nobody's
        st.integers(1, 40),  # ts
        st.sampled_from([Kind.ORDER_COMPLETED, Kind.PRODUCT_VIEWED, Kind.LINK]),
        st.sampled_from([Channel.WEB, Channel.POS]),
        st.integers(0, 3),  # mask
        st.sampled_from([None, 1_000_000, 5_000_000]),  # amount, micros
        st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=2),  # lines: category, coupon
    ),
    max_size=12,
)


def wanted(**about: int) -> np.ndarray:
    made = np.zeros(1, WANTED)
    for name in ("channel", "category", "discounted", "coupon"):
        made[name] = ANY
    made["kind"], made["permit"], made["size"], made["level"] = Kind.ORDER_COMPLETED, 1, SIZE, 2
    made["low"], made["high"] = -(1 << 62), 1 << 62
    for name, value in about.items():
        made[name] = value
    return made


def rows_of(drawn: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, people = [], []
    for person, ts, kind, channel, mask, amount, lines in drawn:
        for number, (category, coupon) in enumerate([(0, False), *lines]):
            row = np.zeros(1, ROW)[0]
            row["kind"], row["ts"], row["channel"], row["mask"], row["line"] = kind, ts, channel, mask, number
            row["category_2"] = category
            row["amount"] = amount or 0
            row["flags"] = (Flag.AMOUNT if amount else 0) | (Flag.COUPON if coupon else 0)
            rows.append(row)
            people.append(0 if person == 3 else person)
    made = np.array(rows, ROW) if rows else np.zeros(0, ROW)
    return made, made["mask"].copy(), np.array(people, np.int64)


def kept(drawn: list, want: np.ndarray) -> list[list[float]]:
    still = np.zeros((SIZE, 4))
    rows, masks, people = rows_of(drawn)
    take_events(rows, masks, people, want, still)
    return still.T.tolist()


def by_hand(drawn: list, fits: object) -> list[list[float]]:
    found: list[list[float]] = [[], [], [], []]
    for event in drawn:
        person, ts, kind, _, mask, *_ = event
        if kind == Kind.ORDER_COMPLETED and mask & 1 and person < 3 and fits(event):  # type: ignore[operator]
            found[person].append(float(ts))
    return [(sorted(times, reverse=True) + [0.0] * SIZE)[:SIZE] for times in found]


@given(drawn=events)
def test_the_newest_times_of_a_kind_are_kept(drawn):
    assert kept(drawn, wanted()) == by_hand(drawn, lambda _event: True)


@given(drawn=events)
def test_a_channel_is_asked_of_the_event(drawn):
    assert kept(drawn, wanted(channel=Channel.POS)) == by_hand(drawn, lambda event: event[3] == Channel.POS)


@given(drawn=events)
def test_an_amount_is_asked_of_the_event(drawn):
    want = wanted(priced=1, low=2_000_000)

    assert kept(drawn, want) == by_hand(drawn, lambda event: (event[5] or 0) >= 2_000_000)


@given(drawn=events)
def test_an_event_counts_once_however_many_lines_fit(drawn):
    want = wanted(category=1, coupon=1)

    assert kept(drawn, want) == by_hand(drawn, lambda event: (1, True) in event[6])


@given(drawn=events, data=st.data())
def test_late_events_change_nothing(drawn, data):
    late = data.draw(st.permutations(drawn))

    assert kept(late, wanted()) == kept(drawn, wanted())
