"""Whole weeks are added to the sample's times."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.app.sample.times import DAY_MS, WEEK_MS, end_of_day, rfc3339, shift_ms

times = st.integers(0, 4_000_000_000_000)


@given(last=times, now=times)
def test_the_last_event_lies_in_the_seven_days_before_now(last, now):
    moved = last + shift_ms(last, now)

    assert now - WEEK_MS < moved <= now


@given(last=times, now=times)
def test_weekday_and_time_of_day_stay(last, now):
    assert shift_ms(last, now) % WEEK_MS == 0


def test_an_event_of_this_moment_stays_and_a_week_old_one_moves():
    assert shift_ms(5 * WEEK_MS, 5 * WEEK_MS) == 0
    assert shift_ms(5 * WEEK_MS, 6 * WEEK_MS) == WEEK_MS
    assert shift_ms(5 * WEEK_MS, 6 * WEEK_MS - 1) == 0


@given(ms=st.lists(times, max_size=5))
def test_times_are_said_in_utc_to_the_second(ms):
    said = [datetime.fromisoformat(text) for text in rfc3339(np.array(ms, np.int64)).to_pylist()]

    assert said == [datetime.fromtimestamp(one // 1000, UTC) for one in ms]


@given(ms=times)
def test_a_day_ends_in_its_last_second(ms):
    end = int(end_of_day(np.array([ms]))[0])

    assert end // DAY_MS == ms // DAY_MS
    assert (end + 1_000) % DAY_MS == 0
