"""Formulas: what they mean, what they refuse, and that one at a time is the same as many at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import BadConfiguration
from genom.genome import Columns
from genom.genome.formula import Call, FormulaError, Name, Node, Number, evaluate, names, parse
from tests.genome.histories import BOTH, T0, event, folded, layout_of, paid, read, value, view
from tests.genome.oracle import DAY
from tests.genome.test_genes import loaded

GIVEN = {"a.x": 6.0, "a.y": 4.0, "a.none": math.nan}


def computed(text: str, **given: float) -> float:
    return float(evaluate(parse(text), GIVEN | given))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a.x + a.y * 2", 14.0),
        ("(a.x + a.y) * 2", 20.0),
        ("a.x - a.y - 1", 1.0),
        ("a.x / a.y / 2", 0.75),
        ("-a.x + 2", -4.0),
        ("2 * -a.y", -8.0),
        ("--a.y", 4.0),
        ("a.x > a.y", 1.0),
        ("a.x <= a.y", 0.0),
        ("a.x == 6", 1.0),
        ("a.x != 6", 0.0),
        ("a.x - 2 >= a.y", 1.0),
        ("min(a.x, a.y, 5)", 4.0),
        ("max(a.x, a.y)", 6.0),
        ("clip(a.x, 0, 5)", 5.0),
        ("clip(-3, 0, 5)", 0.0),
        ("log1p(a.x)", math.log(7)),
        ("coalesce(a.none, a.y)", 4.0),
        ("coalesce(a.x, a.none)", 6.0),
        ("1.5e2 + 0.5", 150.5),
        ("(a.x > 5) * 10 + (a.y > 5) * 1", 10.0),
    ],
)
def test_what_a_formula_means(text: str, means: float) -> None:
    assert computed(text) == pytest.approx(means, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    ["a.none", "a.none + 1", "0 * a.none", "a.none > 1", "a.none == a.none", "min(a.none, 1)", "max(1, a.none)",
     "clip(a.none, 0, 1)", "1 / 0", "0 / 0", "log1p(-1)", "log1p(-2)", "1e308 * 10", "1 / (1e308 * 10)", "1 / 0 > 3",
     "coalesce(a.none, 1 / 0)"],
)  # fmt: skip
def test_what_is_not_known_stays_unknown(text: str) -> None:
    assert math.isnan(computed(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "ends"), ("1 +", "ends"), ("(1", "')' is missing"), ("1)", "')' is not expected"), ("a.x b", "'b' is not"),
        ("min(1)", "2 to 16 values and was given 1"), ("log1p(1, 2)", "takes 1 values"),
        ("sqrt(2)", "no function 'sqrt'"), ("a.x $ 2", "'$ 2' at character 5"), ("* 2", "'*' stands where"),
        ("30d", "'30d'"), ("__import__('os')", "at character 12"), ("__import__(1)", "no function '__import__'"),
        ("a.x.__class__", ""), ("(" * 70 + "1" + ")" * 70, "64 deep"), ("1" + "+1" * 400, "longer"), ("a . x", "'. x'"),
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_with_its_place(text: str, says: str) -> None:
    if not says:  # a name like any other: no gene has it
        assert names(parse(text)) == (text,)
        return
    with pytest.raises(FormulaError) as caught:
        parse(text)

    assert says in str(caught.value)


numbers = st.one_of(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), st.just(math.nan), st.just(0.0))
trees: st.SearchStrategy[Node] = st.recursive(
    st.one_of(st.floats(0, 1e6).map(lambda x: Number(float(round(x, 3)))), st.sampled_from([Name(n) for n in GIVEN])),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="]), st.tuples(inner, inner)),
        st.tuples(st.sampled_from(["min", "max", "coalesce"]), st.tuples(inner, inner)),
        st.tuples(st.just("clip"), st.tuples(inner, inner, inner)),
        st.tuples(st.sampled_from(["log1p", "negative"]), st.tuples(inner)),
    ).map(lambda call: Call(*call)),
    max_leaves=12,
)


def written(tree: Node) -> str:
    """A tree as text, with every bracket."""
    if isinstance(tree, Number):
        return f"{tree.value!r}"
    if isinstance(tree, Name):
        return tree.gene
    of = [written(part) for part in tree.of]
    if tree.function == "negative":
        return f"(-{of[0]})"
    return f"{tree.function}({', '.join(of)})" if tree.function[0].isalpha() else f"({of[0]} {tree.function} {of[1]})"


@given(tree=trees)
def test_what_is_written_is_read_as_the_same_tree(tree: Node) -> None:
    assert parse(written(tree)) == tree


def meant(tree: Node, given: dict[str, float]) -> float:
    """The value of a tree in plain Python."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return given[tree.gene]
    parts = [meant(part, given) for part in tree.of]
    if tree.function == "coalesce":
        return next((part for part in parts if not math.isnan(part)), math.nan)
    if any(map(math.isnan, parts)):
        return math.nan
    try:
        found = float(MEANT[tree.function](*parts))
    except (ZeroDivisionError, OverflowError, ValueError):
        return math.nan
    return found if math.isfinite(found) else math.nan


