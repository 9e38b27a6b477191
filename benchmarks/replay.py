"""How fast does the journal become genome state again?

A node takes the rows over HTTP and is stopped; then a fresh process refolds its directory, twice:
the first round compiles or loads the kernel and warms the page cache, the second one counts.
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

REACH = (Reach("rows_per_second_a_core", ">=", 1_500_000, "rows/s"), Reach("fill_errors", "<=", 0, "answers"))
OPTIONS: dict[str, float | int | str] = {"rows": 2_000_000, "people": 200_000, "directory": ""}


def refold(directory: Path) -> int:
    """Journal → genome state of a directory that no node holds; returns the rows folded.

    The one place that knows the node's code; the parent, which only fills and starts, does not load it.
    """
    from genom.app.directory import read_secrets  # noqa: PLC0415 - see above
    from genom.app.state_job import stored_sources  # noqa: PLC0415
    from genom.app.verify import refold_all  # noqa: PLC0415
    from genom.settings import load_settings  # noqa: PLC0415

    settings, sources = load_settings(directory), stored_sources(directory)
    world = refold_all(directory, read_secrets(directory), settings, sources, now=time.time_ns() // 1_000_000)
    return world.position


def timed(directory: Path) -> dict[str, Any]:
    """Refold twice, in this process; the second round's wall and processor time."""
    refold(directory)
    wall, cpu = time.perf_counter(), time.process_time()
    rows = refold(directory)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "rows": rows,
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
        "rows_per_second": round(rows / wall),
        "rows_per_second_a_core": round(rows / max(wall, cpu)),  # more than one core at work counts against it
    }


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, stop, refold in a fresh process."""
    if asked.directory:
        return timed(Path(asked.directory))
    with scratch() as data:
        with started(data) as node:
            filled = fill(node, people=asked.people, times=max(1, asked.rows // asked.people))
        command = [sys.executable, __file__, "--once", f"--directory={data}"]
        figures: dict[str, Any] = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])
    return {**figures, "fill_errors": sum(filled.errors.values()) + filled.unanswered}


if __name__ == "__main__":
    runner.main("replay", measure, REACH, OPTIONS)
