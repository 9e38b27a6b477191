"""How fast does the journal become genome state again, with the standard genome?

A node takes the rows over HTTP and is stopped; then a fresh process refolds its directory, once to compile or load
the kernel and to warm the page cache, then `rounds` times: the full size is 200 million rows by reading 10 million
twenty times.  A billion rows are extrapolated from the rate, and said to be.

A gene update is a change of the cells that a row makes for a purpose; cells that several genes share count once,
records of rings do not count.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import runner
from ingest import fill
from node import scratch, started
from runner import Reach

REACH = (
    Reach("rows_per_second_a_core", ">=", 1_500_000, "rows/s"),
    Reach("updates_per_second_a_core", ">=", 80_000_000, "updates/s"),
    Reach("fill_errors", "<=", 0, "answers"),
)
OPTIONS: dict[str, float | int | str] = {"rows": 10_000_000, "people": 200_000, "rounds": 20, "directory": ""}


def refold(directory: Path) -> Any:
    """Journal → genome state of a directory that no node holds; returns the world.

    With `updates_of` the one place that knows the node's code; the parent, which only fills and starts, does not.
    """
    from genom.app.directory import read_secrets  # noqa: PLC0415 - see above
    from genom.app.state_job import stored_sources  # noqa: PLC0415
    from genom.app.verify import refold_all  # noqa: PLC0415
    from genom.settings import load_settings  # noqa: PLC0415

    settings, sources = load_settings(directory), stored_sources(directory)
    return refold_all(directory, read_secrets(directory), settings, sources, now=time.time_ns() // 1_000_000)


def updates_of(directory: Path, world: Any) -> tuple[int, float]:
    """How many (row, purpose) pairs were folded, and how many parts of genes each of them changes."""
    import numpy as np  # noqa: PLC0415

    from genom.genome import kernel  # noqa: PLC0415
    from genom.genome.parts import parts_of  # noqa: PLC0415
    from genom.genome.ring_rows import passing  # noqa: PLC0415
    from genom.journal import Journal  # noqa: PLC0415

    layout, journal = world.layout, Journal(directory / "journal", writable=False)
    blocks = (block.rows[block.rows["kind"] < 200] for block in journal.blocks())
    rows = next(rows for rows in blocks if len(rows) > 50).copy()
    journal.close()
    masks, genes, table = rows["mask"] | rows["assumed"], layout.genes, layout.table
    also = dict(zip(dict.fromkeys(genes.also.values()), table.also_bits, strict=True))
    bits = dict(zip(genes.purposes, table.purpose_bits, strict=True))
    pairs, changed = 0, 0
    for bit in bits.values():
        pairs += int(np.count_nonzero(masks & bit))
    for part in {part for gene in genes for part in parts_of(genes, gene)}:
        chosen = passing(rows, part.rows, layout.predicates.code) & ((rows["line"] > 0) == part.rows.lines)
        if part.also:
            chosen &= (masks & also[part.also]) != 0
        for name in part.purposes or genes.purposes:
            changed += int(np.count_nonzero(chosen & ((masks & bits[name]) != 0)))
    folded = int(world.matrix.state.heads[:, :, kernel.SEEN].sum(dtype=np.int64))
    return folded, changed / max(1, pairs)


def timed(directory: Path, rounds: int) -> dict[str, Any]:
    """Refold once to warm up, then `rounds` times: wall and processor time of these."""
    world = refold(directory)
    genes, (pairs, updates) = len(world.layout.genes), updates_of(directory, world)
    del world
    wall, cpu, rows = time.perf_counter(), time.process_time(), 0
    for _ in range(rounds):
        rows += refold(directory).position
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    core = rows / max(wall, cpu)  # more than one core at work counts against it
    per_row = pairs * rounds * updates / rows
    return {
        "rows": rows,
        "genes": genes,
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
        "rows_per_second": round(rows / wall),
        "rows_per_second_a_core": round(core),
        "updates_per_row": round(per_row, 2),
        "updates_per_second_a_core": round(core * per_row),
        "minutes_for_a_billion_rows_extrapolated": round(1e9 / core / 60, 2),
    }


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, stop, refold in a fresh process."""
    if asked.directory:
        return timed(Path(asked.directory), asked.rounds)
    with scratch() as data:
        with started(data) as node:
            filled = fill(node, people=asked.people, times=max(1, asked.rows // asked.people))
        command = [sys.executable, __file__, "--once", f"--directory={data}", f"--rounds={asked.rounds}"]
        figures: dict[str, Any] = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])
    return {**figures, "fill_errors": sum(filled.errors.values()) + filled.unanswered}


if __name__ == "__main__":
    runner.main("replay", measure, REACH, OPTIONS)
