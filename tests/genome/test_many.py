"""The numbers of many people by one call are what each one's view gives, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import Layout, Matrix, numeric_genes
from genom.genome.plan import plan_of
from tests.genome.histories import BOTH, ONE, OTHER, THREE, TWO, Y2100, Row, fold, gate_of, histories, layout_of, paid
from tests.genome.test_windows import windowed

MASKS = [BOTH, ONE, TWO, THREE, ONE | THREE, OTHER, 0, 2**64 - 1]


@pytest.mark.parametrize("layout", [layout_of(), windowed()], ids=["for ever", "with windows"])
@settings(max_examples=60)
@given(
    past=st.lists(histories, min_size=1, max_size=4),
    masks=st.lists(st.sampled_from(MASKS), min_size=6, max_size=6),
    purpose=st.sampled_from(["one", "two", "elsewhere"]),
    later=st.sampled_from([0, 1, 86_400_000, 40 * 86_400_000]),
)
def test_many_people_are_read_as_each_of_them(
    layout: Layout, past: list[list[Row]], masks: list[int], purpose: str, later: int
) -> None:
    matrix = Matrix(layout, 6)
    for person, history in enumerate(past, 1):
        fold(matrix, history, person=person)
    at = max(row["ts"] for history in past for row in history) + later
    gate, plan = gate_of(matrix), plan_of(layout, numeric_genes(layout.genes))
    who, effective = np.array([2, 1, 5, 3, 4, 6]), np.array(masks, np.uint64)

    found = gate.numbers(plan, who, purpose=purpose, effective=effective, at=at)

    for row, person, mask in zip(found, who.tolist(), masks, strict=True):
        view = gate.view(person, purpose=purpose, effective=mask, at=at)
        assert np.array_equal(row, view.numbers(plan), equal_nan=True)


def test_nobody_is_nobody() -> None:
    layout = layout_of()
    gate, plan = gate_of(fold(Matrix(layout, 3), [paid(5)])), plan_of(layout, numeric_genes(layout.genes))

    found = gate.numbers(plan, np.zeros(0, np.int64), purpose="one", effective=np.zeros(0, np.uint64), at=Y2100)

    assert found.shape == (0, len(plan.genes[: plan.shown]))