MEANT: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "negative": lambda a: -a, "min": min, "max": max,
    "log1p": math.log1p, "clip": lambda x, low, high: min(max(x, low), high),
}  # fmt: skip


@given(tree=trees, rows=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_many_at_once_are_each_alone_and_what_python_says(tree: Node, rows: list[tuple[float, float]]) -> None:
    each = [{"a.x": x, "a.y": y, "a.none": math.nan} for x, y in rows]

    columns = {name: np.array([one[name] for one in each]) for name in GIVEN}

    for together, values in zip(np.broadcast_to(evaluate(tree, columns), len(rows)), each, strict=True):
        alone = float(evaluate(tree, values))
        assert together == alone or (math.isnan(alone) and math.isnan(together))
        assert alone == pytest.approx(meant(tree, values), rel=1e-12, abs=1e-12, nan_ok=True)


def test_an_expression_reads_the_genes_at_the_moment_of_the_view() -> None:
    history = [paid(10), event(T0 + 1), event(T0 + DAY)]

    assert value(history, "value.each.expression") == pytest.approx(10 / 3)
    assert value(history, "value.some.expression") == 1.0
    assert value(history, "lifecycle.fresh.expression", at=T0 + 11 * DAY) == pytest.approx(math.log1p(10))
    assert read([event(kind=1)], "lifecycle.fresh.expression").state == "unknown"


def test_a_batch_reads_expressions_that_it_shows_and_that_others_read() -> None:
    layout, matrix = layout_of(), folded([paid(10), event(T0 + 1)])
    some, each = (layout.genes[f"value.{name}.expression"] for name in ("some", "each"))

    alone, both = (Columns(layout, genes).read(view(matrix, at=T0 + 2)) for genes in ((some,), (some, each, some)))

    assert alone.tolist() == [1.0]
    assert both.tolist() == [1.0, 5.0, 1.0]


def test_an_expression_over_what_is_withheld_is_withheld_also_where_it_would_step_in() -> None:
    layout, matrix = layout_of(), folded([paid(10)])
    refused = view(matrix, effective=BOTH & ~(1 << 15))
    some = layout.genes["value.some.expression"]

    assert refused.read(some).state == "withheld"
    assert np.isnan(Columns(layout, (some,)).read(refused)).all()


def circle(first: str, second: str) -> Callable[[dict[str, Any]], Any]:
    def change(content: dict[str, Any]) -> None:
        for name, formula in (("a", first), ("b", second)):
            line = {"family": "value", "name": name, "op": "expression", "formula": formula, "unit": "x"}
            content["genes"].append(line | {"label": {"en": name, "de": name}})

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (circle("value.a.expression", "1"), "computed from itself: value.a.expression → value.a.expression"),
        (circle("value.b.expression + 1", "2 * value.a.expression"), "value.a.expression → value.b.expression →"),
        (circle("value.spnt.sum.7d", "1"), "unknown gene 'value.spnt.sum.7d'"),
        (circle("channels.mix.histogram.30d", "1"), "not a number"),
        (circle("taste.last.last", "1"), "not a number"),
        (circle("taste.lines.last_categories", "1"), "not a number"),
        (circle("rhythm.one.count.lifetime", "1"), "purposes: [one]"),
        (circle("1 +", "1"), "the formula '1 +'"),
    ],
)
def test_an_expression_that_cannot_be_computed_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    with pytest.raises(BadConfiguration) as caught:
        loaded(tmp_path, change)

    assert says in str(caught.value)


def test_an_unknown_gene_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"did you mean 'value\.spent\.sum\.7d'"):
        loaded(tmp_path, circle("value.spnt.sum.7d", "1"))


def test_a_long_ladder_of_expressions_is_checked_at_once(tmp_path: Path) -> None:
    """Each reads the one before twice: a check without a memory would take 2^60 steps."""

    def ladder(content: dict[str, Any]) -> None:
        for n in range(60):
            formula = f"value.s{n - 1}.expression + value.s{n - 1}.expression" if n else "1"
            line = {"family": "value", "name": f"s{n}", "op": "expression", "formula": formula, "unit": "x"}
            content["genes"].append(line | {"label": {"en": f"{n}", "de": f"{n}"}})

    assert len(loaded(tmp_path, ladder)) > 60
