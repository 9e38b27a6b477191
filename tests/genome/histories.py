"""Histories of one person as lists of rows, and what the kernel and the gate make of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from genom.genome import Gate, Layout, Matrix, Read, View, compile_genes, load_genes
from genom.words import ROW, Channel, Flag, Kind
from tests.genome.oracle import CELLS, DAY, HOUR, term
from tests.genome.oracle_filters import NAMED

Row = dict[str, int]

T0 = 1_700_000_000_000  # 2023-11-14, unix ms
Y2100 = 4_102_444_800_000
ONE, TWO, OTHER = 1 << 3, 1 << 40, 1 << 63  # bits of the two purposes of a genome, and of one that it does not have
THREE = 1 << 15  # of the purpose that the family price needs also
BOTH = ONE | TWO | THREE
KINDS = [
    Kind.ORDER_COMPLETED, Kind.PRODUCT_VIEWED, Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED, Kind.ORDER_REFUNDED,
    Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED, Kind.COUPON_REDEEMED, Kind.OTHER,
    Kind.PREFERENCE_LIKED, Kind.PREFERENCE_DISLIKED, Kind.PREFERENCE_WITHDRAWN, Kind.ATTRIBUTE_DECLARED, Kind.DECISION,
]  # fmt: skip
DECLARABLE = [1 << 16, 1 << 16 | 3, 1 << 16 | 4, 1 << 16 | 9, 2 << 16 | 1]  # numbers of attributes and values
NO_EVENT: Row = {
    "ts": T0, "id": 1, "line": 0, "kind": Kind.ORDER_COMPLETED, "channel": Channel.WEB, "flags": 0, "hour_of_week": 30,
    "category_1": 0, "category_2": 0, "item": 0, "amount": 0, "discount": 0, "quantity": 0, "mask": BOTH,
    "source": 0, "device": 0,
}  # fmt: skip


def event(ts: int = T0, kind: int = Kind.ORDER_COMPLETED, **fields: int) -> Row:
    """A row; its id is its time unless one is given."""
    return NO_EVENT | {"ts": ts, "kind": kind, "id": ts + 1} | fields


def paid(amount: float, ts: int = T0, **fields: int) -> Row:
    """An order with an amount in the reporting currency."""
    return event(ts, **({"amount": round(amount * 1_000_000), "flags": Flag.AMOUNT} | fields))


@lru_cache
def layout_of(name: str = "small") -> Layout:
    """The small gene set of the tests, or the standard genome, with the test's purpose bits."""
    genes = load_genes(Path(__file__).with_name("small.yaml") if name == "small" else None)
    return named(compile_genes(genes, dict(zip(genes.every_purpose, (ONE, TWO, THREE), strict=True))))


def named(layout: Layout) -> Layout:
    """The same, where the categories that filters name have their codes."""
    for category, code in NAMED.items():
        for property in ("category_1", "category_2"):
            layout.name_code(property, category, code)
    return layout


def rows_of(history: Sequence[Row]) -> NDArray[np.void]:
    """Rows as the journal holds them."""
    rows = np.zeros(len(history), ROW)
    for name in NO_EVENT:
        rows["id_low" if name == "id" else name] = [row.get(name, 0) for row in history]
    return rows


def fold(matrix: Matrix, history: Sequence[Row], *, person: int = 1) -> Matrix:
    """Fold a history into a person's row."""
    rows = rows_of(history)
    matrix.fold(rows, rows["mask"].copy(), np.full(len(rows), person, np.int64))
    return matrix


def folded(history: Sequence[Row], *, genes: str = "small", people: int = 3) -> Matrix:
    """A new matrix in which person 1 has this history."""
    return fold(Matrix(layout_of(genes), people), history)


def memory(matrix: Matrix, person: int = 1, *columns: int) -> list[bytes]:
    """All that is kept of a person, to the byte, for all purposes or for some; -0.0 is 0.0."""
    rows = [part[person] for name, part in matrix.dump(matrix.people).items() if not name.startswith("popularity")]
    return [(row[column] + 0).tobytes() for row in rows for column in columns or (0, 1)]


def gate_of(matrix: Matrix) -> Gate:
    """A gate that knows the two purposes, and one that the genome is not kept for."""
    bits = dict(zip(matrix.layout.genes.every_purpose, (ONE, TWO, THREE), strict=True)) | {"elsewhere": OTHER}
    return Gate(matrix, purpose_bit=bits.__getitem__, term=term)


def view(matrix: Matrix, *, column: int = 0, at: int = Y2100, person: int = 1, effective: int = BOTH) -> View:
    """What may be read of a person for the first or the second purpose."""
    purpose = matrix.layout.genes.purposes[column]
    return gate_of(matrix).view(person, purpose=purpose, effective=effective, at=at)


def read(history: Sequence[Row], gene_id: str, *, at: int = T0, **how: Any) -> Read:
    """One gene of a history at a moment."""
    matrix = folded(history)
    return view(matrix, at=at, **how).read(matrix.layout.genes[gene_id])


def value(history: Sequence[Row], gene_id: str, *, at: int = T0) -> Any:
    """The value of one gene of a history at a moment."""
    return read(history, gene_id, at=at).value


_money = st.integers(-2_000, 5_000_000).map(lambda cents: cents * 10_000)
_times = st.one_of(
    st.sampled_from([0, 1, T0, T0, T0 + 1, T0 + HOUR, T0 - DAY, Y2100 - 1]),
    st.integers(-72, 72).map(lambda hours: T0 + hours * HOUR // 2),
    st.integers(T0 - 900 * DAY, T0 + 900 * DAY),
    st.integers(0, Y2100 - 1),
)
_ids = st.one_of(
    st.integers(0, 1), st.integers(0, 3), st.sampled_from([2**63 - 1, 2**63, 2**64 - 1]), st.integers(0, 2**64 - 1)
)


def _codes(name: str) -> st.SearchStrategy[int]:
    return st.sampled_from([0, 1, 2, CELLS[name] - 1, CELLS[name], 65_535])


rows = st.fixed_dictionaries(
    {
        "ts": _times,
        "id": _ids,
        "line": st.sampled_from([0, 0, 1, 2, 65535]),
        "kind": st.one_of(st.just(int(Kind.ORDER_COMPLETED)), st.sampled_from([int(kind) for kind in KINDS])),
        "channel": st.integers(0, 8),
        "flags": st.one_of(st.just(int(Flag.AMOUNT)), st.integers(0, 255)),
        "hour_of_week": st.integers(0, 167),
        "category_1": _codes("category_1"),
        "category_2": _codes("category_2"),
        "item": st.one_of(st.integers(0, 3), st.sampled_from([2**64 - 1, *DECLARABLE])),
        "source": st.sampled_from([0, 0, 1, 3, 65_535]),
        "device": st.sampled_from([0, 0, 1, 2, 2, 3, 6, 7, 8, 255]),
        "amount": _money,
        "discount": _money,
        "quantity": st.sampled_from([0, 1000, 2000, 500, -1000, 10**9]),
        "mask": st.sampled_from([BOTH, BOTH, ONE, TWO, ONE | TWO, ONE | THREE, THREE, OTHER, BOTH | OTHER, 0]),
    }
)
"""One row of any kind: ties, late and extreme times, refunds, codes out of range, any permission."""

histories = st.lists(rows, min_size=1, max_size=25, unique_by=lambda row: (row["ts"], row["id"], row["line"]))
"""What may arrive of one person, after dedupe."""
