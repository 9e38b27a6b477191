"""Genes in SQL: DuckDB computes from a table of events what the kernel and the gate give (law L3)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.errors import BadRequest
from genom.genome import Genes, Matrix, Read, View, known_before
from genom.genome.formula import evaluate, parse
from genom.genome.ops import HASHED, OPS, RING_OF
from genom.genome.sql import Asked, events_of, genes_sql, portable, ring_values, rings_sql, schema_sql
from genom.genome.sql.formulas import formula_sql
from genom.genome.windows import Windows
from genom.words import Kind
from tests.genome.histories import (
    BOTH,
    ONE,
    T0,
    THREE,
    TWO,
    Row,
    event,
    gate_of,
    histories,
    layout_of,
    paid,
    rows_of,
)  # fmt: skip
from tests.genome.oracle import CELLS, DAY, Answer, cell_name, expected, term
from tests.genome.oracle_filters import NAMED

GOLDEN = Path(__file__).with_name("genes.sql")
LATER = [1, 2, 3_600_000, 30 * DAY, 400 * DAY]
TERMS = [
    (name, code, term(name, code))
    for name in ("category_1", "category_2")
    for code in (1, 2, 3, 4, CELLS[name] - 1, CELLS[name], 65_535)
]
BITS = dict(zip(("one", "two", "three"), (ONE, TWO, THREE), strict=True))


def asked_for(genes: Genes, column: int, at: int, **how: Any) -> Asked:
    bits = dict(zip(genes.every_purpose, (ONE, TWO, THREE), strict=True))
    return Asked(
        purpose=genes.purposes[column], at=at, bits=bits, code=lambda _property, name: NAMED.get(name, 0), **how
    )


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(schema_sql())
    codes = pa.table(dict(zip(("property", "code", "term"), map(list, zip(*TERMS, strict=True)), strict=True)))
    connection.register("given", codes)
    connection.execute("INSERT INTO terms SELECT * FROM given")
    return connection


def fill(database: duckdb.DuckDBPyConnection, people: Sequence[list[Row]], effective: Sequence[int]) -> None:
    """Tables with the histories of persons 1, 2, … and what each permits."""
    everything = rows_of([row for history in people for row in history])
    everything["known_at"] = everything["ts"]
    persons = np.repeat(np.arange(1, len(people) + 1), [len(history) for history in people])
    permits = {"person": np.arange(1, len(people) + 1), "effective": np.array(effective, np.uint64)}
    for table, columns in (
        ("events", events_of(everything, everything["mask"].copy(), persons)),
        ("permissions", permits),
    ):
        database.execute(f"DELETE FROM {table}")
        database.register("given", pa.table(columns))
        database.execute(f"INSERT INTO {table} SELECT * FROM given")


def folded(genes: str, people: Sequence[list[Row]], at: int) -> Matrix:
    """The kernel's state of the same people, of what was known before a moment."""
    matrix = Matrix(layout_of(genes), len(people))
    for person, history in enumerate(people, 1):
        rows = rows_of(history)
        rows["known_at"] = rows["ts"]
        chosen = rows[known_before(rows, at)]
        matrix.fold(chosen, chosen["mask"].copy(), np.full(len(chosen), person, np.int64))
    return matrix


def answers(database: duckdb.DuckDBPyConnection, genes: Genes, asked: Asked, **how: Any) -> dict[int, dict[str, Any]]:
    found = database.execute(genes_sql(genes, asked, **how)).to_arrow_table().to_pylist()
    return {row.pop("person"): row for row in found}


def cells_of(gene_property: str, cells: Any) -> dict[str, float] | None:
    """A map of SQL as the gate names its cells."""
    hashed = gene_property in HASHED
    named = {f"bucket {c}" if hashed else cell_name(gene_property, c): w for c, w in cells or ()}
    return named or None


