"""L6: what a purpose may not see changes nothing for it; what a person has not permitted now cannot be read."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import Matrix
from tests.genome.histories import (
    BOTH,
    ONE,
    OTHER,
    T0,
    TWO,
    Row,
    event,
    folded,
    gate_of,
    histories,
    layout_of,
    memory,
    paid,
    rows,
    rows_of,
    view,
)

EVENTS = layout_of().genes["rhythm.events.count.lifetime"]


@settings(max_examples=60)
@given(history=histories, changed=st.lists(rows, max_size=20))
def test_flipping_all_data_that_a_purpose_may_not_see_leaves_its_memory_bit_identical(
    history: list[Row], changed: list[Row]
) -> None:
    other = iter(changed)
    flipped = [row if row["mask"] & ONE else next(other, row) | {"mask": row["mask"]} for row in history]

    assert memory(folded(flipped), 1, 0) == memory(folded(history), 1, 0)


@settings(max_examples=60)
@given(history=histories, forbidden=histories, data=st.data())
def test_forbidden_events_anywhere_in_the_stream_leave_no_trace(
    history: list[Row], forbidden: list[Row], data: st.DataObject
) -> None:
    mixed = list(history)
    for row in forbidden:
        mixed.insert(data.draw(st.integers(0, len(mixed))), row | {"mask": row["mask"] & ~ONE})

    assert memory(folded(mixed), 1, 0) == memory(folded(history), 1, 0)


def test_forbidden_events_do_not_displace_permitted_ones_from_a_ring() -> None:
    permitted = event(T0, mask=ONE)
    later = [event(T0 + i, mask=TWO, id=i) for i in range(1, 50)]

    matrix = folded([permitted, *later])

    assert view(matrix).items("events", 24) == [0]
    assert len(view(matrix, column=1).items("events", 24)) == 8


def test_forbidden_events_do_not_move_the_epoch_of_a_purpose() -> None:
    matrix = folded([event(T0, mask=ONE), event(T0 + 10**12, mask=TWO)])

    assert memory(matrix, 1, 0) == memory(folded([event(T0, mask=ONE)]), 1, 0)
    assert memory(matrix, 1, 0) != memory(matrix, 1, 1)


def test_an_event_counts_once_for_each_purpose_that_it_serves() -> None:
    rows = rows_of([event(T0 + i, mask=mask) for i, mask in enumerate((BOTH, ONE, TWO, TWO, OTHER, 0))])
    matrix = Matrix(layout_of(), 1)

    assert matrix.fold(rows, rows["mask"].copy(), np.ones(len(rows), np.int64)) == 5
    assert [view(matrix, column=n, at=T0 + 9).read(EVENTS).value for n in (0, 1)] == [2.0, 3.0]


def test_without_permission_every_gene_is_withheld_and_has_no_value() -> None:
    refused = view(folded([paid(10)]), effective=TWO | OTHER, at=T0)

    reads = list(refused)

    assert not refused.permitted
    assert {read.state for read in reads} == {"withheld"}
    assert all(read.value is None and read.cells is None for read in reads)
    assert refused.cells("value.spent.sum.30d").size == 0
    assert refused.items("events", 24) == []
    assert refused.state().decayed.size == refused.state().integers.size == len(refused.state().rings) == 0


def test_withdrawal_acts_on_the_next_read_and_a_new_grant_brings_the_values_back() -> None:
    matrix = folded([paid(10)])
    gene = layout_of().genes["value.spent.sum.lifetime"]

    states = [view(matrix, effective=mask, at=T0).read(gene).state for mask in (BOTH, TWO, BOTH)]

    assert states == ["known", "withheld", "known"]


def test_a_person_whose_events_were_all_forbidden_is_unknown_for_the_purpose() -> None:
    reads = list(view(folded([paid(10, mask=TWO)])))

    assert {read.state for read in reads} == {"unknown"}
    assert all(read.value is None and read.cells is None for read in reads)


def test_a_purpose_that_the_genome_is_not_kept_for_reads_nothing() -> None:
    elsewhere = gate_of(folded([paid(10, mask=BOTH | OTHER)])).view(1, purpose="elsewhere", effective=OTHER, at=T0)

    assert {(read.state, read.value) for read in elsewhere} == {("unknown", None)}


def test_any_permitted_event_makes_counts_and_sums_known_also_zero() -> None:
    matrix = folded([event(kind=1)])  # a page view

    for read in view(matrix, at=T0):
        if read.gene.op in {"count", "sum"}:
            assert read.state == "known", read.gene.id
            assert isinstance(read.value, float)
    assert view(matrix, at=T0).read(layout_of().genes["value.spent.sum.lifetime"]).value == 0.0


def test_kinds_of_genoms_own_facts_feed_no_gene() -> None:
    matrix = folded([event(kind=kind) for kind in (200, 204, 255, 65535)])

    assert not any(array.any() for array in matrix.state)
