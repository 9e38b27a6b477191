"""Distributions: bins add up, and what must not be told cannot be worked out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app.pages.gene_shapes import BINS, bins_of, joined, top_texts

FLOOR = 50
values = st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=300)
counts = st.lists(st.integers(0, 120), min_size=1, max_size=BINS)


@given(values)
def test_bins_add_up_and_hold_what_lies_between_their_edges(given_values: list[float]) -> None:
    found = bins_of(np.array(given_values))

    assert found is not None
    assert len(found.counts) == BINS
    assert sum(found.counts) == len(given_values)
    assert list(found.edges) == sorted(found.edges)
    for place in range(1, BINS - 1):
        low, high = found.edges[place : place + 2]
        assert found.counts[place] == sum(low <= value < high for value in given_values)


def test_whole_numbers_have_a_bin_each() -> None:
    found = bins_of(np.array([1.0] * 30 + [2.0] * 20 + [7.0] * 5))

    assert found is not None
    assert found.whole
    assert found.counts[:7] == (30, 20, 0, 0, 0, 0, 5)


def test_amounts_that_are_skewed_get_bins_that_grow() -> None:
    amounts = np.exp(np.linspace(0, 8, 1000))
    found = bins_of(amounts)

    assert found is not None
    assert found.logarithmic
    assert max(found.counts) <= 70, "even bins would hold nearly all in the first"


@pytest.mark.parametrize("low", [0.0, 0.001])
def test_the_outer_bins_take_in_the_extremes(low: float) -> None:
    amounts = np.array([low] + [float(n % 40 + 10) for n in range(998)] + [1e9])
    found = bins_of(amounts)

    assert found is not None
    assert found.open == (True, True)
    assert max(found.edges) < 1e3
    assert sum(found.counts) == 1000


def test_nobody_has_no_bins() -> None:
    assert bins_of(np.zeros(0)) is None


@given(counts)
def test_every_run_holds_enough_people_to_be_told_or_nobody(given_counts: list[int]) -> None:
    runs = joined(given_counts, FLOOR)

    assert [place for first, end in runs for place in range(first, end)] == list(range(len(given_counts)))
    held = [sum(given_counts[first:end]) for first, end in runs]
    assert all(people == 0 or people >= FLOOR for people in held) or sum(given_counts) < FLOOR
    assert all(end - first == 1 for (first, end), people in zip(runs, held, strict=True) if not people)


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 200), min_size=1, max_size=40))
def test_texts_are_told_only_of_enough_people_and_add_up(given_counts: dict[str, int]) -> None:
    shown, rest = top_texts(given_counts, floor=FLOOR, most=12)

    assert sum(count for _, count in shown) + rest == sum(given_counts.values())
    assert all(count >= FLOOR for _, count in shown)
    assert rest == 0 or rest >= FLOOR or not shown
    assert len(shown) <= 12
