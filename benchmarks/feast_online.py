"""How long does Feast take for 50 features of one entity from its SQLite store, beside ours?

Feast runs in an environment of its own, below the user's cache directory; where it cannot be installed the benchmark
says so.  Both give the same values for the same people: Genom computes them as of now, Feast reads what was written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np
import runner
import workload
from runner import Reach

REACH = (Reach("ratio_to_feast", ">=", 1, "times"), Reach("wrong", "<=", 0, "values"))
OPTIONS: dict[str, float | int | str] = {"people": 2_000, "genes": 50, "reads": 1_000, "feast": ""}
PURPOSE = 1 << 5
FEAST = "feast==0.67.0"


def feast_python(given: str) -> str:
    """A Python with Feast: the one that is named, else an environment of its own; or why there is none."""
    if given:
        return given
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "genom-benchmarks" / FEAST
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", FEAST]
        done = subprocess.run(install, check=False, capture_output=True, text=True)
        if done.returncode:
            return f"skipped: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'pip failed'}"
        (place / "ready").touch()
    return str(python)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Ours, then Feast with the values that ours gave."""
    from genom.genome import Gate, Matrix, compile_genes, load_genes  # noqa: PLC0415
    from genom.genome.plan import plan_of  # noqa: PLC0415
    from genom.words import ROW  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as temporary:
        ids = workload.declaration(Path(temporary) / "genes.yaml", genes=workload.GENES[: asked.genes])
        layout = compile_genes(load_genes(Path(temporary) / "genes.yaml"), {"recommend": PURPOSE})
    matrix = Matrix(layout, asked.people)
    rows, who = workload.rows_of(ROW, 20 * asked.people, people=asked.people)
    matrix.fold(rows, np.full(len(rows), PURPOSE, np.uint64), who)
    gate, at = Gate(matrix, purpose_bit=lambda _: PURPOSE, term=lambda _p, _c: ""), int(rows["ts"][-1]) + 1
    reader = gate.vector(plan_of(layout, tuple(layout.genes[name] for name in ids)), purpose="recommend")
    values = np.stack([reader.read(p, effective=PURPOSE, at=at).copy() for p in range(asked.people)])
    taken = []
    for person in np.random.default_rng(5).integers(0, asked.people, asked.reads).tolist():
        begun = time.perf_counter_ns()
        reader.read(person, effective=PURPOSE, at=at)
        taken.append(time.perf_counter_ns() - begun)
    mine = {f"p{p}": round(float(np.percentile(taken, p)) / 1_000, 3) for p in (50, 99)}
    figures: dict[str, Any] = {"genes": len(ids), "genom_microseconds": mine}
    oracle = workload.expected(rows, who, at=at, people=asked.people)[: asked.people, : asked.genes]
    apart = np.abs(np.nan_to_num(values) - np.nan_to_num(oracle))
    figures["wrong"] = int(np.count_nonzero(apart > 2e-5 * np.abs(np.nan_to_num(oracle)) + 1e-6))
    python = feast_python(asked.feast)
    if python.startswith("skipped"):
        return {**figures, "feast": python}
    with tempfile.TemporaryDirectory() as temporary:
        np.save(file := str(Path(temporary) / "values.npy"), values)
        command = [python, str(Path(__file__).with_name("feast_rival.py")), file, str(asked.reads)]
        told = json.loads(subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).splitlines()[-1])
    figures["wrong"] += told.pop("wrong")
    return {**figures, "feast_microseconds": told, "ratio_to_feast": round(told["p50"] / mine["p50"], 1)}


if __name__ == "__main__":
    runner.main("feast_online", measure, REACH, OPTIONS)
