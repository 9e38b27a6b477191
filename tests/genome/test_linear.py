"""A linear model over everybody is the weighted sum of what the gate gives of each person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.genome.plan import Plan, plan_of
from tests.genome.histories import BOTH, ONE, OTHER, THREE, TWO, Row, fold, folded, gate_of, histories, layout_of

PRICE = {gene.id for gene in layout_of().genes if gene.family == "price"}


def plan(*, price: bool = True) -> Plan:
    layout = layout_of()
    return plan_of(
        layout,
        tuple(g for g in layout.genes if g.op in {"count", "sum"} and not g.purposes and (price or g.id not in PRICE)),
    )


@given(
    history=histories,
    other=histories,
    masks=st.lists(st.sampled_from([BOTH, ONE, TWO, ONE | THREE, OTHER, 0]), min_size=4, max_size=4),
    price=st.booleans(),
)
def test_a_score_is_the_weighted_sum_of_the_genes_and_needs_what_all_of_them_need(
    history: list[Row], other: list[Row], masks: list[int], price: bool
) -> None:
    gate, asked = gate_of(fold(folded(history), other, person=3)), plan(price=price)
    at = max(row["ts"] for row in history + other) + 1
    weights = np.random.default_rng(1).normal(size=len(asked.genes))

    found = gate.linear(asked, weights, purpose="one").score(np.array(masks, np.uint64), at=at)

    need = (ONE | THREE) if price else ONE
    for person, mask in enumerate(masks):
        numbers = gate.view(person, purpose="one", effective=mask, at=at).numbers(asked)
        if (mask & need) != need or np.isnan(numbers).any():
            assert np.isnan(found[person])
        else:
            size = np.abs(weights * numbers).sum()
            assert found[person] == pytest.approx(float(weights @ numbers), abs=2e-5 * size + 1e-6)


def test_a_purpose_that_the_genome_is_not_kept_for_gives_no_score() -> None:
    gate, asked = gate_of(folded([])), plan()

    found = gate.linear(asked, np.ones(len(asked.genes)), purpose="elsewhere").score(np.full(4, BOTH, np.uint64), at=1)

    assert np.isnan(found).all()


def test_genes_that_are_no_counts_and_sums_are_refused() -> None:
    layout = layout_of()
    recency = plan_of(layout, tuple(g for g in layout.genes if g.op == "recency"))

    with pytest.raises(ValueError, match="one weight for each of its genes, which are counts and sums"):
        gate_of(folded([])).linear(recency, np.ones(len(recency.genes)), purpose="one")
