"""What a training allocates is bounded by shapes, so that it fits beside its node."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from genom.learn import split_by_time
from genom.learn.dataset import Dataset
from genom.learn.history import history_of
from genom.learn.models import MODELS
from genom.learn.models.logistic import BLOCK
from genom.learn.quality import measured
from genom.words import ROW, Kind
from tests.learn.making import table


def peak(do: Callable[[], Any]) -> int:
    """Bytes that were allocated at once beyond those before."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_logistic_allocates_blocks_and_columns_but_no_second_table() -> None:
    rows, features = 200_000, 20
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(rows, features)).astype(np.float32), rng.random(rows) < 0.3
    column, block = 8 * rows, 8 * BLOCK * (1 + 2 * features)

    fitted: dict[str, Any] = {}
    fitting = peak(lambda: fitted.update(MODELS["logistic"].fit(x, y, later=None, settings={"penalty": 1e-3})))
    reading = peak(lambda: MODELS["logistic"].margins(fitted, x))

    assert fitting < 6 * column + 6 * block < 8 * rows * (1 + 2 * features)
    assert reading < 2 * column + 6 * block


def test_trees_read_rows_in_blocks() -> None:
    data = table(200)
    x = np.tile(data.x.astype(np.float32), (300, 1))
    fitted = MODELS["boosted"].fit(data.x, data.y, later=None, settings={"rounds": 5, "num_threads": 1})
    MODELS["boosted"].margins(fitted, x[:10])  # its kernel is compiled

    assert peak(lambda: MODELS["boosted"].margins(fitted, x)) < 8 * len(x) + 4 * 8 * 16_384 * x.shape[1] < 8 * x.size


def test_parts_of_the_time_are_views_of_their_table() -> None:
    data = table()

    parts = split_by_time(data, within_days=30)

    assert all(np.shares_memory(part.x, data.x) for part in (parts.train, parts.valid, parts.test))


def test_intervals_redraw_one_at_a_time() -> None:
    data: Dataset = table(20_000)
    p = np.random.default_rng(2).random(len(data))

    assert peak(lambda: measured(p, data.y, data.person)) < 30 * 8 * len(data)  # sixty draws would be sixty times that


def test_a_history_copies_columns_and_no_rows() -> None:
    rows = np.zeros(100_000, ROW)
    rows["kind"], rows["line"], rows["category_2"] = Kind.ORDER_COMPLETED, 1, 5
    rows["ts"] = np.random.default_rng(3).integers(0, 10**12, len(rows))
    who = np.zeros(len(rows), np.int64)

    assert peak(lambda: history_of(rows, who, people=1)) < 0.75 * rows.nbytes
    whole = history_of(rows, who, people=1)
    assert np.shares_memory(whole.before(5 * 10**11).ts, whole.ts)
