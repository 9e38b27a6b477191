"""The leakage test (P51): what is permitted tells who has tagged events exactly as far as it really does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genom.app.special.leaks import Leaked, leaks_of
from tests.app.art9_house import permitting, stocked
from tests.app.events import Event, order
from tests.app.house import DAY, House
from tests.app.learned import record_of

PEOPLE = 160


def lives(now: int, *, tells: bool) -> list[Event]:
    """Everybody buys tea or milk, half also pills; `tells`: those who buy pills drink milk."""
    rng, events = np.random.default_rng(2), list[Event]()
    for number in range(PEOPLE):
        user, ill = f"u{number}", number % 2 == 0
        for _ in range(5):
            milk = ill if tells else bool(rng.integers(2))
            at = now - int(rng.integers(1, 60 * DAY))
            events.append(permitting(order(user, 5.0, at=at, category="MILK" if milk else "TEA")))
        if ill:
            events.append(permitting(order(user, 9.0, at=now - int(rng.integers(1, 60 * DAY)), category="PILLS")))
    return events


def measured(path: Path, *, tells: bool, people: int = PEOPLE) -> list[Leaked]:
    with House(path) as house:
        stocked(house)
        events = [one for one in lives(house.clock.now, tells=tells) if int(one["userId"][1:]) < people]
        for start in range(0, len(events), 400):
            house.serve(*events[start : start + 400])
        return leaks_of(record_of(house))


def test_groups_that_know_nothing_of_it_score_as_chance_does(tmp_path: Path) -> None:
    """Also by lines, totals, gaps and counts: nothing shows that events are hidden."""
    for one in measured(tmp_path / "d", tells=False):
        assert (one.persons, one.tagged) == (PEOPLE, PEOPLE // 2)
        assert one.auc is not None
        assert one.auc.low < 0.5 < one.auc.high + 0.1
        assert one.auc.value < 0.65


def test_what_goes_along_with_it_is_found_and_named(tmp_path: Path) -> None:
    found = measured(tmp_path / "d", tells=True)

    assert [one.purpose for one in found] == ["personalise_onsite", "recommend"]
    for one in found:
        assert one.auc is not None
        assert one.auc.value > 0.95
        assert one.alone[0].auc > 0.95


@pytest.mark.parametrize("people", [0, 30])
def test_few_people_give_no_figure(tmp_path: Path, people: int) -> None:
    assert all(one.auc is None and one.persons == people for one in measured(tmp_path / "d", tells=True, people=people))
