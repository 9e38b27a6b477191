"""The memory: who is written, cleared and replaced, and what everyone likes."""

from __future__ import annotations

import numpy as np
import pytest

from genom.genome import Matrix, known_before, refold
from tests.genome.histories import (
    BOTH,
    ONE,
    OTHER,
    T0,
    TWO,
    Row,
    event,
    fold,
    folded,
    layout_of,
    memory,
    paid,
    rows_of,
    view,
)
from tests.genome.oracle import CELLS, DAY, HOUR

CATEGORIES = CELLS["category_2"]
EVENTS = layout_of().genes["rhythm.events.count.lifetime"]
SPENT = layout_of().genes["value.spent.sum.lifetime"]


def test_clearing_a_person_leaves_no_byte_and_touches_nobody_else() -> None:
    matrix = fold(folded([paid(5), event(line=1, item=7)]), [paid(9)], person=2)
    other = memory(matrix, 2)

    matrix.clear(1)

    assert not any(map(any, memory(matrix, 1)))
    assert memory(matrix, 2) == other


def test_a_refolded_row_replaces_the_old_one_whole() -> None:
    matrix = folded([paid(5), paid(6, T0 + 1)])
    rows = rows_of([paid(6, T0 + 1)])

    matrix.replace(1, refold(layout_of(), rows, rows["mask"].copy()))

    assert memory(matrix) == memory(folded([paid(6, T0 + 1)]))


def test_a_refold_of_nothing_is_an_unknown_person() -> None:
    matrix = folded([paid(5)])
    rows = rows_of([])

    matrix.replace(1, refold(layout_of(), rows, rows["mask"].copy()))

    assert {read.state for read in view(matrix)} == {"unknown"}


def test_as_of_a_moment_counts_what_had_happened_and_was_known_before_it() -> None:
    rows = rows_of([event(T0), event(T0 + 5), event(T0 + 10), event(T0 + 1)])
    rows["known_at"] = [T0, T0 + 5, T0 + 10, T0 + 50]

    assert known_before(rows, T0 + 10).tolist() == [True, True, False, False]
    assert known_before(rows, T0 + 51).all()


def test_masks_are_given_beside_the_rows_and_decide_alone() -> None:
    rows = rows_of([event(mask=0), event(T0 + 1, mask=BOTH)])
    matrix = Matrix(layout_of(), 1)

    counted = matrix.fold(rows, np.array([ONE, TWO], np.uint64), np.ones(2, np.int64))

    assert counted == 2
    assert [view(matrix, column=n, at=T0).read(EVENTS).value for n in (0, 1)] == [1.0, 1.0]


def test_each_row_needs_its_mask_and_its_person() -> None:
    rows = rows_of([event(), event(T0 + 1)])

    with pytest.raises(ValueError, match="each row"):
        Matrix(layout_of(), 1).fold(rows, rows["mask"][:1].copy(), np.ones(2, np.int64))


def test_room_for_many_people_is_empty_and_works_at_both_ends() -> None:
    matrix = Matrix(layout_of(), 100_000)
    fold(matrix, [paid(3)], person=1)
    fold(matrix, [paid(4)], person=100_000)

    assert [view(matrix, person=p).read(SPENT).value for p in (1, 2, 100_000)] == [3.0, None, 4.0]


def lines(*categories: int, ts: int = T0, mask: int = BOTH) -> list[Row]:
    return [event(ts, line=n, category_2=code, mask=mask) for n, code in enumerate(categories, 1)]


def liked(*histories: list[Row], at: int = T0) -> dict[int, float]:
    """The popularity of categories, folded for one person a history; purpose bit OTHER counts."""
    matrix = Matrix(layout_of(), 9, popularity_bit=OTHER)
    for person, history in enumerate(histories, 1):
        fold(matrix, history, person=person)
    found = matrix.popularity(at)
    assert found.shape == (CATEGORIES,)
    return {int(code): float(found[code]) for code in np.flatnonzero(found)}


def test_popularity_counts_everyones_lines_by_category_and_fades_in_thirty_days() -> None:
    bought = [lines(3, 4, mask=OTHER), lines(3, mask=OTHER | ONE)]

    assert liked(*bought) == pytest.approx({3: 2.0, 4: 1.0})
    assert liked(*bought, at=T0 + 30 * DAY) == pytest.approx({3: 1.0, 4: 0.5})


def test_popularity_takes_only_lines_of_orders_that_may_serve_it() -> None:
    no_line, no_order = event(category_2=3, mask=OTHER), event(kind=16, line=1, category_2=3, mask=OTHER)

    assert liked(lines(3, mask=BOTH), [no_line, no_order]) == {}


def test_categories_that_popularity_has_no_cell_for_touch_nothing() -> None:
    assert liked(lines(0, 1, CATEGORIES - 1, CATEGORIES, 65_535, mask=OTHER)) == pytest.approx(
        {1: 1.0, CATEGORIES - 1: 1.0}
    )


def test_popularity_is_the_same_in_any_order_over_a_century() -> None:
    history = [line for ts in (0, T0, T0 + 10**12, T0 - DAY) for line in lines(2, 5, ts=ts, mask=OTHER)]

    assert liked(history, at=T0 + 10**12) == pytest.approx(liked(history[::-1], at=T0 + 10**12), rel=1e-12)


def test_what_was_bought_recently_weighs_by_its_age() -> None:
    history = [*lines(3, ts=T0 - HOUR), *lines(4, ts=T0)]

    recent = view(folded(history), at=T0).recent("items", "category_2", "1h")

    assert recent.shape == (CATEGORIES,)
    assert {int(code): float(recent[code]) for code in np.flatnonzero(recent)} == pytest.approx({3: 0.5, 4: 1.0})


def test_what_was_bought_recently_has_a_cell_for_each_category_and_no_more() -> None:
    assert view(folded(lines(65_535)), at=T0).recent("items", "category_2", "1h").shape == (CATEGORIES,)
    assert view(folded(lines(3)), at=T0, effective=0).recent("items", "category_2", "1h").size == 0


def test_the_cells_of_a_histogram_are_read_as_an_array() -> None:
    cells = view(folded(lines(3, 3, 4)), at=T0).cells("taste.narrow.histogram.30d")

    assert cells.shape == (CATEGORIES,)
    assert cells[[3, 4]].tolist() == pytest.approx([2.0, 1.0], rel=1e-6)


def test_a_view_is_read_when_it_is_read() -> None:
    matrix = folded([paid(5)])
    early = view(matrix, at=T0 + 1)
    fold(matrix, [paid(6, T0 + 1)])

    assert early.read(SPENT).value == 11.0