def assert_same(read: Read, found: Mapping[str, Any], answer: Answer) -> None:
    """SQL's value is the gate's, within what the op's laws allow of the decayed sum of absolute values."""
    gene, laws, value = read.gene, OPS[read.gene.op].laws, found[read.gene.id]
    if gene.op == "histogram":
        mine, theirs = cells_of(gene.property, value) or {}, read.cells or {}
        for name in mine.keys() | theirs.keys():
            assert mine.get(name, 0.0) == pytest.approx(theirs.get(name, 0.0), rel=laws.rtol, abs=laws.floor)
        return
    if answer.faint:
        return
    if isinstance(value, float) and isinstance(read.value, float):
        exact = not gene.decayed and gene.op != "expression"
        allowed = 1e-12 * max(abs(value), answer.weight) if exact else laws.rtol * max(answer.weight, abs(value))
        assert abs(value - read.value) <= allowed + (1e-9 if exact else laws.floor), gene.id
    else:
        assert value == read.value, gene.id


def view_of(matrix: Matrix, column: int, *, person: int, effective: int, at: int) -> View:
    purpose = matrix.layout.genes.purposes[column]
    return gate_of(matrix).view(person, purpose=purpose, effective=effective, at=at)


def assert_all_same(
    database: duckdb.DuckDBPyConnection, name: str, people: Sequence[list[Row]], effective: Sequence[int], at: int
) -> None:
    genes = layout_of(name).genes
    matrix, able = folded(name, people, at), {gene for gene, why in portable(genes).items() if not why}
    fill(database, people, effective)
    for column, bit in enumerate((ONE, TWO)):
        found = answers(database, genes, asked_for(genes, column, at))
        for person, permits in enumerate(effective, 1):
            assert found[person]["permitted"] == bool(permits & bit)
            before = [row for row in people[person - 1] if row["ts"] < at]
            for read in view_of(matrix, column, person=person, effective=permits, at=at):
                if read.gene.id not in able:
                    continue
                if read.gene.formula:
                    assert_computed(read, found[person])
                else:
                    assert_same(read, found[person], expected(read.gene, before, bit=bit, at=at, rings=genes.rings))


def assert_computed(read: Read, found: Mapping[str, Any]) -> None:
    """A formula is what Python makes of the values that SQL gives its genes, which are compared on their own."""
    assert read.gene.formula, "an expression has a formula"
    inputs = {name: math.nan if found[name] is None else float(found[name]) for name in read.gene.inputs}
    means = float(evaluate(read.gene.formula, inputs))

    if all(found[name] is None for name in found if name.endswith(".count.lifetime")):  # nobody has any event
        assert found[read.gene.id] is None
        return
    expects = None if read.state == "withheld" or math.isnan(means) else means
    assert found[read.gene.id] == (None if expects is None else pytest.approx(expects, rel=1e-12, abs=1e-15))


people_ = st.lists(
    st.tuples(histories, st.sampled_from([BOTH, BOTH, ONE, TWO, ONE | THREE, THREE, 0])), min_size=1, max_size=4
)


@settings(max_examples=20)
@given(people=people_, later=st.sampled_from(LATER))
def test_every_op_of_the_core_is_in_sql_what_it_is_in_the_kernel(
    database: duckdb.DuckDBPyConnection, people: list[tuple[list[Row], int]], later: int
) -> None:
    moment = max(row["ts"] for history, _ in people for row in history) + later

    assert_all_same(database, "small", [history for history, _ in people], [permits for _, permits in people], moment)


def ring_reads(database: duckdb.DuckDBPyConnection, genes: Genes, asked: Asked) -> dict[str, dict[int, Any]]:
    """Each gene of a ring: SQL fetches the records, the op's own function computes."""
    fetched = database.execute(rings_sql(genes, asked)).fetchnumpy()
    columns = {name: np.asarray(column) for name, column in fetched.items()}
    rings = [gene for gene in genes if gene.function in RING_OF]
    return {gene.id: ring_values(genes, gene, columns, asked=asked, term=term) for gene in rings}


