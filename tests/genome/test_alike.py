"""Genes that go along are found among all pairs at once, and by comparing each pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.genome.lint import alike


def one_by_one(values: np.ndarray) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for second in range(1, values.shape[1]):
        for first in range(second):
            both = ~np.isnan(values[:, [first, second]]).any(axis=1)
            x, y = values[both, first], values[both, second]
            if len(x) < 30 or x.std() == 0 or y.std() == 0:
                continue
            r = float(np.corrcoef(x, y)[0, 1])
            if abs(r) >= 0.999:
                found[str(second)] = str(first), pytest.approx(r, abs=1e-5)
                break
    return found


@given(seed=st.integers(0, 10_000), gaps=st.floats(0, 0.9))
def test_all_pairs_at_once_find_what_one_by_one_finds(seed: int, gaps: float) -> None:
    dice = np.random.default_rng(seed)
    values = dice.lognormal(2, 2, (60, 9))
    values[:, 4], values[:, 6] = 3 - 2e4 * values[:, 1], values[:, 4] / 7 + 1e6
    values[:, 7] = 5
    values[dice.random(values.shape) < gaps] = np.nan
    values[:, 8] = np.nan

    assert alike([str(column) for column in range(9)], values) == one_by_one(values)
