"""What machine code makes of the rings of many people is what the op's function makes of each one's, to the bit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from genom.genome import numeric_genes
from genom.genome.cells_many import SEVERAL
from genom.genome.ops import RING_OF, Reading
from genom.genome.plan import plan_of
from genom.genome.program import RING_RECORD
from genom.genome.ring_many import FUNCTIONS, numbers_of
from genom.words import Kind
from tests.genome.histories import DAY, T0, layout_of

KINDS = [
    Kind.ORDER_COMPLETED, Kind.PRODUCT_VIEWED, Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED, Kind.CAMPAIGN_RECEIVED,
    Kind.CAMPAIGN_OPENED,
]  # fmt: skip
LENGTHS = (0, 1, 2, 3, 7, 8, 9, 17, 64, 127, 128, 129, 137, 300, 513, 1023, 1024)
"""Ends of the blocks in which floats are added up among them."""


def ring(random: np.random.Generator, length: int) -> NDArray[np.void]:
    """Records as a ring has them, oldest first: ties, visits, gaps of weeks, lines without items or amounts."""
    records = np.zeros(length, RING_RECORD)
    gaps = random.choice([0, 1, 60_000, 1_799_999, 1_800_000, DAY, 7 * DAY, 12_345_678_901], length)
    records["ts"] = T0 + np.cumsum(gaps)
    records["kind"] = random.choice(KINDS[: random.integers(1, len(KINDS) + 1)], length)
    records["item"] = random.choice(np.array([0, 1, 2, 2**64 - 1, *range(5, 5 + length // 2)], np.uint64), length)
    records["category_2"] = random.choice([0, 1, 2, 65_535], length)
    records["amount"] = random.integers(-(10**10), 10**12, length)
    records["priced"] = random.integers(0, 2, length)
    return records


def alone(name: str, records: NDArray[np.void], passes: NDArray[np.bool_] | None, at: int) -> float:
    """What the op's function says of one ring."""
    reading = Reading(
        at=at, property="", decayed=None, integers=(), ring=records, length=0, term=lambda _p, code: str(code),
        passes=passes,
    )  # fmt: skip
    value = RING_OF[name].function(reading)
    return value if isinstance(value, float) else np.nan


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("seed", range(4))
def test_rings_of_many_say_what_each_of_them_says(name: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    rings = [ring(random, length) for length in (*LENGTHS, *random.integers(0, 40, 20))]
    records, starts = np.concatenate(rings), np.cumsum([0, *map(len, rings)])
    filtered = name == "since_last" or (RING_OF[name].takes_rows and seed % 2 == 1)
    passes = random.random(len(records)) < (0.5, 0.05)[seed // 2]
    at = int(records["ts"].max()) + int(random.integers(0, 3 * DAY))

    found = numbers_of(name, records, starts, passes if filtered else None, at=at)

    parts = [slice(first, last) for first, last in pairwise(starts)]
    expected = [alone(name, records[part], passes[part] if filtered else None, at) for part in parts]
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.isfinite(expected).any()


def test_every_function_that_gives_a_number_has_its_machine_code() -> None:
    assert set(FUNCTIONS) == {name for name, known in RING_OF.items() if not known.text}


def test_every_gene_that_stands_in_no_single_cell_is_read_of_many() -> None:
    layout = layout_of("standard")
    others = [gene for _, gene in plan_of(layout, numeric_genes(layout.genes)).others]

    assert {gene.op for gene in others} <= {*SEVERAL, "ring"}
    assert {gene.function for gene in others if gene.op == "ring"} <= {*FUNCTIONS}


@pytest.mark.parametrize("name", RING_OF)
def test_what_is_said_not_to_move_says_the_same_later(name: str) -> None:
    random = np.random.default_rng(3)
    told = [
        [RING_OF[name].function(reading_at(records, at, name)) for at in (T0 + 10_000 * DAY, T0 + 10_400 * DAY)]
        for records in (ring(random, length) for length in (2, 8, 32, 32, 64))
    ]

    assert any(before != after for before, after in told) == RING_OF[name].moves


def reading_at(records: NDArray[np.void], at: int, name: str) -> Reading:
    return Reading(
        at=at, property="", decayed=None, integers=(), ring=records, length=3, term=lambda _p, code: str(code),
        passes=records["kind"] == Kind.PRODUCT_VIEWED if name == "since_last" else None,
    )  # fmt: skip
