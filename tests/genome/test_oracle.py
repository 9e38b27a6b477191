"""Every gene is what a slow computation from the list of rows says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.genome import Read
from genom.genome.ops import OPS
from tests.genome.histories import BOTH, ONE, T0, TWO, Y2100, Row, folded, histories, layout_of, view
from tests.genome.oracle import DAY, Answer, expected
from tests.genome.test_formula import meant


def assert_agrees(read: Read, answer: Answer) -> None:
    """The gate's reading is the oracle's answer, within what the op's laws allow."""
    laws = OPS[read.gene.op].laws
    if read.gene.op == "histogram":
        assert_same_cells(read.cells or {}, answer.cells or {}, rtol=laws.rtol, floor=laws.floor)
        return
    if answer.faint:
        return
    assert read.state == answer.state
    if isinstance(answer.value, float) and isinstance(read.value, float):
        allowed = laws.rtol * answer.weight if read.gene.decayed else 1e-12 * max(abs(answer.value), answer.weight)
        assert abs(read.value - answer.value) <= allowed + (laws.floor if read.gene.decayed else 1e-9)
    else:
        assert read.value == answer.value


def assert_same_cells(mine: dict[str, float], theirs: dict[str, float], *, rtol: float, floor: float) -> None:
    for name in mine.keys() | theirs.keys():
        assert abs(mine.get(name, 0.0) - theirs.get(name, 0.0)) <= rtol * theirs.get(name, 0.0) + floor, name


def assert_all_agree(genes: str, history: list[Row], at: int) -> None:
    matrix, rings = folded(history, genes=genes), layout_of(genes).genes.rings
    for column, bit in enumerate((ONE, TWO)):
        reads = {read.gene.id: read for read in view(matrix, column=column, at=at)}
        for read in reads.values():
            if read.gene.formula and genes == "standard":
                assert_computed(read, reads)
            else:
                assert_agrees(read, expected(read.gene, history, bit=bit, at=at, rings=rings))


def assert_computed(read: Read, reads: dict[str, Read]) -> None:
    """A formula is what plain Python makes of the values of its genes, which are compared on their own."""
    assert read.gene.formula, "an expression has a formula"
    values = {name: reads[name].value for name in read.gene.inputs}
    means = meant(read.gene.formula, {k: v if isinstance(v, float) else math.nan for k, v in values.items()})

    assert read.value == (None if math.isnan(means) else pytest.approx(means, rel=1e-12))


@given(history=histories, later=st.sampled_from([0, 1, 3_600_000, 30 * DAY, 400 * DAY]))
def test_every_op_agrees_with_the_oracle_just_after_the_last_event(history: list[Row], later: int) -> None:
    assert_all_agree("small", history, max(row["ts"] for row in history) + later)


@given(history=histories)
def test_every_gene_of_the_standard_genome_agrees_with_the_oracle(history: list[Row]) -> None:
    assert_all_agree("standard", history, max(row["ts"] for row in history))


@pytest.mark.parametrize("ts", [0, 1, 31 * 3_600_000, 32 * 3_600_000, T0, Y2100, 253_402_300_799_999])
def test_any_time_that_collection_lets_through_is_folded_rightly(ts: int) -> None:
    changes: dict[str, Any] = {"amount": 5_000_000, "flags": 1, "category_2": 3, "item": 4, "quantity": 1000}
    history = [{**row, "ts": ts} for row in _order_with_lines(changes)]

    assert_all_agree("small", history, ts)


def _order_with_lines(changes: dict[str, int]) -> list[Row]:
    base = {
        "kind": 24,
        "channel": 3,
        "hour_of_week": 100,
        "category_1": 1,
        "discount": 0,
        "mask": BOTH,
        "id": 9,
        "device": 2,
    }
    return [{**base, **changes, "line": line} for line in range(3)]
