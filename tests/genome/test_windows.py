"""Read windows: what is past them is cut from rings and withheld from sums, and a refold leaves no trace of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import KINDS, Asked, Layout, Matrix, Read, Scan, Windows, compile_genes, load_genes, refold
from genom.genome.plan import plan_of
from genom.words import Kind
from tests.genome.histories import (
    BOTH,
    ONE,
    T0,
    THREE,
    TWO,
    Row,
    event,
    fold,
    gate_of,
    histories,
    layout_of,
    memory,
    paid,
    rows_of,
    view,
)
from tests.genome.oracle import DAY
from tests.genome.oracle_filters import NAMED

DAYS = {ONE: 30, THREE: 10}  # the second purpose has no window
NOON = T0 // DAY * DAY + DAY // 2
COUNT, SPENT = "rhythm.events.count.lifetime", "value.spent.sum.lifetime"


VIEWED, ORDERED = int(Kind.PRODUCT_VIEWED), int(Kind.ORDER_COMPLETED)
SHORTER = {VIEWED: 12, ORDERED: 50, int(Kind.PAGE_VIEWED): 0}  # of the first purpose; 0 = for ever
BY_KIND = {ONE: tuple(SHORTER.get(kind, DAYS[ONE]) for kind in range(KINDS))}


@lru_cache
def windowed(*, by_kind: bool = False) -> Layout:
    genes = load_genes(Path(__file__).with_name("small.yaml"))
    bits = dict(zip(genes.every_purpose, (ONE, TWO, THREE), strict=True))
    windows = Windows(DAYS | {ONE: 50}, BY_KIND) if by_kind else Windows(DAYS)
    layout = compile_genes(genes, bits, windows)
    for category, code in NAMED.items():
        for property in ("category_1", "category_2"):
            layout.name_code(property, category, code)
    return layout


def days_of(bit: int, row: Row, *, by_kind: bool) -> int:
    """For how many days a row serves a purpose, by hand."""
    return SHORTER.get(row["kind"], DAYS[bit]) if by_kind and bit == ONE else DAYS[bit]


def live(history: Sequence[Row], *, by_kind: bool = False) -> Matrix:
    """Everything as it came, whatever its age."""
    return fold(Matrix(windowed(by_kind=by_kind), 3), history)


def swept(history: Sequence[Row], at: int, *, by_kind: bool = False) -> Matrix:
    """What a refold at a moment leaves."""
    rows, layout = rows_of(history), windowed(by_kind=by_kind)
    matrix = Matrix(layout, 3)
    matrix.replace(1, refold(layout, rows, layout.windows.within(rows["mask"].copy(), rows, at)))
    return matrix


def inside(history: Sequence[Row], at: int, *, by_kind: bool = False) -> list[Row]:
    """The same by hand: an event serves a purpose on the day it happens and on N - 1 more."""
    found = []
    for row in history:
        mask = row["mask"]
        for bit in DAYS:
            if 0 < days_of(bit, row, by_kind=by_kind) <= at // DAY - row["ts"] // DAY:
                mask &= ~bit
        found.append(row | {"mask": mask})
    return found


def unbounded(history: Sequence[Row]) -> Matrix:
    """Folded under the same genes without windows."""
    return fold(Matrix(layout_of(), 3), history)


def reads(matrix: Matrix, at: int, column: int = 0) -> dict[str, Read]:
    return {read.gene.id: read for read in view(matrix, at=at, column=column)}


def ages(history: Sequence[Row], days: int) -> int:
    """A moment so many days after the newest event."""
    return max(row["ts"] for row in history) + 1 + days * DAY


@pytest.mark.parametrize("by_kind", [False, True])
@settings(max_examples=40)
@given(history=histories, days=st.integers(0, 60))
def test_a_swept_row_is_the_fold_of_what_is_inside_the_windows(history: list[Row], days: int, *, by_kind: bool) -> None:
    at = ages(history, days)

    after, oracle = swept(history, at, by_kind=by_kind), unbounded(inside(history, at, by_kind=by_kind))

    for column in (0, 1):
        assert reads(after, at, column) == reads(oracle, at, column)
        assert view(after, at=at, column=column).state().rings == view(oracle, at=at, column=column).state().rings


@pytest.mark.parametrize("by_kind", [False, True])
@settings(max_examples=40)
@given(history=histories, days=st.integers(0, 60))
def test_before_the_sweep_a_gene_is_right_or_withheld(history: list[Row], days: int, *, by_kind: bool) -> None:
    """Rings are right at once; sums are withheld if, and only if, they hold something that is past the window.

    A ring whose records count for different times is withheld too: old ones may have displaced others.
    """
    at = ages(history, days)
    limited = unbounded(inside(history, at, by_kind=by_kind))
    before, oracle = reads(live(history, by_kind=by_kind), at), reads(limited, at)
    counted = [row for row in history if row["mask"] & ONE and row["kind"] < 200]
    old = any(0 < days_of(ONE, row, by_kind=by_kind) <= at // DAY - row["ts"] // DAY for row in counted)
    old_price = any(row["mask"] & THREE and at // DAY - row["ts"] // DAY >= DAYS[THREE] for row in counted)

    for gene_id, read in before.items():
        if read.outlived:
            assert read.state == "withheld"
            assert old or old_price
            ring = read.gene.ring
            assert not ring or (by_kind and ring == "events") or not view(limited, at=at).state().rings
        else:
            assert read == oracle[gene_id]
    if old:
        assert before[COUNT].outlived


@given(history=histories, days=st.integers(0, 400))
def test_a_purpose_without_a_window_notices_nothing(history: list[Row], days: int) -> None:
    """Windows of one purpose leave the other's memory and reading as they are, to the byte (law L6)."""
    at = ages(history, days)
    plain = unbounded(history)
    whole = [row | {"mask": row["mask"] & ~THREE} for row in history]  # that purpose has a window

    assert memory(swept(whole, at), 1, 1) == memory(unbounded(whole), 1, 1)
    assert memory(live(history), 1, 1) == memory(plain, 1, 1)


