"""How many gene updates a second does one core make, in people's rows that are in no cache?

512 genes, 200,000 people, 4,096 rows a batch: the generated kernel, the interpreter, profiles in Python dicts and
objects of River.  Each first folds a smaller history and must agree with the oracle of `workload.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import runner
import workload
from numpy.lib.recfunctions import repack_fields
from numpy.typing import NDArray
from runner import Reach

REACH = (
    Reach("generated.updates_per_second_a_core", ">=", 100_000_000, "updates/s"),
    Reach("ratio_to_dicts", ">=", 40, "times"),
    Reach("ratio_to_river", ">=", 25, "times"),
    Reach("wrong", "<=", 0, "values"),
)
OPTIONS: dict[str, float | int | str] = {
    "people": 200_000, "rows": 2_000_000, "batch": 4_096, "rival_rows": 200_000, "rival_people": 20_000, "river": "",
}  # fmt: skip
PURPOSE = 1 << 5
RIVER = "river==0.26.1"


def _kernels(directory: Path) -> tuple[Any, list[str], dict[str, Callable[..., Any]]]:
    """The compiled gene set, its gene ids, and both kernels by name."""
    from genom.genome import compile_genes, load_genes  # noqa: PLC0415 - rivals do not have it
    from genom.genome import kernel as interpreter  # noqa: PLC0415
    from genom.genome.generated import compile_kernel, serving  # noqa: PLC0415

    ids = workload.declaration(directory / "genes.yaml")
    layout = compile_genes(load_genes(directory / "genes.yaml"), {"recommend": PURPOSE})
    compile_kernel(layout)
    generated, bit, table = serving(layout, again=True).fold, np.uint64(0), layout.table
    assert generated is not None, "it was compiled a line before"
    return (
        layout,
        ids,
        {
            "generated": lambda rows, masks, who, state: generated(rows, masks, who, bit, 0, 1, table.ranges, *state),
            "interpreter": lambda rows, masks, who, state: interpreter.fold(rows, masks, who, bit, table, state),
        },
    )


def _folded(layout: Any, fold: Callable[..., Any], rows: Any, who: Any, *, people: int, batch: int, warm: int) -> Any:
    """A matrix with the rows folded, and the processor seconds of those after `warm`."""
    from genom.genome import Matrix  # noqa: PLC0415

    matrix, masks, begun = Matrix(layout, people), np.full(len(rows), PURPOSE, np.uint64), 0.0
    for start in range(0, len(rows), batch):
        if start >= warm and not begun:
            begun = time.process_time()
        part = slice(start, start + batch)
        fold(rows[part], masks[part], who[part], matrix.state)
    return matrix, time.process_time() - begun


def _wrong(found: NDArray[np.float64], oracle: NDArray[np.float64]) -> int:
    """Values that differ from the oracle by more than the law allows; nothing kept counts as zero."""
    apart = np.abs(np.nan_to_num(found) - np.nan_to_num(oracle))
    return int(np.count_nonzero(apart > 2e-5 * np.abs(np.nan_to_num(oracle)) + 1e-6))


def _read(matrix: Any, ids: list[str], *, at: int) -> NDArray[np.float64]:
    """Everybody's genes through the gate."""
    from genom.genome import Gate  # noqa: PLC0415
    from genom.genome.plan import plan_of  # noqa: PLC0415

    gate = Gate(matrix, purpose_bit=lambda _: PURPOSE, term=lambda _p, _c: "")
    plan = plan_of(matrix.layout, tuple(matrix.layout.genes[name] for name in ids))
    views = (gate.view(p, purpose="recommend", effective=PURPOSE, at=at) for p in range(matrix.people + 1))
    return np.stack([view.numbers(plan) for view in views])


def _rival(name: str, python: str, files: list[str], warm: int) -> dict[str, Any]:
    command = [python, str(Path(__file__).with_name("profile_rivals.py")), name, *files, str(warm)]
    told: dict[str, Any] = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])
    return told


def _river(given: str) -> str:
    """A Python with River: the one that is named, else an environment of its own in the user's cache; or why not."""
    if given:
        return given
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "genom-benchmarks" / RIVER
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", RIVER, "numpy"]
        done = subprocess.run(install, check=False, capture_output=True, text=True)
        if done.returncode:
            return f"skipped: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'pip failed'}"
        (place / "ready").touch()
    return str(python)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Check, then time each."""
    from genom.words import ROW  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        layout, ids, kernels = _kernels(directory)
        small, who = workload.rows_of(ROW, asked.rival_rows, people=asked.rival_people)
        at, people, warm = int(small["ts"][-1]) + 1, asked.rival_people, asked.rival_rows // 2
        updates = workload.touched(small[warm:]) / (len(small) - warm)  # a row
        oracle = workload.expected(small, who, at=at, people=people)
        figures: dict[str, Any] = {"updates_per_row": round(updates, 2), "wrong": 0}
        for fold in kernels.values():
            matrix, _ = _folded(layout, fold, small, who, people=people, batch=asked.batch, warm=0)
            figures["wrong"] += _wrong(_read(matrix, ids, at=at), oracle)
        files = [str(directory / "rows.npy"), str(directory / "who.npy")]
        np.save(files[0], repack_fields(small[["ts", "kind", "channel", "hour_of_week", "amount", "quantity"]]))
        np.save(files[1], who)
        river = _river(asked.river)
        if river.startswith("skipped"):
            figures["river"] = river
        for name, python in {"dicts": sys.executable, "river": river}.items():
            if python.startswith("skipped"):
                continue
            told = _rival(name, python, files, warm)
            answer = oracle if name == "dicts" else workload.expected(small, who, at=at, people=people, fading=False)
            figures["wrong"] += _wrong(np.load(f"{files[0]}.{name}.npy"), answer[: int(who.max()) + 1])
            figures[name] = _rates(told["rows"], told["seconds"], updates)
        rows, who = workload.rows_of(ROW, asked.rows, people=asked.people)
        for name, fold in kernels.items():
            warm = asked.rows // 2 // asked.batch * asked.batch
            _, seconds = _folded(layout, fold, rows, who, people=asked.people, batch=asked.batch, warm=warm)
            figures[name] = _rates(len(rows) - warm, seconds, updates)
    mine = figures["generated"]["updates_per_second_a_core"]
    for name in ("dicts", "river", "interpreter"):
        if isinstance(figures.get(name), dict):
            figures[f"ratio_to_{name}"] = round(mine / figures[name]["updates_per_second_a_core"], 2)
    return figures


def _rates(rows: int, seconds: float, updates: float) -> dict[str, Any]:
    return {
        "rows_per_second_a_core": round(rows / seconds),
        "updates_per_second_a_core": round(rows * updates / seconds),
    }


if __name__ == "__main__":
    runner.main("genome_kernel", measure, REACH, OPTIONS)