@settings(max_examples=20)
@given(people=people_, later=st.sampled_from(LATER))
def test_genes_of_rings_are_computed_from_the_records_that_sql_fetches(
    database: duckdb.DuckDBPyConnection, people: list[tuple[list[Row], int]], later: int
) -> None:
    rows, permits = [history for history, _ in people], [mask for _, mask in people]
    at = max(row["ts"] for history in rows for row in history) + later
    genes, matrix = layout_of().genes, folded("small", rows, at)
    fill(database, rows, permits)

    for column in (0, 1):
        found = ring_reads(database, genes, asked_for(genes, column, at))
        for person, mask in enumerate(permits, 1):
            view = view_of(matrix, column, person=person, effective=mask, at=at)
            for name, values in found.items():
                assert values.get(person) == view.read(genes[name]).value, name


def test_a_ring_gene_that_is_kept_for_one_purpose_has_no_values_for_the_other(
    database: duckdb.DuckDBPyConnection,
) -> None:
    genes = layout_of().genes
    fill(database, [[paid(5), paid(7, T0 + DAY)]], [BOTH])
    gene, found = replace(genes["value.orders.mean_amount"], purposes=("one",)), []

    for column in (0, 1):
        asked = asked_for(genes, column, T0 + 2 * DAY)
        fetched = database.execute(rings_sql(genes, asked)).fetchnumpy()
        columns = {name: np.asarray(one) for name, one in fetched.items()}
        found.append(ring_values(genes, gene, columns, asked=asked, term=term))

    assert found == [{1: 6.0}, {}]


def test_the_standard_genome_of_a_small_shop_is_the_same(database: duckdb.DuckDBPyConnection) -> None:
    lines = [
        event(T0 + n * DAY, line=line, id=n + 1, category_1=2, category_2=2 + line, item=1 + n % 3,
              quantity=1000 * line, amount=(5 + n) * 1_000_000, flags=17, discount=500_000,
              channel=1 + n % 5, hour_of_week=(n * 31) % 168)
        for n in range(40) for line in range(3)
    ]  # fmt: skip
    seen = [
        event(T0 + n * DAY + n, kind=kind, id=90 + n, channel=1 + n % 8, hour_of_week=n % 168)
        for n, kind in enumerate([*[int(k) for k in Kind if k < 60]] * 2)
    ]

    assert_all_same(database, "standard", [lines, seen, lines + seen], [BOTH, BOTH, ONE | THREE], T0 + 200 * DAY)


def only(database: duckdb.DuckDBPyConnection, gene: str, at: int, **how: Any) -> Any:
    genes = layout_of().genes
    return answers(database, genes, asked_for(genes, 0, at, **how), only=(gene,))[1][gene]


def test_what_happens_or_becomes_known_at_the_moment_does_not_count(database: duckdb.DuckDBPyConnection) -> None:
    fill(database, [[paid(5, T0), paid(7, T0 + 10)]], [BOTH])

    assert [only(database, "value.spent.sum.lifetime", at) for at in (T0, T0 + 1, T0 + 10, T0 + 11)] == [None, 5, 5, 12]


def test_events_beyond_the_purpose_s_read_window_do_not_count(database: duckdb.DuckDBPyConnection) -> None:
    fill(database, [[paid(5, T0), paid(7, T0 + 10 * DAY)]], [BOTH])
    short = {"windows": Windows({ONE: 7})}

    assert only(database, "value.spent.sum.lifetime", T0 + 11 * DAY) == 12
    assert only(database, "value.spent.sum.lifetime", T0 + 11 * DAY, **short) == 7


def test_a_window_may_be_that_of_a_kind(database: duckdb.DuckDBPyConnection) -> None:
    fill(database, [[paid(5, T0), event(T0, Kind.PAGE_VIEWED)]], [BOTH])
    by_kind = {ONE: tuple(0 if kind == Kind.ORDER_COMPLETED else 7 for kind in range(256))}
    counts = [
        only(database, "rhythm.events.count.lifetime", T0 + 11 * DAY, windows=windows)
        for windows in (Windows({}), Windows({ONE: 7}, by_kind), Windows({ONE: 7}))
    ]

    assert counts == [2, 1, None]


