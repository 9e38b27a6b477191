"""L6: what a purpose may not see changes nothing for it; what a person has not permitted now cannot be read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import Matrix
from genom.genome.declared import NOTHING_DECLARED
from genom.words import Kind
from tests.genome.histories import (
    BOTH,
    ONE,
    OTHER,
    T0,
    THREE,
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


def test_without_permission_nothing_of_a_ring_is_read() -> None:
    said = event(T0, Kind.ATTRIBUTE_DECLARED, item=1 << 16 | 3)
    matrix = folded([paid(10), said])
    permitted, refused = view(matrix, at=T0 + 1), view(matrix, effective=TWO | OTHER, at=T0 + 1)

    assert (len(permitted.records("events")), permitted.declared().attributes) == (1, {"size": "M"})
    assert permitted.recent("events", "channel", "30d").any()
    assert refused.records("events").size == refused.recent("events", "channel", "30d").size == 0
    assert refused.declared() == NOTHING_DECLARED


def test_a_gene_that_is_kept_for_one_purpose_is_withheld_for_the_other() -> None:
    matrix, gene = folded([paid(10)]), layout_of().genes["rhythm.one.count.lifetime"]

    assert [view(matrix, column=column, at=T0 + 1).read(gene).state for column in (0, 1)] == ["known", "withheld"]


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
    elsewhere = gate_of(folded([paid(10, mask=BOTH | OTHER)])).view(
        1, purpose="elsewhere", effective=OTHER | THREE, at=T0
    )

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


PRICED = [gene for gene in layout_of().genes if gene.family == "price"]


def price_cells(matrix: Matrix) -> list[bytes]:
    """The memory of the family price for the first purpose, to the byte."""
    layout, kept = matrix.layout, []
    for gene in PRICED:
        cells = (matrix.state.decayed if gene.decayed else matrix.state.integers)[1, 0]
        kept += [(cells[p.start : p.start + p.size] + 0).tobytes() for p in layout.parts[gene.id]]
    return kept


def is_event(row: Row) -> bool:
    return row["kind"] < 200


@settings(max_examples=100)
@given(history=histories, changed=st.lists(rows, max_size=20))
def test_flipping_data_that_the_further_purpose_may_not_see_leaves_its_family_bit_identical(
    history: list[Row], changed: list[Row]
) -> None:
    """Both bits are needed: rows with the first purpose alone change everything else, never the family.

    That there was an event at a time is no secret from the first purpose, whose epochs it moves: an event stays one.
    """
    other = iter(changed)

    def turned(row: Row) -> Row:
        flip, same = next(other, row), ["mask", "ts", "id", "line"]
        return flip | {name: row[name] for name in [*same, *["kind"] * (is_event(flip) != is_event(row))]}

    flipped = [row if row["mask"] & THREE else turned(row) for row in history]

    assert price_cells(folded(flipped)) == price_cells(folded(history))


@settings(max_examples=60)
@given(history=histories)
def test_what_needs_a_further_purpose_is_as_if_the_other_rows_had_never_been(history: list[Row]) -> None:
    both = [row for row in history if row["mask"] & THREE and row["mask"] & ONE]
    mine, theirs = view(folded(history)), view(folded(both))

    for gene in PRICED if any(row["kind"] != Kind.DECISION for row in both) else ():  # else theirs is of nobody
        one, other = mine.read(gene).value, theirs.read(gene).value
        close = gene.decayed and other is not None
        assert one == (pytest.approx(other, rel=1e-12, abs=1e-30) if close else other), gene.id


def test_a_family_is_read_only_with_both_purposes_and_the_rest_goes_on() -> None:
    matrix = folded([paid(10, discount=2_000_000, hour_of_week=130, flags=1 | 16)])

    for effective in (ONE, ONE | TWO, ONE | OTHER):
        refused = view(matrix, effective=effective, at=T0)
        from_prices = {gene.id for gene in layout_of().genes if "price" in layout_of().genes.families(gene)}
        assert {read.gene.id for read in refused if read.state == "withheld"} == from_prices
        assert "value.some.expression" in from_prices
        assert all(read.value is None for read in refused if read.state == "withheld")
        assert refused.cells("price.discounted_weekend.count.7d").size == 0
        assert refused.read(layout_of().genes["value.saved.sum.lifetime"]).value == 2.0
        assert refused.state().integers[layout_of().places["price.saving.last"].start + 3] == 0
    assert not [read for read in view(matrix, effective=ONE | THREE, at=T0) if read.state == "withheld"]
    assert {read.state for read in view(matrix, effective=THREE, at=T0)} == {"withheld"}


def test_a_row_needs_both_purposes_to_count_for_the_family() -> None:
    rows = [paid(10, T0 + n, discount=10**6, mask=mask) for n, mask in enumerate((ONE, ONE | THREE, THREE, BOTH))]
    seen = view(folded(rows), at=T0 + 9)

    assert seen.read(layout_of().genes["rhythm.events.count.lifetime"]).value == 3.0
    assert folded(rows[:1]).state.integers[1, 0, layout_of().places["price.saving.last"].start + 2] == 0
    assert seen.read(layout_of().genes["price.saving.last"]).value == 1.0
