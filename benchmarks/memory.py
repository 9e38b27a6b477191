"""How much memory do a million people with 1,000 genes take, alone and while a new state is taken in?

800 float32 cells, 200 integers of eight bytes, one ring of 32 events for one purpose, and an identifier each: the
node's own world, every cell filled; then its state file is written, and a second world takes it in beside the first.
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

REACH = (
    Reach("resident_gigabytes", "<=", 8, "GB"),
    Reach("swap_gigabytes", "<=", 18, "GB"),
    Reach("wrong", "<=", 0, "values"),
)
OPTIONS: dict[str, float | int | str] = {"people": 1_000_000}
PURPOSE = 1 << 5
FADING, WHOLE = 800, 200


def _genes() -> list[dict[str, Any]]:
    """800 fading genes and 200 for ever."""
    every = [gene for gene in workload.GENES if gene["op"] == "count"]
    every += [{**gene, "op": "sum", "property": prop} for prop in ("amount", "discount") for gene in every]
    lasting = [{**gene, "half_life": 0} for gene in every]
    unique = {(gene["of"], gene["op"], gene["property"]): gene for gene in lasting}
    return [*[gene for gene in every if gene["half_life"]][:FADING], *list(unique.values())[:WHOLE]]


def _memory(word: str) -> float:
    """Gigabytes of this process by a word of /proc/self/status."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(word)) * 1024 / 1e9


def _world(layout: Any, people: int) -> Any:
    from genom.app.directory import Secrets  # noqa: PLC0415
    from genom.app.world import World  # noqa: PLC0415
    from genom.settings import Settings  # noqa: PLC0415

    secrets = Secrets(**dict.fromkeys(("message", "identity", "item", "public", "vault", "seed"), bytes(16)))
    return World(layout, secrets, Settings(people_max=people + 1), popularity_bit=0)


def _fill(world: Any, people: int) -> None:
    """Profiles with an identifier each, and every cell of everybody, in pieces."""
    random, state = np.random.default_rng(1), world.matrix.state
    for start in range(1, people + 1, 10_000):
        numbers = np.arange(start, min(start + 10_000, people + 1))
        keys = random.integers(1, 2**63, (len(numbers), 2)).astype(np.uint64)
        world.profiles.adopt_all(numbers, ["user_id"] * len(numbers), keys)
        rows = slice(start, start + len(numbers))
        state.decayed[rows] = random.random(state.decayed.shape[1:], np.float32)
        state.integers[rows] = random.integers(1, 2**40, state.integers.shape[1:])
        state.rings[rows] = random.integers(1, 2**40, state.rings.shape[1:])
        state.heads[rows] = 1


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, write, take in, compare."""
    from genom.genome import compile_genes, load_genes, read_state, write_state  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        workload.declaration(directory / "genes.yaml", genes=_genes(), ring=32)
        layout = compile_genes(load_genes(directory / "genes.yaml"), {"recommend": PURPOSE})
        before, world = _memory("VmRSS"), _world(layout, asked.people)
        _fill(world, asked.people)
        resident = _memory("VmRSS")
        begun = time.perf_counter()
        path = write_state(directory / "state", position=1, version=layout.version, parts=world.dump(copy=False))
        written = time.perf_counter() - begun
        begun = time.perf_counter()
        other = _world(layout, asked.people)
        other.load(read_state(path, into=other.places)[2], position=1)
        taken = time.perf_counter() - begun
        wrong = sum(
            int((mine[: asked.people + 1] != theirs[: asked.people + 1]).sum())
            for mine, theirs in zip(world.matrix.state[:1], other.matrix.state[:1], strict=True)
        )
        some = np.random.default_rng(2).integers(1, asked.people + 1, 1_000)
        for mine, theirs in zip(world.matrix.state[:4], other.matrix.state[:4], strict=True):
            wrong += int((mine[some] != theirs[some]).sum())
        return {
            "float_cells": layout.decayed_cells,
            "integer_cells": layout.integer_cells,
            "bytes_per_person": layout.row_bytes,
            "before_gigabytes": round(before, 3),
            "resident_gigabytes": round(resident, 3),
            "swap_gigabytes": round(_memory("VmHWM"), 3),
            "swap_without_file_gigabytes": round(_memory("RssAnon"), 3),
            "write_seconds": round(written, 2),
            "load_seconds": round(taken, 2),
            "wrong": wrong,
        }


if __name__ == "__main__":
    runner.main("memory", measure, REACH, OPTIONS)
