"""Lint finds what costs more than it tells, and is silent about what has not been measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.genome import Genes, declare, load_genes
from genom.genome.filters import KIND_SLOTS, Filter
from genom.genome.lint import RULES, Measured, alike, lint, masked
from genom.genome.ring_rows import passing
from tests.genome.histories import BOTH, ONE, TWO, Row, event, layout_of, paid, rows, rows_of
from tests.genome.oracle_filters import FILTERS, NAMED, meets

BITS = {"one": ONE, "two": TWO, "three": 1 << 15}
GENES = layout_of().genes


def code(_property: str, name: str) -> int:
    return NAMED.get(name, 0)


def findings(measured: Measured, genes: Genes = GENES) -> dict[str, set[str]]:
    """Rule → the genes that it names."""
    found: dict[str, set[str]] = {rule: set() for rule in RULES}
    for one in lint(genes, measured):
        assert set(one.why) == {"en", "de"}
        assert one.why["en"] != one.why["de"]
        found[one.rule].add(one.gene)
    return found


EVERY = {gene.id for gene in GENES}


def test_what_nothing_reads_is_unused_and_the_inputs_of_a_formula_are_used_with_it() -> None:
    found = findings(Measured(used=["value.some.expression"]))

    assert found["unused"] == EVERY - {
        "value.some.expression", "value.each.expression", "price.coupon_lines.count.lifetime",
        "value.spent.sum.lifetime", "rhythm.events.count.lifetime",
    }  # fmt: skip


def test_what_nobody_has_is_never_filled_but_only_once_somebody_was_looked_at() -> None:
    known = dict.fromkeys(EVERY - {"value.first.first"}, 3)

    assert findings(Measured(used=EVERY))["never_filled"] == set()
    assert findings(Measured(used=EVERY, people=5, known=known))["never_filled"] == {"value.first.first"}


def test_genes_that_go_along_are_named_with_the_earlier_one() -> None:
    steps = np.arange(50.0)
    values = np.column_stack([steps, steps % 7, 5 - 2 * steps, np.where(steps < 40, np.nan, steps), np.ones(50)])

    assert alike(["a", "b", "c", "few", "flat"], values) == {"c": ("a", -1.0)}
    found = findings(Measured(used=EVERY, alike={"value.first.first": ("value.last.last", 0.9995)}))
    assert found["collinear"] == {"value.first.first"}


def test_more_than_two_purposes_need_a_reason() -> None:
    content: dict[str, Any] = {
        "purposes": ["a", "b", "c"],
        "rings": dict.fromkeys(("events", "items", "messages", "declared"), 8),
        "filters": {"any": Filter()},
        "genes": [
            {"family": "value", "name": name, "op": "count", "label": {"en": name, "de": name}, "purposes": purposes}
            for name, purposes in (("all", []), ("two", ["a", "b"]), ("three", ["c", "a", "b"]))
        ],
    }
    genes = declare(content)

    found = findings(Measured(used={gene.id for gene in genes}), genes)

    assert found["many_purposes"] == {"value.all.count.lifetime", "value.three.count.lifetime"}


def test_events_without_permission_are_counted_for_the_worst_purpose_of_each_gene() -> None:
    history = [paid(5, id=n, mask=BOTH if n < 7 else ONE) for n in range(10)] + [event(kind=1, id=11, mask=BOTH)]

    shares = masked(GENES, rows_of(history), BITS, code)

    assert shares["value.spent.sum.7d"] == pytest.approx(0.3)
    assert shares["rhythm.one.count.lifetime"] == 0.0, "it is kept for the first purpose alone"
    assert shares["rhythm.events.count.7d"] == pytest.approx(3 / 11)
    assert shares["rhythm.lines.count.30d"] == 0.0, "no line, no share"
    assert "rhythm.orders.gap_mean" not in shares
    assert findings(Measured(used=EVERY, masked=shares))["masked"] >= {"value.spent.sum.7d", "rhythm.events.count.7d"}


def test_a_family_that_needs_a_purpose_also_needs_both_bits() -> None:
    history = [event(id=n, mask=ONE | TWO) for n in range(4)] + [event(id=9, mask=BOTH)]

    assert masked(GENES, rows_of(history), BITS, code)["price.channels.distinct.7d"] == 0.0, "no row is among its own"
    late = [row | {"channel": 1, "hour_of_week": 20} for row in history]
    assert masked(GENES, rows_of(late), BITS, code)["price.channels.distinct.7d"] == pytest.approx(0.8)


CHOSEN = {gene.filter_name: gene.rows for gene in GENES if not gene.base_name}


@given(history=st.lists(rows, min_size=1, max_size=6), name=st.sampled_from(sorted(CHOSEN)))
def test_the_rows_that_are_looked_at_are_those_of_the_filter(history: list[Row], name: str) -> None:
    found = passing(rows_of(history), CHOSEN[name], code)

    for row, passed in zip(history, found.tolist(), strict=True):
        assert row["kind"] >= KIND_SLOTS or passed == meets(FILTERS[name], row), "facts of Genom's own feed no gene"


def test_the_standard_genome_has_no_finding_that_needs_no_measurement() -> None:
    genes = load_genes()

    assert lint(genes, Measured(used={gene.id for gene in genes})) == ()
