"""Random numbers come from the seed alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genom.decide.uniform import GOLDEN, splitmix64, uniform


def test_the_numbers_are_those_of_the_published_generator():
    """The values that the reference implementation gives for the seed 1234567."""
    assert [splitmix64(1234567 + k * GOLDEN) for k in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


@given(st.integers(0, 2**64 - 1), st.integers(0, 100))
def test_a_number_is_at_least_0_and_below_1(seed, k):
    assert 0.0 <= uniform(seed, k) < 1.0


def test_neighbouring_seeds_and_places_give_numbers_spread_evenly():
    tenths = [0] * 10
    for seed in range(1_000):
        for k in range(10):
            tenths[int(uniform(seed, k) * 10)] += 1

    assert sum((count - 1_000) ** 2 / 1_000 for count in tenths) < 27.9  # 99.9 % point, 9 degrees of freedom