@given(history=histories, days=st.integers(0, 40), cut=st.integers(0, 25))
def test_the_oldest_day_survives_a_merge(history: list[Row], days: int, cut: int) -> None:
    at = ages(history, days)
    matrix = fold(live(history[:cut]), history[cut:], person=2)
    matrix.merge(1, 2)

    assert matrix.outlived(np.array([1]), 0, at).tolist() == live(history).outlived(np.array([1]), 0, at).tolist()
    assert not matrix.outlived(np.array([2]), 0, at).any()


@pytest.mark.parametrize(("hours", "state"), [(0, "known"), (29 * 24 + 11, "known"), (29 * 24 + 12, "withheld")])
def test_an_event_serves_until_the_end_of_the_last_day(hours: int, state: str) -> None:
    """Of 30 days the day of the event is the first; midnight UTC ends the last."""
    matrix = live([paid(5, NOON)])

    assert reads(matrix, NOON + hours * DAY // 24)[SPENT].state == state


def test_what_is_left_is_read_again_after_the_sweep() -> None:
    history = [paid(5, NOON), paid(7, NOON + 20 * DAY)]
    at = NOON + 31 * DAY

    assert reads(live(history), at)[SPENT].outlived
    assert reads(swept(history, at), at)[SPENT].value == 7
    assert reads(swept(history, at), at, column=1)[SPENT].value == 12


@pytest.mark.parametrize(("days", "state"), [(11, "known"), (12, "withheld")])
def test_a_kind_of_events_may_have_a_window_of_its_own(days: int, state: str) -> None:
    viewed, at = event(NOON, VIEWED, channel=1), NOON + days * DAY

    assert reads(live([viewed], by_kind=True), at)[COUNT].state == state
    assert reads(live([paid(5, NOON)], by_kind=True), at)[COUNT].state == "known"
    assert reads(live([event(NOON, Kind.PAGE_VIEWED)], by_kind=True), NOON + 900 * DAY)[COUNT].state == "known"
    left = reads(swept([viewed, paid(5, NOON)], at, by_kind=True), at)[COUNT].value
    assert left == (2 if state == "known" else 1)


def test_a_family_is_withheld_by_the_window_of_what_it_needs_also() -> None:
    matrix = live([paid(5, NOON)])
    old = [read.gene for read in reads(matrix, NOON + 11 * DAY).values() if read.outlived]

    at = windowed().places["price.saving.last"].start + 2  # where a register says that it holds something
    whole = [int(view(matrix, at=NOON + days * DAY).state().integers[at]) for days in (9, 11)]

    assert {gene.family for gene in old if not gene.formula} == {"price"}
    assert whole == [1, 0]


def test_vectors_linear_models_and_columns_withhold_it_too() -> None:
    matrix, fresh = live([paid(5, NOON)]), live([paid(5, NOON + 5 * DAY)])
    genes = (windowed().genes[COUNT], windowed().genes[SPENT])
    plan, at = plan_of(windowed(), genes), NOON + 31 * DAY
    everybody = np.array([0, BOTH], np.uint64)

    for held, expected in ((matrix, [np.nan, np.nan]), (fresh, [1, 5])):
        gate = gate_of(held)
        scan = Scan(held, gate, purpose_bit=lambda name: {"one": ONE, "two": TWO}[name], terms=lambda _: ())
        still, fading = np.zeros((1, 2)), np.zeros((1, 2), np.float32)
        scan.fill(
            scan.prepare([Asked(("one", SPENT, "value", ()), 0)]), np.array([1]), may=everybody, fading=fading,
            still=still, bases=scan.bases(at), at=at,
        )  # fmt: skip

        assert np.array_equal(view(held, at=at).numbers(plan), expected, equal_nan=True)
        vector = gate.vector(plan, purpose="one")
        assert np.array_equal(vector.read(1, effective=BOTH, at=at), expected, equal_nan=True)
        linear = gate.linear(plan, np.ones(2), purpose="one").score(everybody, at=at)
        assert np.array_equal(linear[1:], [sum(expected)], equal_nan=True)
        assert np.array_equal(still[0, 1:], expected[1:], equal_nan=True)


def test_a_column_of_what_was_declared_ends_with_the_window() -> None:
    size = event(NOON, Kind.ATTRIBUTE_DECLARED, item=1 << 16 | 3)
    matrix, may = live([size]), np.array([0, BOTH], np.uint64)
    scan = Scan(matrix, gate_of(matrix), purpose_bit=lambda _: ONE, terms=lambda _: ())
    found = []

    for at in (NOON + 29 * DAY, NOON + 30 * DAY):
        still, fading = np.zeros((1, 2)), np.zeros((1, 2), np.float32)
        scan.fill(
            scan.prepare([Asked(("one", "size", "attribute", ()), 0)]), np.array([1]), may=may, fading=fading,
            still=still, bases=scan.bases(at), at=at,
        )  # fmt: skip
        found.append(float(still[0, 1]))

    assert found[0] == 3
    assert np.isnan(found[1])


def test_other_windows_are_another_version_of_the_genome() -> None:
    """A state file may lack what a longer window would show: it is rebuilt."""
    genes = windowed().genes
    bits = dict(zip(genes.every_purpose, (ONE, TWO, THREE), strict=True))
    versions = [
        compile_genes(genes, bits, Windows(days)).version
        for days in ({}, {ONE: 30}, {ONE: 31}, {1 << 50: 30}, {THREE: 30})
    ]

    versions.append(windowed(by_kind=True).version)

    assert versions[0] == versions[3]  # the genome is not kept for it
    assert len(set(versions)) == 5


def test_a_row_of_nothing_is_empty_and_its_memory_is_given_back() -> None:
    matrix = Matrix(windowed(), 2_000)
    for person in (1, 2, 3):
        fold(matrix, [paid(5)], person=person)
    kept = memory(matrix, 1), memory(matrix, 3)

    matrix.clear(2)
    matrix.release(2, 2)

    assert matrix.empty(np.array([1, 2, 3])).tolist() == [False, True, False]
    assert (memory(matrix, 1), memory(matrix, 3)) == kept
    assert memory(fold(matrix, [paid(5)], person=2), 2) == kept[0]
