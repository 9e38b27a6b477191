"""How long does a linear model over 512 genes take for a million people, and how near is that to a plain copy?

Each person's cells fade to the moment, and only those are scored who permit it.
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
from numpy.typing import NDArray
from runner import Reach

REACH = (Reach("milliseconds", "<=", 100, "ms"), Reach("wrong", "<=", 0, "scores"))
OPTIONS: dict[str, float | int | str] = {"people": 1_000_000, "times": 5}
PURPOSE = 1 << 5
DAY = 86_400_000  # ms


def _genes() -> list[dict[str, Any]]:
    """512 fading counts and sums."""
    fading = [gene for gene in workload.GENES if gene["half_life"]]
    more = [{**gene, "op": "sum", "property": "discount"} for gene in fading if gene["op"] == "count"]
    return [*fading, *more][:512]


def _filled(layout: Any, people: int) -> Any:
    """A matrix with random cells of everybody, written in pieces."""
    from genom.genome import Matrix, kernel  # noqa: PLC0415

    matrix, random = Matrix(layout, people), np.random.default_rng(1)
    some = random.random((10_000, 1, layout.decayed_cells), np.float32)
    half_lives = layout.table.half_lives
    for start in range(0, people + 1, len(some)):
        part = matrix.state.decayed[start : start + len(some)]
        part[:] = some[: len(part)]
    matrix.state.heads[:, 0, : len(half_lives)] = workload.T0 // half_lives // 32
    matrix.state.heads[:, 0, kernel.SEEN] = 1
    return matrix


def _best(call: Any, times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken))


def _copy(matrix: Any, times: int) -> float:
    """Bytes a second that a plain copy reads and writes, one thread."""
    source: NDArray[np.float32] = matrix.state.decayed.reshape(-1)[: 1 << 26]
    target = np.zeros_like(source)
    return 2 * source.nbytes / _best(lambda: np.copyto(target, source), times)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, check a thousand scores against views, then time."""
    from genom.genome import Gate, compile_genes, load_genes  # noqa: PLC0415
    from genom.genome.plan import plan_of  # noqa: PLC0415
    from genom.genome.threads import threads  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as temporary:
        ids = workload.declaration(Path(temporary) / "genes.yaml", genes=_genes(), ring=2)
        layout = compile_genes(load_genes(Path(temporary) / "genes.yaml"), {"recommend": PURPOSE})
    matrix = _filled(layout, asked.people)
    gate = Gate(matrix, purpose_bit=lambda _: PURPOSE, term=lambda _p, _c: "")
    plan = plan_of(layout, tuple(layout.genes[name] for name in ids))
    weights, at = np.random.default_rng(2).normal(size=len(ids)), workload.T0 + 3 * DAY
    model, effective = gate.linear(plan, weights, purpose="recommend"), np.full(asked.people + 1, PURPOSE, np.uint64)
    scores, reader = model.score(effective, at=at), gate.vector(plan, purpose="recommend")
    wrong = 0
    for person in range(0, asked.people, max(1, asked.people // 1_000)):
        numbers = reader.read(person, effective=PURPOSE, at=at)
        wrong += abs(scores[person] - weights @ numbers) > 2e-5 * (np.abs(weights) @ np.abs(numbers)) + 1e-6
    seconds = _best(lambda: model.score(effective, at=at), asked.times)
    read = matrix.state.decayed.nbytes + matrix.state.heads.nbytes
    copy = _copy(matrix, asked.times)
    return {
        "genes": len(ids),
        "threads": threads(),
        "wrong": int(wrong),
        "milliseconds": round(1_000 * seconds, 2),
        "gigabytes_per_second": round(read / seconds / 1e9, 1),
        "copy_gigabytes_per_second": round(copy / 1e9, 1),
    }


if __name__ == "__main__":
    runner.main("linear_scan", measure, REACH, OPTIONS)
