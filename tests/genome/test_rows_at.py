"""Point-in-time rows: nothing known at or after their moment (law L9), and the same as a read of the past."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.genome import Cell, Columns, known_before, numeric_genes, refold, rows_at
from genom.genome.plan import plan_of
from tests.genome.histories import BOTH, ONE, T0, Y2100, Row, event, folded, gate_of, layout_of, rows, rows_of, view
from tests.genome.oracle import DAY

BITS = dict(zip(layout_of().genes.every_purpose, (ONE, 1 << 40, 1 << 15), strict=True))
moments = st.lists(st.sampled_from([0, 1, T0, T0 + 1, T0 + DAY, Y2100]), min_size=1, max_size=3)


def columns() -> Columns:
    layout = layout_of()
    cells = next(gene.id for gene in layout.genes if gene.op == "histogram" and gene.property == "category_2")
    return Columns(layout, numeric_genes(layout.genes), (Cell(cells, 1), Cell(cells, 2)))


def asked(history: list[Row], late: list[int], at: list[int], **how: object) -> np.ndarray:
    """Rows of person 7, whose events became known `late` ms after they happened."""
    journal = rows_of(history)
    journal["known_at"] = journal["ts"] + np.resize(late or [0], len(journal))
    masks = how.get("masks", journal["mask"].copy())
    return rows_at(
        layout_of(), journal, masks, np.full(len(journal), 7, np.int64),
        pairs=(np.full(len(at), 7, np.int64), np.array(at, np.int64)), effective=np.full(len(at), BOTH, np.uint64),
        purpose=layout_of().genes.purposes[0], purpose_bit=BITS.__getitem__, columns=columns(),
    )  # fmt: skip


@given(st.lists(rows, max_size=12), st.lists(st.integers(0, 3 * DAY), min_size=1, max_size=4), moments)
def test_what_comes_at_or_after_the_moment_changes_nothing(history: list[Row], late: list[int], at: list[int]) -> None:
    journal = rows_of(history)
    known = np.maximum(journal["ts"], journal["ts"] + np.resize(late, len(journal)))

    for moment, row in zip(at, asked(history, late, at), strict=True):
        before = [event for event, k in zip(history, known, strict=True) if k < moment]
        lag = [int(k) - event["ts"] for event, k in zip(history, known, strict=True) if k < moment]
        np.testing.assert_array_equal(row, asked(before, lag or [0], [moment])[0])


@given(st.lists(rows, max_size=12), moments)
def test_a_row_is_what_a_read_of_the_past_gives(history: list[Row], at: list[int]) -> None:
    journal = rows_of(history)
    journal["known_at"] = journal["ts"]

    for moment, row in zip(at, asked(history, [0], at), strict=True):
        chosen = known_before(journal, moment)
        past = refold(layout_of(), journal[chosen], journal["mask"][chosen])
        gate = gate_of(past)
        seen = gate.view(1, purpose=layout_of().genes.purposes[0], effective=BOTH, at=moment)
        np.testing.assert_allclose(row, columns().read(seen), rtol=2e-4, atol=1e-3)


@given(st.lists(rows, max_size=12), st.sampled_from([BOTH, ONE, 0]))
def test_many_numbers_at_once_are_those_read_one_by_one(history: list[Row], effective: int) -> None:
    genes = numeric_genes(layout_of().genes)
    seen = view(folded(history), effective=effective)

    one_by_one = [read.value if isinstance(read.value, float) else np.nan for read in map(seen.read, genes)]

    np.testing.assert_array_equal(seen.numbers(plan_of(layout_of(), genes)), one_by_one)


@given(st.lists(rows, min_size=1, max_size=8))
def test_a_row_without_the_purposes_is_as_if_it_never_was(history: list[Row]) -> None:
    """Masks that a caller restricts restrict what is seen (P19)."""
    masks = rows_of(history)["mask"].copy()
    masks[::2] = 0

    seen = asked(history, [0], [Y2100], masks=masks)

    np.testing.assert_array_equal(seen, asked(history[1::2], [0], [Y2100]))


def test_each_person_and_moment_has_its_own_row() -> None:
    layout, history = layout_of(), [{"ts": T0 + day * DAY} for day in range(3)]

    journal = rows_of([event(one["ts"]) for one in history])
    journal["known_at"] = journal["ts"]
    genes = tuple(g for g in layout.genes if g.op == "count" and not g.decayed and not g.filter.kinds)[:1]
    found = rows_at(
        layout, journal, journal["mask"].copy(), np.array([5, 9, 5]),
        pairs=(np.array([9, 5, 5, 4]), np.array([Y2100, Y2100, T0 + DAY, Y2100])),
        effective=np.full(4, BOTH, np.uint64), purpose=layout.genes.purposes[0], purpose_bit=BITS.__getitem__,
        columns=Columns(layout, genes),
    )  # fmt: skip

    assert found[:3, 0].tolist() == [1.0, 2.0, 1.0]
    assert np.isnan(found[3]).all()


@given(
    st.lists(st.tuples(st.sampled_from([3, 5, 9]), rows), max_size=20),
    st.lists(st.tuples(st.sampled_from([3, 5, 9, 11]), st.sampled_from([0, T0, T0 + 1, T0 + DAY, Y2100])), max_size=9),
)
def test_persons_asked_about_together_are_as_if_asked_about_alone(
    history: list[tuple[int, Row]], pairs: list[tuple[int, int]]
) -> None:
    journal, who = rows_of([row for _, row in history]), np.array([person for person, _ in history], np.int64)
    journal["known_at"] = journal["ts"]

    def found(rows: np.ndarray, persons: np.ndarray, asked: list[tuple[int, int]]) -> np.ndarray:
        return rows_at(
            layout_of(), rows, rows["mask"].copy(), persons,
            pairs=(np.array([who for who, _ in asked], np.int64), np.array([at for _, at in asked], np.int64)),
            effective=np.full(len(asked), BOTH, np.uint64), purpose=layout_of().genes.purposes[0],
            purpose_bit=BITS.__getitem__, columns=columns(),
        )  # fmt: skip

    together = found(journal, who, pairs)

    for row, pair in zip(together, pairs, strict=True):
        mine = who == pair[0]
        np.testing.assert_allclose(row, found(journal[mine], who[mine], [pair])[0], rtol=2e-4, atol=1e-3)


def test_genes_in_cells_are_read_as_a_view_reads_them() -> None:
    """One compiled call for all genes of a person, if none of them needs more than cells."""
    layout = layout_of()
    genes = tuple(g for g in layout.genes if g.op in {"count", "sum", "recency"} and g.is_number)
    journal = rows_of([event(T0 + day * DAY) for day in range(4)])
    journal["known_at"], persons = journal["ts"], np.array([5, 9, 5, 9])
    pairs = np.array([9, 5, 5]), np.array([T0 + 2 * DAY, Y2100, T0 + DAY])

    def found(columns: Columns, effective: int) -> np.ndarray:
        return rows_at(
            layout, journal, journal["mask"].copy(), persons, pairs=pairs,
            effective=np.full(3, effective, np.uint64), purpose=layout.genes.purposes[0],
            purpose_bit=BITS.__getitem__, columns=columns,
        )  # fmt: skip

    with_a_cell = columns()
    cell = Cell(with_a_cell.names[-1].partition("[")[0], 1)
    for effective in (BOTH, ONE, 0):
        through_views = found(Columns(layout, genes, (cell,)), effective)[:, : len(genes)]
        np.testing.assert_array_equal(found(Columns(layout, genes), effective), through_views)
