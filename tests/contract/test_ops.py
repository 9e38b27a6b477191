"""Every op keeps the laws that it declares, and declares no fewer than it keeps."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.errors import BadConfiguration
from genom.genome import Gene, Matrix, ops
from genom.genome.ops import OPS, RING_OF, Op, Storage
from genom.genome.ops.base import CODES, FORMS
from genom.genome.parts import parts_of
from genom.genome.predictions import prediction_gene
from genom.genome.sql import portable
from genom.words import Kind
from tests.genome import oracle
from tests.genome.histories import T0, Row, event, fold, folded, histories, layout_of, paid, view
from tests.genome.oracle import DAY, HOUR
from tests.genome.test_genes import gene as line_of
from tests.genome.test_genes import loaded

KEPT = {name: op for name, op in OPS.items() if op.storage is not Storage.NONE}  # the others keep no state
every_op = pytest.mark.parametrize("op", KEPT.values(), ids=KEPT.keys())
few = settings(max_examples=25)
UNDECLARED = {"prediction"}  # questions bring their genes
AT = 4_102_444_800_000  # the year 2100, unix ms


def genes_of(op: Op) -> list[Gene]:
    """The genes of the small set that are of this op."""
    return [gene for gene in layout_of().genes if gene.op == op.name]


def values(matrix: Matrix, op: Op, at: int = AT) -> list[object]:
    """What the gate reads of an op's genes."""
    reads = [view(matrix, at=at).read(gene) for gene in genes_of(op)]
    return [(read.state, read.value, tuple(sorted((read.cells or {}).items()))) for read in reads]


def numbers(matrix: Matrix, gene: Gene, at: int = AT) -> np.ndarray:
    """What a gene keeps, as numbers that can be added and taken away."""
    kept, places = view(matrix, at=at).state(), layout_of().parts[gene.id]
    cells = kept.decayed if gene.decayed else kept.integers
    if not cells.size:
        cells = np.zeros(max(place.start + place.size for place in places), np.int64)
    found = np.concatenate([cells[place.start : place.start + place.size] for place in places])
    if gene.op == "variance" and not gene.decayed:  # two words of a square
        low, high = found[:2].tolist()
        return np.array([float((high << 64) + low % 2**64), *found[2:].tolist()])
    return np.asarray(found, np.float64)


def allowance(history: list[Row], gene: Gene, at: int = AT) -> np.ndarray:
    """How far two ways of counting may differ: rtol of the decayed sum of absolute values, and the floor."""
    absolute = [row | {name: abs(row[name]) for name in ("amount", "discount", "quantity")} for row in history]
    return OPS[gene.op].laws.rtol * numbers(folded(absolute), gene, at) + OPS[gene.op].laws.floor


def test_every_op_stands_in_the_table_under_its_own_name_and_every_code_has_an_op() -> None:
    assert all(OPS[name].name == name for name in OPS)
    codes = [code for form in FORMS.values() for code in (form.decayed, form.lifetime) if code]
    assert sorted(codes) == sorted(CODES)
    assert {kept.form for op in OPS.values() for kept in op.keeps} | {"hashed"} == set(FORMS)


def test_every_op_is_in_the_portable_core_of_sql_or_says_why_it_is_not() -> None:
    reasons = portable(layout_of().genes)
    outside = {gene.op for gene in layout_of().genes if reasons[gene.id]}
    inside = {gene.op for gene in layout_of().genes if not reasons[gene.id]}

    assert inside | outside == set(OPS) - UNDECLARED
    assert outside == {"ring", "declared"}


FILES = [importlib.import_module(one.name) for one in pkgutil.iter_modules(ops.__path__, f"{ops.__name__}.")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__.rpartition(".")[2])
def test_every_file_of_ops_has_a_worked_example_that_runs(file: ModuleType) -> None:
    found = [one for one in doctest.DocTestFinder(exclude_empty=True).find(file) if one.examples]

    assert found
    for one in found:
        assert doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(one).failed == 0, one.name


def test_every_op_stands_in_a_file_of_ops() -> None:
    homes = {name: [file.__name__ for file in FILES if op in vars(file).values()] for name, op in OPS.items()}

    assert all(homes.values()), homes


def test_the_oracle_answers_for_every_op_and_every_function() -> None:
    quotients, others = {"ratio", "share"}, {"ring", "declared", "expression"}

    assert set(oracle.OPS) | quotients | others == set(OPS) - UNDECLARED
    assert set(RING_OF) <= {*oracle.RINGS, *oracle.OF_SOME, "declared"}


def test_what_the_person_said_may_be_written_as_a_function_of_a_ring_as_it_was_before(tmp_path: Path) -> None:
    def older(content: dict[str, Any]) -> None:
        line_of(content, "taste", "size").update(op="ring", function="declared")

    assert loaded(tmp_path, older)["taste.size.declared"] == layout_of().genes["taste.size.declared"]


