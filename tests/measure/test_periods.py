"""Shares of arms are judged within the time in which the same arms ran."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.measure import Periods
from genom.measure.shares import SUSPECT

SHARES = {"a": 0.5, "b": 0.25, "c": 0.25}


def spread(periods, first, counts, *, off=()):
    """So many new persons of each arm; returns the next free person."""
    for arm, count in counts.items():
        for person in range(first, first + count):
            periods.add(person, arm, off=off, shares=SHARES)
        first += count
    return first


def test_an_arm_that_is_switched_off_is_no_share_problem():
    """Worked example: 400, 200 and 200 persons; then c is off, and a and b go on at two to one."""
    periods, blind = Periods(), Periods()
    free = spread(periods, 0, {"a": 400, "b": 200, "c": 200})
    spread(periods, free, {"a": 800, "b": 400}, off=("c",))

    spread(blind, 0, {"a": 1200, "b": 600, "c": 200})  # the same persons, if nobody knew that c was off

    assert periods.evidence(SHARES) < 1
    assert blind.evidence(SHARES) > SUSPECT


def test_a_loss_is_found_in_any_period_and_stays_found():
    periods = Periods()
    free = spread(periods, 0, {"a": 400, "b": 200, "c": 200})
    free = spread(periods, free, {"a": 700, "b": 100}, off=("c",))
    found = periods.evidence(SHARES)
    spread(periods, free, {"a": 400, "b": 200, "c": 200})

    assert found > SUSPECT
    assert periods.evidence(SHARES) == found


def test_an_arm_alone_has_no_share_to_judge():
    periods = Periods()
    spread(periods, 0, {"a": 2_000}, off=("b", "c"))

    assert periods.evidence(SHARES) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([(), ("c",), ("b",)])), max_size=30))
def test_what_was_saved_goes_on_as_if_nothing_had_happened(history):
    whole, saved = Periods(), Periods()
    for person, (arm, off) in enumerate(history):
        whole.add(person, arm, off=off, shares=SHARES)
        saved = Periods.load(saved.dump())
        saved.add(person, arm, off=off, shares=SHARES)

    assert saved == whole


def test_right_shares_are_hardly_ever_suspected_however_often_arms_come_and_go():
    chance, suspected = np.random.default_rng(29), 0
    for _ in range(40):
        periods = Periods()
        for part in range(4):
            off = ("c",) if part % 2 else ()
            for person in chance.integers(0, 2**25, 500).tolist():
                arm = "abc"[int(np.searchsorted([0.5, 0.75], person / 2**25))]
                if arm not in off:
                    periods.add(person, arm, off=off, shares=SHARES)
        suspected += periods.evidence(SHARES) >= SUSPECT

    assert suspected == 0
