"""Counts as they are told: two of them reveal no small group, asking often teaches nothing, large ones stay useful."""

from __future__ import annotations

from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.segments import Crowd, Held, Teller

FLOOR = 50
SECRETS = [f"secret {number}".encode() for number in range(2_000)]


def differences(one: range, other: range) -> list[int]:
    """What the told counts of two groups of people differ by; one for each secret."""
    found = []
    for secret in SECRETS:
        teller = Teller(secret, floor=FLOOR)
        first, second = (teller.told(teller.crowd(np.array(who))) for who in (one, other))
        assert first is not None
        assert second is not None
        found.append(second - first)
    return found


@pytest.mark.parametrize(("group", "most"), [(1, 0.53), (10, 0.6), (25, 0.66), (49, 0.75)])
def test_a_small_group_between_two_counts_is_not_told_from_nobody(group: int, most: float) -> None:
    """The differencing attack: how often does the best guess from two counts say rightly whether there is a group?

    Compared is with a group as large as the first in which one person stands in the place of another.
    """
    with_group, without = (
        np.array(differences(range(1_000), other)) for other in (range(1_000 + group), range(1, 1_001))
    )

    best = max((np.mean(with_group > cut) + np.mean(without <= cut)) / 2 for cut in range(-200, 200, 5))

    assert best <= most


@given(who=st.sets(st.integers(1, 10**6), min_size=1, max_size=300), order=st.randoms())
def test_the_same_people_have_the_same_number_in_any_order_and_in_parts(who: set[int], order: object) -> None:
    teller, people = Teller(b"s", floor=2), np.array(sorted(who))
    mixed = np.random.default_rng(len(who)).permutation(people)
    keys = sum(int(key) for part in np.array_split(mixed, 3) for key in teller.keys(part)) % 2**64

    assert teller.crowd(mixed) == teller.crowd(people) == Crowd(len(who), keys)


@given(size=st.integers(0, 10**7), key=st.integers(0, 2**64 - 1), floor=st.integers(2, 500))
def test_fewer_than_the_floor_are_never_told(size: int, key: int, floor: int) -> None:
    told = Teller(b"s", floor=floor).told(Crowd(size, key))

    assert told is None or (size >= floor and told >= floor + floor // 2)


def test_nobody_and_a_handful_have_no_number_and_twice_the_floor_has_one() -> None:
    def shown(size: int) -> float:
        return fmean(Teller(secret, floor=FLOOR).told(Crowd(size, 7)) is not None for secret in SECRETS)

    assert [shown(size) for size in (0, 1, 49)] == [0, 0, 0]
    assert shown(50) < 0.03  # the floor itself is no edge at which somebody could be found out
    assert 0.4 < shown(75) < 0.6
    assert shown(120) > 0.99


def test_a_number_is_right_in_the_mean_and_as_wrong_as_it_says() -> None:
    numbers = [Teller(secret, floor=FLOOR).number(Crowd(5_000, 7)) for secret in SECRETS]

    assert abs(fmean(numbers) - 5_000) < 3
    assert 30 < stdev(numbers) < 41  # half of the floor, times the root of two
    assert all(number % 10 == 0 for number in numbers)


def test_a_floor_of_one_tells_every_count() -> None:
    teller = Teller(b"s", floor=1)

    assert [teller.told(Crowd(size, 3)) for size in (0, 1, 49, 12_345)] == [None, 1, 49, 12_345]


def test_a_group_in_which_people_come_and_go_keeps_its_number_for_a_while() -> None:
    """Without that a month of hourly counts had a mean that tells the number to two people."""
    teller = Teller(b"s", floor=FLOOR)
    held, drawn = Held(teller), list[int]()

    def key() -> int:
        drawn.append(1)
        return len(drawn)

    sizes = [held.hold("buyers", 1_000 + hour % 7, key).size for hour in range(720)]

    assert set(sizes) == {1_000}
    assert len(drawn) == 1
    assert held.hold("buyers", 1_076, key).size == 1_076  # more than one and a half times the floor
    assert held.hold("others", 1_076, key) == Crowd(1_076, 3)


def test_by_how_many_people_it_may_change_is_known_to_nobody() -> None:
    teller = Teller(b"s", floor=FLOOR)
    found = [teller.patience(key) for key in range(2_000)]

    assert (round(min(found)), round(max(found))) == (25, 75)
    assert abs(fmean(found) - 50) < 2
