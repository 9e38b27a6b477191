"""The powers of two that weigh every row: how far they may be off, and where they end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.compiled import compiled
from genom.genome import HALF_LIVES, kernel
from tests.genome.histories import T0, event, fold, folded, layout_of

STATED = 4.8e-11  # as the kernel says it


@compiled
def _each_between(xs: np.ndarray) -> np.ndarray:
    found = np.empty(len(xs))
    for i in range(len(xs)):
        found[i] = kernel._between(xs[i])
    return found


@compiled
def _each_power(exponents: np.ndarray) -> np.ndarray:
    found = np.empty(len(exponents))
    for i in range(len(exponents)):
        found[i] = kernel._power(exponents[i])
    return found


def test_two_to_a_fraction_is_off_by_less_than_what_is_stated_over_the_whole_range() -> None:
    xs = np.linspace(0.0, 1.0, 400_001)

    found = _each_between(xs)

    assert np.abs(found / np.exp2(xs) - 1).max() < STATED
    assert np.all(np.diff(found) > 0)


def test_two_to_a_fraction_is_exact_at_both_ends_so_that_nothing_jumps_between_half_lives() -> None:
    assert _each_between(np.array([0.0, 1.0])).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("span", HALF_LIVES)
def test_every_millisecond_of_a_half_life_is_within_what_is_stated(span: str) -> None:
    half_life = HALF_LIVES[span]
    rests = np.unique(np.linspace(0, half_life - 1, 100_000).astype(np.int64))

    found = _each_between(rests / half_life)

    assert np.abs(found / np.exp2(rests / half_life) - 1).max() < STATED


def test_a_power_is_exact_down_to_where_a_weight_ends_and_zero_below() -> None:
    exponents = np.arange(-2_000, 1_024)

    found = _each_power(exponents)

    assert found.tolist() == [0.0 if e < -100 else 2.0**e for e in exponents.tolist()]
    assert np.float32(2.0**-100 * 1e-6) >= np.finfo(np.float32).tiny  # the least weight of a millionth is normal


@given(amounts=st.lists(st.integers(1, 10**12), min_size=1, max_size=5), steps=st.lists(st.integers(1, 90), max_size=8))
def test_no_cell_is_ever_so_small_that_it_slows_the_fold(amounts: list[int], steps: list[int]) -> None:
    matrix = folded([event(T0, id=i, amount=a, flags=1, item=3) for i, a in enumerate(amounts)])

    for n in range(len(steps)):
        fold(matrix, [event(T0 + 32 * 3_600_000 * sum(steps[: n + 1]), id=n)])

    cells = np.abs(matrix.state.decayed[1])
    assert np.all((cells == 0) | (cells >= np.finfo(np.float32).tiny))


@pytest.mark.parametrize("span", HALF_LIVES)
def test_what_is_read_at_the_moment_of_an_event_is_its_own_amount(span: str) -> None:
    ts = T0 + 12_345_678
    matrix = folded([event(ts)])
    table = layout_of().table

    scales = kernel.scales(ts, matrix.state.heads[1, 0], table.half_lives)
    place = layout_of().places[f"rhythm.events.count.{span}"].start
    block = table.half_lives.tolist().index(HALF_LIVES[span])

    assert matrix.state.decayed[1, 0, place] * scales[block] == pytest.approx(1.0, rel=6e-8)
