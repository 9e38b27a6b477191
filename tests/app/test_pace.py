"""Few requests wait for company in a busy node, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app.pace import LONGEST, Pace

shares = st.floats(0, 1)


class Day:
    """A clock, and the work that was done by it."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0
        self.pace = Pace(clock=lambda: self.now, used=lambda: self.worked)

    def go_on(self, seconds: float, share: float) -> None:
        self.now += seconds
        self.worked += seconds * share

    def after(self, share: float) -> float:
        """The rest after a second in looks of 20 ms in which the node worked this share of the time."""
        for _ in range(50):
            self.go_on(0.02, share)
            self.pace.rest()
        self.pace.begin()
        return self.pace.rest()


@given(st.floats(0, 0.5))
def test_a_node_at_ease_waits_for_nobody(share: float) -> None:
    assert Day().after(share) == pytest.approx(0, abs=1e-6)


@given(shares, shares)
def test_the_busier_the_longer_and_never_longer_than_stated(one: float, other: float) -> None:
    less, more = sorted((one, other))

    assert 0 <= Day().after(less) <= Day().after(more) + 1e-12 <= LONGEST + 1e-12


def test_a_node_that_does_nothing_but_work_waits_the_longest() -> None:
    assert Day().after(1.0) == pytest.approx(LONGEST)


def test_what_has_passed_since_the_last_begin_counts() -> None:
    day = Day()
    whole = day.after(1.0)

    day.go_on(0.001, 1.0)

    assert day.pace.rest() == pytest.approx(whole - 0.001)
    day.go_on(1, 1.0)
    assert day.pace.rest() == 0


def test_a_node_that_was_busy_forgets_it() -> None:
    day = Day()
    day.after(1.0)

    assert day.after(0.1) == pytest.approx(0, abs=1e-6)
