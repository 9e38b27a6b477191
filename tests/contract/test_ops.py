"""Every op keeps the laws that it declares, and declares no fewer than it keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import Gene, Matrix
from genom.genome.ops import OPS, SIZES, Op
from genom.genome.ops.base import CODES
from tests.genome.histories import Row, event, fold, folded, histories, layout_of, paid, view
from tests.genome.oracle import DAY, HOUR, Answer, expected

every_op = pytest.mark.parametrize("op", OPS.values(), ids=OPS.keys())
few = settings(max_examples=25)
AT = 4_102_444_800_000  # the year 2100, unix ms


def genes_of(op: Op) -> list[Gene]:
    """The genes of the small set that are of this op."""
    return [gene for gene in layout_of().genes if gene.op == op.name]


def values(matrix: Matrix, op: Op, at: int = AT) -> list[object]:
    """What the gate reads of an op's genes."""
    reads = [view(matrix, at=at).read(gene) for gene in genes_of(op)]
    return [(read.state, read.value, tuple(sorted((read.cells or {}).items()))) for read in reads]


def numbers(matrix: Matrix, gene: Gene, at: int = AT) -> np.ndarray:
    """A gene's value as numbers, so that it can be added and taken away."""
    seen = view(matrix, at=at)
    if gene.op == "histogram":
        cells = seen.cells(gene.id)
        return cells if cells.size else np.zeros(SIZES[gene.property])
    return np.array([float(seen.read(gene).value or 0.0)])


def allowance(history: list[Row], gene: Gene, at: int = AT) -> float:
    """How far two ways of counting may differ: rtol of the decayed sum of absolute values, and the floor."""
    absolute = [row | {name: abs(row[name]) for name in ("amount", "discount", "quantity")} for row in history]
    answer: Answer = expected(gene, absolute, bit=8, at=at, rings=layout_of().genes.rings)
    laws = OPS[gene.op].laws
    return laws.rtol * max([answer.weight, *answer.weights.values()]) + laws.floor


def test_every_op_stands_in_the_table_under_its_own_name() -> None:
    assert all(OPS[name].name == name for name in OPS)
    codes = [code for op in OPS.values() for code in (op.decayed_code, op.lifetime_code) if code >= 0]
    assert sorted(codes) == sorted(CODES.values())


@every_op
def test_an_op_has_genes_in_the_tests_for_each_of_its_forms(op: Op) -> None:
    genes = genes_of(op)

    assert {gene.decayed for gene in genes} == {form for form, has in ((True, op.decays), (False, op.lifetime)) if has}
    assert {gene.function for gene in genes} == (set(op.functions) or {""})


@every_op
@given(data=st.data())
@few
def test_a_commutative_op_knows_the_same_however_events_arrive(op: Op, data: st.DataObject) -> None:
    assert op.laws.commutative, "an op that depends on arrival has no place here: make it a function of a ring"
    history = data.draw(histories)
    arrived, other = folded(history), folded(data.draw(st.permutations(history)))

    if op.laws.rtol == 0.0:
        assert values(arrived, op) == values(other, op)
    for gene in genes_of(op) if op.laws.rtol else ():
        apart = np.abs(numbers(arrived, gene) - numbers(other, gene)).max()
        assert apart <= (allowance(history, gene) if gene.decayed else 0.0)


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.laws.idempotent], ids=lambda op: op.name)
@given(data=st.data())
@few
def test_an_idempotent_op_counts_the_same_event_once(op: Op, data: st.DataObject) -> None:
    history = data.draw(histories)
    again = data.draw(st.lists(st.sampled_from(history)))

    assert values(folded(history + again), op) == values(folded(history), op)


@pytest.mark.parametrize("op", [op for op in OPS.values() if not op.laws.idempotent], ids=lambda op: op.name)
def test_an_op_that_is_not_idempotent_says_so_because_it_counts_twice(op: Op) -> None:
    rows = PURCHASE

    assert values(folded(rows + rows), op) != values(folded(rows), op)


PURCHASE = [paid(5, discount=10**6), event(line=1, quantity=1000, category_1=1, category_2=1, item=4)]


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.laws.invertible], ids=lambda op: op.name)
@given(data=st.data())
@few
def test_what_an_invertible_op_added_can_be_taken_out_again(op: Op, data: st.DataObject) -> None:
    history = data.draw(histories)
    cut = data.draw(st.integers(0, len(history)))
    at = max(row["ts"] for row in history)
    whole, kept, gone = folded(history), folded(history[:cut]), folded(history[cut:])

    for gene in genes_of(op):
        left = numbers(whole, gene, at) - numbers(gone, gene, at)
        assert np.abs(left - numbers(kept, gene, at)).max() <= 2 * allowance(history, gene, at) + 1e-6


@pytest.mark.parametrize("op", [op for op in OPS.values() if not op.laws.invertible], ids=lambda op: op.name)
def test_an_op_that_is_not_invertible_says_so_because_it_forgets_what_it_replaced(op: Op) -> None:
    """Two pasts that differ become one and the same by what follows, so nothing can take it out again."""
    other = [
        row | {"ts": row["ts"] + DAY, "amount": 7, "discount": 7, "channel": 2, "category_2": 7} for row in PURCHASE
    ]
    pasts, lines = [PURCHASE, other], (0, 1)
    after = [event(AT - HOUR + n, line=line, id=n, item=9, flags=1) for n in range(20) for line in lines]
    before = [event(n, line=line, id=n, category_1=9, flags=1) for n in range(2) for line in lines]

    assert values(folded(pasts[0]), op) != values(folded(pasts[1]), op)
    assert values(folded(before + pasts[0] + after), op) == values(folded(before + pasts[1] + after), op)


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.laws.rtol], ids=lambda op: op.name)
def test_a_tolerance_is_declared_only_where_rounding_depends_on_the_order(op: Op) -> None:
    history = [row | {"ts": row["ts"] + n * n * 977_531, "id": n} for n in range(200) for row in PURCHASE]

    forwards, backwards = folded(history), folded(history[::-1])

    assert any(not np.array_equal(numbers(forwards, g), numbers(backwards, g)) for g in genes_of(op) if g.decayed)
    assert all(np.array_equal(numbers(forwards, g), numbers(backwards, g)) for g in genes_of(op) if not g.decayed)


@every_op
@given(data=st.data())
@few
def test_two_rows_become_one_as_if_there_had_been_one(op: Op, data: st.DataObject) -> None:
    history = data.draw(histories)
    cut = data.draw(st.integers(0, len(history)))
    merged, whole = fold(folded(history[:cut]), history[cut:], person=2), folded(history)

    merged.merge(1, 2)

    if op.laws.rtol == 0.0:
        assert values(merged, op) == values(whole, op)
    for gene in genes_of(op) if op.laws.rtol else ():
        apart = np.abs(numbers(merged, gene) - numbers(whole, gene)).max()
        assert apart <= (allowance(history, gene) if gene.decayed else 0.0)
