"""How long does it take, from Python, to read a person's 512 genes as they are now?

Random people of 200,000, each read through the gate with permission, decay to the moment and units.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import runner
import workload
from runner import Reach

REACH = (Reach("microseconds.p50", "<=", 1.5, "µs"), Reach("wrong", "<=", 0, "values"))
OPTIONS: dict[str, float | int | str] = {"people": 200_000, "rows": 600_000, "reads": 100_000}
PURPOSE = 1 << 5


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fold, compare a thousand vectors with the oracle, then time single reads."""
    from genom.genome import Gate, Matrix, compile_genes, load_genes  # noqa: PLC0415
    from genom.genome.plan import plan_of  # noqa: PLC0415
    from genom.words import ROW  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as temporary:
        ids = workload.declaration(Path(temporary) / "genes.yaml")
        layout = compile_genes(load_genes(Path(temporary) / "genes.yaml"), {"recommend": PURPOSE})
    matrix = Matrix(layout, asked.people)
    rows, who = workload.rows_of(ROW, asked.rows, people=asked.people)
    matrix.fold(rows, np.full(len(rows), PURPOSE, np.uint64), who)
    gate = Gate(matrix, purpose_bit=lambda _: PURPOSE, term=lambda _p, _c: "")
    plan = plan_of(layout, tuple(layout.genes[name] for name in ids))
    reader, at = gate.vector(plan, purpose="recommend"), int(rows["ts"][-1]) + 1
    few = who <= 1_000
    oracle = workload.expected(rows[few], who[few], at=at, people=1_000)
    found = np.stack([reader.read(person, effective=PURPOSE, at=at) for person in range(1_001)])
    apart = np.abs(np.nan_to_num(found) - np.nan_to_num(oracle))
    wrong = np.count_nonzero(apart > 2e-5 * np.abs(np.nan_to_num(oracle)) + 1e-6)
    random, clock = np.random.default_rng(3), time.perf_counter_ns
    taken = []
    for person in random.integers(1, asked.people + 1, asked.reads).tolist():
        begun = clock()
        reader.read(person, effective=PURPOSE, at=at)
        taken.append(clock() - begun)
    views = []
    for person in random.integers(1, asked.people + 1, asked.reads // 20).tolist():
        begun = clock()
        gate.view(person, purpose="recommend", effective=PURPOSE, at=at).numbers(plan)
        views.append(clock() - begun)
    return {
        "genes": len(ids),
        "wrong": int(wrong),
        "microseconds": {f"p{p}": round(float(np.percentile(taken, p)) / 1_000, 3) for p in (50, 90, 99)},
        "view_microseconds": {f"p{p}": round(float(np.percentile(views, p)) / 1_000, 3) for p in (50, 90, 99)},
    }


if __name__ == "__main__":
    runner.main("vector", measure, REACH, OPTIONS)
