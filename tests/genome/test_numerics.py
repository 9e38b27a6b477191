"""Three years of a life in float32: every decayed value is within what L1 allows of the exact sum in float64.

By the interpreter and by the generated kernel, in order and late, of one profile and of two that turn out to be one
person.  A few lives here; `make soak` has more of them, with up to a hundred events a day (110,000 a life), and other
lives at each run.
"""

from __future__ import annotations

import math
import os
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from genom.genome import Gate, Layout, Matrix, compile_genes, load_genes
from genom.words import ROW, Flag, Kind
from tests.genome.histories import ONE, T0, layout_of
from tests.genome.oracle import DAY, HOUR
from tests.genome.test_generated import interpreted, prepared

YEARS = 3 * 365 * DAY
SPANS = {f"{n}h": n * HOUR for n in (1, 2, 6, 12)} | {f"{n}d": n * DAY for n in (1, 2, 7, 14, 30, 90, 180, 365)}
RTOL, FLOOR = 2e-5, 1e-6  # of the decayed sum of absolute values, and in the gene's unit
LATER = (1, HOUR, DAY, 30 * DAY, 365 * DAY)  # ms after the last event
CELLS = 5
BATCH = 4_096

Floats = NDArray[np.float64]


@lru_cache
def layout(directory: Path) -> Layout:
    """Counts, sums with refunds, and cells of a histogram, for every half-life."""
    about = {"family": "rhythm", "of": "order", "over": list(SPANS), "label": {"en": "x", "de": "x"}}
    genes = [
        {**about, "name": "n", "op": "count"},
        {**about, "name": "spent", "op": "sum", "property": "amount"},
        {**about, "name": "kinds", "op": "histogram", "property": "category_1"},
    ]
    rings = {"events": 2, "items": 2, "messages": 2, "declared": 2}
    filters = {"order": {"kinds": ["ORDER_COMPLETED"]}, "any": {}}
    said = {"purposes": ["one"], "rings": rings, "filters": filters, "genes": genes}
    (directory / "genes.yaml").write_text(yaml.safe_dump(said), "utf-8")
    return compile_genes(load_genes(directory / "genes.yaml"), {"one": ONE})


