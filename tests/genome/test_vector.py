"""A person's numbers by one compiled call are what the view gives one by one, and no more is permitted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.genome.plan import Plan, plan_of
from tests.genome.histories import BOTH, ONE, OTHER, THREE, TWO, Y2100, Row, folded, gate_of, histories, layout_of, paid

CELLS = {"count", "sum", "recency", "mean", "ratio", "share"}


def plan() -> Plan:
    layout = layout_of()
    return plan_of(layout, tuple(gene for gene in layout.genes if gene.op in CELLS))


@given(
    history=histories,
    at=st.integers(0, Y2100),
    effective=st.sampled_from([BOTH, ONE, TWO, THREE, ONE | THREE, OTHER, 0, 2**64 - 1]),
    purpose=st.sampled_from(["one", "two", "elsewhere"]),
    person=st.sampled_from([1, 1, 1, 2]),
)
def test_a_vector_is_bit_for_bit_what_the_view_gives_and_what_each_gene_says(
    history: list[Row], at: int, effective: int, purpose: str, person: int
) -> None:
    gate, at = gate_of(folded(history)), max(at, *(row["ts"] for row in history), 0)
    asked = plan()

    found = gate.vector(asked, purpose=purpose).read(person, effective=effective, at=at)

    view = gate.view(person, purpose=purpose, effective=effective, at=at)
    assert np.array_equal(found, view.numbers(asked), equal_nan=True)
    one_by_one = [view.read(gene).value for gene in asked.genes]  # by each op's own words, not by compiled code
    expected = [value if isinstance(value, float) else np.nan for value in one_by_one]
    assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_what_was_read_before_does_not_change_with_the_next_read() -> None:
    reader = gate_of(folded([paid(5)])).vector(plan(), purpose="one")
    first = reader.read(1, effective=BOTH, at=Y2100)
    before = first.copy()

    reader.read(2, effective=BOTH, at=Y2100)

    assert np.array_equal(first, before, equal_nan=True)


def test_genes_that_stand_in_no_cell_are_refused() -> None:
    layout = layout_of()
    rings = plan_of(layout, (layout.genes["rhythm.orders.gap_mean"],))

    with pytest.raises(ValueError, match=r"rhythm\.orders\.gap_mean stands in no cell"):
        gate_of(folded([])).vector(rings, purpose="one")
