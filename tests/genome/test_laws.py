"""L1: the same events give the same genome, however they arrive, are split, or are spread over profiles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.genome import Matrix, refold
from genom.genome.ops import OPS
from tests.genome.histories import T0, Row, event, fold, folded, histories, layout_of, memory, rows_of, view
from tests.genome.oracle import DAY

RTOL, FLOOR = OPS["sum"].laws.rtol, OPS["sum"].laws.floor


def assert_same_genome(
    mine: Matrix, theirs: Matrix, history: Sequence[Row], *, person: int = 1, other: int = 1
) -> None:
    """Two rows are one genome: decayed cells within L1's tolerance, integers, times and rings bit for bit."""
    at = max((row["ts"] for row in history), default=0) + DAY
    absolute = folded([row | {name: abs(row[name]) for name in ("amount", "discount", "quantity")} for row in history])
    for column in (0, 1):
        a, b = (view(m, column=column, at=at, person=p).state() for m, p in ((mine, person), (theirs, other)))
        size = view(absolute, column=column, at=at).state().decayed
        assert np.all(np.abs(a.decayed - b.decayed) <= RTOL * size + FLOOR)
        assert a.integers.tolist() == b.integers.tolist()
        assert a.rings == b.rings


@given(history=histories, data=st.data())
def test_the_order_in_which_events_arrive_does_not_change_what_we_know(history: list[Row], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(history))

    assert_same_genome(folded(shuffled), folded(history), history)


@given(history=histories, cuts=st.lists(st.integers(0, 25), max_size=5))
def test_how_events_are_split_into_batches_changes_not_a_bit(history: list[Row], cuts: list[int]) -> None:
    matrix, edges = Matrix(layout_of(), 3), [0, *sorted(cuts), len(history)]
    for start, end in pairwise(edges):
        fold(matrix, history[start:end])

    whole = folded(history)

    assert memory(matrix) == memory(whole)


@given(history=histories, data=st.data())
def test_other_people_in_a_batch_change_not_a_bit(history: list[Row], data: st.DataObject) -> None:
    targets = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(history), max_size=len(history))), np.int64)
    rows, matrix = rows_of(history), Matrix(layout_of(), 3)
    matrix.fold(rows, rows["mask"].copy(), targets)

    for person in (1, 2, 3):
        own = folded([row for row, target in zip(history, targets, strict=True) if target == person])
        assert memory(matrix, person) == memory(own)


def test_people_with_events_at_the_same_moment_each_weigh_them_on_their_own() -> None:
    later, same = event(T0 + 400 * DAY), event(T0)
    rows, matrix = rows_of([later, same, same, same]), Matrix(layout_of(), 3)

    matrix.fold(rows, rows["mask"].copy(), np.array([1, 1, 2, 3], np.int64))

    assert memory(matrix, 1) == memory(folded([later, same]))
    assert memory(matrix, 2) == memory(matrix, 3) == memory(folded([same]))


def test_rows_without_a_person_change_nothing() -> None:
    rows = rows_of([NO_PERSON])
    matrix = Matrix(layout_of(), 3)

    assert matrix.fold(rows, rows["mask"].copy(), np.zeros(1, np.int64)) == 0
    assert not any(array.any() for array in matrix.state)


@given(history=histories, data=st.data())
def test_two_profiles_that_turn_out_to_be_one_person_add_up(history: list[Row], data: st.DataObject) -> None:
    belongs = data.draw(st.lists(st.booleans(), min_size=len(history), max_size=len(history)))
    matrix = folded([row for row, first in zip(history, belongs, strict=True) if first])
    fold(matrix, [row for row, first in zip(history, belongs, strict=True) if not first], person=2)

    matrix.merge(1, 2)

    assert_same_genome(matrix, folded(history), history)
    assert not any(map(any, memory(matrix, 2))), "the row that is gone is empty, to the last byte"


@given(history=histories, data=st.data())
def test_it_does_not_matter_which_profile_is_kept_nor_in_which_order_three_are_linked(
    history: list[Row], data: st.DataObject
) -> None:
    whose = data.draw(st.lists(st.integers(1, 3), min_size=len(history), max_size=len(history)))
    one, other = Matrix(layout_of(), 3), Matrix(layout_of(), 3)
    for person in (1, 2, 3):
        own = [row for row, number in zip(history, whose, strict=True) if number == person]
        fold(one, own, person=person)
        fold(other, own, person=person)

    one.merge(1, 2)
    one.merge(1, 3)
    other.merge(3, 2)
    other.merge(1, 3)

    assert_same_genome(one, other, history)


@given(history=histories)
def test_linking_an_empty_profile_changes_not_a_bit(history: list[Row]) -> None:
    matrix, before = folded(history), folded(history)

    matrix.merge(1, 2)

    assert memory(matrix) == memory(before)


@given(history=histories)
def test_linking_to_an_empty_profile_moves_the_row(history: list[Row]) -> None:
    matrix = folded(history)

    matrix.merge(2, 1)

    assert_same_genome(matrix, folded(history), history, person=2)


@given(history=histories, data=st.data())
def test_events_after_a_merge_count_as_if_there_had_always_been_one_profile(
    history: list[Row], data: st.DataObject
) -> None:
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(history))] * 2)))
    matrix = folded(history[:first])
    fold(matrix, history[first:second], person=2)
    matrix.merge(1, 2)

    fold(matrix, history[second:])

    assert_same_genome(matrix, folded(history), history)


@given(history=histories)
def test_a_refold_is_what_live_folding_gave(history: list[Row]) -> None:
    rows = rows_of(history)

    assert_same_genome(refold(layout_of(), rows, rows["mask"].copy()), folded(history[::-1]), history)


@given(history=histories, others=histories)
def test_link_then_unlink_is_as_if_never_linked(history: list[Row], others: list[Row]) -> None:
    matrix = fold(folded(history), others, person=2)
    matrix.merge(1, 2)
    for person, own in ((1, history), (2, others)):
        rows = rows_of(own)
        matrix.replace(person, refold(layout_of(), rows, rows["mask"].copy()))

    assert_same_genome(matrix, folded(history), history)
    assert_same_genome(matrix, folded(others), others, person=2)


NO_PERSON: Row = {"ts": 5, "id": 1, "line": 1, "kind": 24, "category_2": 3, "mask": 2**64 - 1} | dict.fromkeys(
    ("channel", "flags", "hour_of_week", "category_1", "item", "amount", "discount", "quantity"), 0
)