def life(random: np.random.Generator, *, a_day: float) -> NDArray[np.void]:
    """Orders and refunds over three years, in bursts and at random, the amounts from cents to thousands."""
    count = max(2, random.poisson(a_day * 3 * 365))
    rows = np.zeros(count, ROW)
    bursts = random.integers(0, YEARS, max(1, count // 20))
    near = random.choice(bursts, count) + random.exponential(6 * HOUR, count).astype(np.int64)
    rows["ts"] = T0 + np.sort(np.where(random.random(count) < 0.5, near % YEARS, random.integers(0, YEARS, count)))
    rows["known_at"], rows["id_low"] = rows["ts"], np.arange(1, count + 1)
    rows["kind"], rows["flags"] = Kind.ORDER_COMPLETED, int(Flag.AMOUNT)
    rows["amount"] = (random.lognormal(3, 2, count) * 1e6).astype(np.int64) * random.choice([1, 1, 1, -1], count)
    rows["category_1"] = 1 + random.integers(0, CELLS, count)
    return rows


def errors(matrix: Matrix, person: int, rows: NDArray[np.void], *, at: int) -> dict[str, float]:
    """How far each value is off, as a part of what is allowed."""
    gate = Gate(matrix, purpose_bit=lambda _: ONE, term=lambda _, code: str(code))
    genes = matrix.layout.genes
    view = gate.view(person, purpose="one", effective=ONE, at=at)
    found = {}
    for span, half_life in SPANS.items():
        weights = np.exp2((rows["ts"] - at) / half_life)
        paid = weights * rows["amount"] * 1e-6
        found[f"n {span}"] = off(value(view, genes[f"rhythm.n.count.{span}"]), weights)
        found[f"spent {span}"] = off(value(view, genes[f"rhythm.spent.sum.{span}"]), paid)
        cells = view.read(genes[f"rhythm.kinds.histogram.{span}"]).cells or {}
        for cell in range(1, CELLS + 1):
            mine = np.where(rows["category_1"] == cell, weights, 0.0)
            found[f"kinds {span} {cell}"] = off(cells.get(str(cell), 0.0), mine)
    return found


def value(view: Any, gene: Any) -> float:
    return float(view.read(gene).value or 0.0)


def off(measured: float, parts: Floats) -> float:
    """The difference as a part of the allowed one; 1 is the limit."""
    return abs(measured - math.fsum(parts)) / (RTOL * math.fsum(np.abs(parts)) + FLOOR)


@dataclass(frozen=True, slots=True)
class Way:
    """How the events of a life come."""

    late: float = 0.0  # part of them that arrives later than others that happened after it
    parted: bool = False  # they come from two profiles, which are linked half-way


WAYS = {
    "in order": Way(),
    "late": Way(late=0.3),
    "all late": Way(late=1.0),
    "parted": Way(parted=True),
    "late and parted": Way(late=0.3, parted=True),
}
KERNELS = {"interpreter": interpreted, "generated": nullcontext}
each_kernel = pytest.mark.parametrize("kernel", KERNELS)


def worst(layout: Layout, rates: list[float], *, seed: int, way: Way, kernel: str) -> tuple[float, str]:
    """The largest error of several lives, and where it was."""
    random = np.random.default_rng(seed)
    lives = [life(random, a_day=rate) for rate in rates]
    rows = np.concatenate(lives)
    persons = np.repeat(np.arange(1, len(rates) + 1), [len(one) for one in lives])
    delays = np.where(random.random(len(rows)) < way.late, random.exponential(20 * DAY, len(rows)), 0.0)
    arrival = np.argsort(rows["ts"] + delays, kind="stable")
    rows, persons = rows[arrival], persons[arrival]
    half = len(rows) // 2
    others = persons[:half] + len(rates) * (random.random(half) < 0.5) * way.parted
    with KERNELS[kernel](layout):
        matrix = Matrix(layout, 2 * len(rates))
        assert (matrix.interpreted == "") == (kernel == "generated")
        fold(matrix, rows[:half], others)
        for person in range(1, len(rates) + 1) if way.parted else ():
            matrix.merge(person, person + len(rates))
        fold(matrix, rows[half:], persons[half:])
    last = int(rows["ts"].max())
    found = {
        f"{name} of person {person}, {at - last} ms later, seed {seed}": error
        for person, one in enumerate(lives, 1)
        for at in (last + later for later in LATER)
        for name, error in errors(matrix, person, one, at=at).items()
    }
    where = max(found, key=found.__getitem__)
    return found[where], where


def fold(matrix: Matrix, rows: NDArray[np.void], persons: NDArray[np.int64]) -> None:
    for start in range(0, len(rows), BATCH):
        part = slice(start, start + BATCH)
        matrix.fold(rows[part], np.full(len(rows[part]), ONE, np.uint64), persons[part])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The genes with their compiled kernel."""
    return prepared(layout(tmp_path_factory.mktemp("numerics")))


@each_kernel
@pytest.mark.parametrize("way", ["in order", "late and parted"])
def test_three_years_stay_within_what_the_law_allows_for_every_half_life(both: Layout, way: str, kernel: str) -> None:
    error, where = worst(both, [0.14, 1.0, 8.0], seed=1, way=WAYS[way], kernel=kernel)

    assert error <= 1.0, where


def test_every_half_life_of_the_standard_genome_is_among_them() -> None:
    used = {*layout_of("standard").table.half_lives.tolist()}

    assert used <= {*SPANS.values()}
    assert (min(SPANS.values()), max(SPANS.values())) == (HOUR, 365 * DAY)


def test_the_limit_is_near_enough_to_notice_a_weight_that_is_a_thousandth_too_small(tmp_path: Path) -> None:
    rows = life(np.random.default_rng(5), a_day=1.0)
    matrix = Matrix(layout(tmp_path), 1)
    matrix.fold(rows, np.full(len(rows), ONE, np.uint64), np.ones(len(rows), np.int64))
    matrix.state.decayed[1] *= np.float32(0.999)

    found = errors(matrix, 1, rows, at=int(rows["ts"].max()) + 1)

    assert all(found[f"n {span}"] > 10 for span in SPANS)


@pytest.mark.soak
@each_kernel
@pytest.mark.parametrize("way", WAYS)
def test_many_lives_of_three_years_stay_within_it(both: Layout, way: str, kernel: str, record_property: Any) -> None:
    rates = [float(rate) for rate in np.logspace(np.log10(0.14), 2, 12)]
    seed = int.from_bytes(os.urandom(4), "little")

    error, where = worst(both, rates, seed=seed, way=WAYS[way], kernel=kernel)

    record_property("part_of_what_is_allowed", error)
    print(f"the largest error is {error:.3f} of what is allowed: {where}")
    assert error <= 1.0, where