def test_no_file_declares_a_prediction(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="a model computes it"):
        loaded(tmp_path, lambda content: line_of(content, "rhythm", "event").update(op="prediction"))


def test_the_gene_of_a_question_is_a_prediction_and_keeps_nothing() -> None:
    found = prediction_gene("stays", family="lifecycle", label={"en": "Stays", "de": "Bleibt"})

    assert OPS[found.op].name == "prediction"
    assert parts_of(layout_of().genes, found) == ()


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
        apart = np.abs(numbers(arrived, gene) - numbers(other, gene))
        assert np.all(apart <= (allowance(history, gene) if gene.decayed else 0.0))


@pytest.mark.parametrize("op", [op for op in KEPT.values() if op.laws.idempotent], ids=lambda op: op.name)
@given(data=st.data())
@few
def test_an_idempotent_op_counts_the_same_event_once(op: Op, data: st.DataObject) -> None:
    history = data.draw(histories)
    again = data.draw(st.lists(st.sampled_from(history)))

    assert values(folded(history + again), op) == values(folded(history), op)


@pytest.mark.parametrize("op", [op for op in KEPT.values() if not op.laws.idempotent], ids=lambda op: op.name)
def test_an_op_that_is_not_idempotent_says_so_because_it_counts_twice(op: Op) -> None:
    """One of two events comes again: what is a mean or a share leans towards it."""
    once = [*PURCHASE, *[row | {"ts": row["ts"] + HOUR, "channel": 5, "amount": 7 * row["amount"]} for row in PURCHASE]]

    assert values(folded(once + PURCHASE), op, T0 + DAY) != values(folded(once), op, T0 + DAY)


PURCHASE = [paid(5, discount=10**6), event(line=1, quantity=1000, category_1=1, category_2=1, item=4)]


@pytest.mark.parametrize("op", [op for op in KEPT.values() if op.laws.invertible], ids=lambda op: op.name)
@given(data=st.data())
@few
def test_what_an_invertible_op_added_can_be_taken_out_again(op: Op, data: st.DataObject) -> None:
    history = data.draw(histories)
    cut = data.draw(st.integers(0, len(history)))
    at = max(row["ts"] for row in history)
    whole, kept, gone = folded(history), folded(history[:cut]), folded(history[cut:])

    for gene in genes_of(op):
        left = numbers(whole, gene, at) - numbers(gone, gene, at)
        exact = 1e-15 * np.abs(numbers(whole, gene, at))  # integers beyond 2^53 are compared as floats
        assert np.all(np.abs(left - numbers(kept, gene, at)) <= 2 * allowance(history, gene, at) + 1e-6 + exact)


@pytest.mark.parametrize("op", [op for op in KEPT.values() if not op.laws.invertible], ids=lambda op: op.name)
def test_an_op_that_is_not_invertible_says_so_because_it_forgets_what_it_replaced(op: Op) -> None:
    """Two pasts that differ become one and the same by what follows, so nothing can take it out again."""
    other = [
        row | {"ts": row["ts"] + DAY, "amount": 7, "discount": 7, "channel": 2, "category_2": 7} for row in PURCHASE
    ]
    likes = [event(kind=Kind.PREFERENCE_LIKED, category_2=code) for code in (2, 3)]
    pasts, lines = [[*PURCHASE, likes[0]], [*other, likes[1]]], (0, 1)
    what = [{"item": 9}, {"item": 4, "category_2": 1}, {"item": 4, "category_2": 7}]
    after = [event(AT - HOUR + n, line=line, id=n, flags=1, **what[n % 3]) for n in range(60) for line in lines]
    after += [event(AT - 60_000 + n, Kind.PREFERENCE_LIKED, category_2=4 + n) for n in range(2)]
    before = [event(n, line=line, id=n, category_1=9, flags=1) for n in range(2) for line in lines]

    soon = T0 + 7 * DAY + HOUR  # a window of seven days has lost the first past and not yet the other
    assert values(folded(pasts[0]), op, soon) != values(folded(pasts[1]), op, soon)
    assert values(folded(before + pasts[0] + after), op) == values(folded(before + pasts[1] + after), op)


@pytest.mark.parametrize("op", [op for op in KEPT.values() if op.laws.rtol], ids=lambda op: op.name)
def test_a_tolerance_is_declared_only_where_rounding_depends_on_the_order(op: Op) -> None:
    history = [row | {"ts": row["ts"] + n * n * 977_531, "id": n} for n in range(200) for row in PURCHASE]

    forwards, backwards, at = folded(history), folded(history[::-1]), history[-1]["ts"] + 1

    apart = {g.id: not np.array_equal(*(numbers(m, g, at) for m in (forwards, backwards))) for g in genes_of(op)}
    assert any(apart[g.id] for g in genes_of(op) if g.decayed)
    assert not any(apart[g.id] for g in genes_of(op) if not g.decayed)


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
        apart = np.abs(numbers(merged, gene) - numbers(whole, gene))
        assert np.all(apart <= (allowance(history, gene) if gene.decayed else 0.0))