@pytest.mark.parametrize(("effective", "value"), [(BOTH, 1), (ONE, None), (THREE, None), (0, None)])
def test_a_family_with_a_second_purpose_needs_both(
    database: duckdb.DuckDBPyConnection, effective: int, value: int | None
) -> None:
    fill(database, [[event(category_2=2, source=3, channel=1)]], [effective])

    assert only(database, "price.sourced.count.lifetime", T0 + 1) == value


def test_a_gene_outside_the_core_is_refused_by_name_with_the_reason() -> None:
    genes = layout_of().genes

    with pytest.raises(BadRequest, match=r"rhythm\.orders\.gap_mean") as refused:
        genes_sql(genes, asked_for(genes, 0, T0), only=("rhythm.orders.gap_mean",))

    assert "rings_sql" in str(refused.value)
    assert "-- not here: rhythm.orders.gap_mean: " in genes_sql(genes, asked_for(genes, 0, T0))


def test_a_formula_over_a_ring_is_refused_too() -> None:
    gene, genes = layout_of().genes["value.each.expression"], layout_of().genes
    ring = replace(gene, id="value.odd.expression", formula=parse("rhythm.orders.gap_mean + 1"))

    reasons = portable(Genes([*genes, ring], genes.purposes, genes.rings, also=genes.also))

    assert reasons["value.odd.expression"] == "its formula reads rhythm.orders.gap_mean, which SQL cannot compute"


@pytest.mark.parametrize(("change", "why"), [({"dialect": "oracle"}, "oracle"), ({"purpose": "none"}, "none")])
def test_an_unknown_dialect_or_purpose_is_refused(change: dict[str, str], why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        Asked(**{"purpose": "one", "at": 0, "bits": BITS} | change)


def test_names_from_outside_stay_names(database: duckdb.DuckDBPyConnection) -> None:
    fill(database, [[paid(5)]], [BOTH])
    genes, evil = layout_of().genes, 'value.x"; DROP TABLE events; --'
    odd = Genes([replace(genes["value.spent.sum.lifetime"], id=evil)], genes.purposes, genes.rings)

    assert answers(database, odd, asked_for(genes, 0, T0 + 1))[1][evil] == 5
    assert database.execute("SELECT COUNT(*) FROM events").fetchone() == (1,)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 / 0", None), ("log1p(0 - 1)", None), ("log1p(0 - 2)", None), ("log1p(1)", math.log(2)),
        ("1e308 * 10", None), ("coalesce(1 / 0, 4)", 4), ("min(1, 1 / 0)", None), ("max(3, 2, 5)", 5),
        ("clip(7, 1, 5)", 5), ("-(2) + 3 * 0.1", -1.7), ("2 >= 2", 1), ("2 != 2", 0), ("(1 / 0) > 1", None),
    ],
)  # fmt: skip
def test_what_is_unknown_in_a_formula_is_null(
    database: duckdb.DuckDBPyConnection, formula: str, value: float | None
) -> None:
    found = database.execute(f"SELECT {formula_sql(parse(formula), str)}").fetchone()

    assert found == (value if value is None else pytest.approx(value, rel=1e-15),)
    assert np.isnan(evaluate(parse(formula), {})) == (value is None)


def test_the_text_of_a_query_changes_only_on_purpose() -> None:
    """To accept a change, write the query into tests/genome/genes.sql."""
    genes = layout_of().genes
    chosen = (
        "value.spent.sum.30d", "value.order.mean.lifetime", "channels.first.first", "channels.mix.histogram.30d",
        "price.sourced.count.lifetime", "rhythm.mixed.count.1y", "value.each.expression",
    )  # fmt: skip

    assert genes_sql(genes, asked_for(genes, 0, T0), only=chosen) + "\n" == GOLDEN.read_text("utf-8")
