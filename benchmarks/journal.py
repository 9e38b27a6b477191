"""How fast is the journal alone: written group by group, opened again, read for one person?

A thousand events of each of ten people lie evenly among those of everybody else, each in a commit of its own.
Their rows are read with the files in the page cache, and with the files dropped from it.
With `--rows 50000000` it needs 13 GB of disk and takes some minutes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import runner
from node import scratch
from runner import Reach

REACH = (
    Reach("person_ms.cached", "<=", 50, "ms"),
    Reach("person_ms.from_disk", "<=", 50, "ms"),
    Reach("rows_found", ">=", 1000, "rows"),
)
OPTIONS: dict[str, float | int | str] = {"rows": 4_000_000, "people": 200_000, "group": 1000, "body_bytes": 100}
WATCHED, EVENTS = 10, 1000


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that it took, and what came out."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def commit_rows(journal: Any, rows: Any, bodies: bytes) -> None:
    """What must be done before rows are acknowledged."""
    journal.stage(rows, bodies, now=0)
    journal.sync()


def fill(journal: Any, asked: argparse.Namespace) -> list[float]:
    """Write all rows; returns the seconds of each commit."""
    from genom.words import ROW  # noqa: PLC0415 - the parent, which only starts processes, does not need the node's code

    random, commits = np.random.default_rng(7), asked.rows // asked.group
    bodies = bytes(asked.group * asked.body_bytes)
    shared = np.zeros(asked.group, ROW)
    shared["body_start"] = np.arange(asked.group) * asked.body_bytes
    shared["body_length"], shared["kind"], shared["mask"] = asked.body_bytes, 16, 255
    seconds = []
    for commit in range(commits):
        rows = shared.copy()
        rows["profile"] = random.integers(WATCHED + 1, asked.people, asked.group)
        due = range(commit * EVENTS // commits, (commit + 1) * EVENTS // commits)
        for profile in range(1, WATCHED + 1):
            rows["profile"][profile * 7 : profile * 7 + len(due)] = profile  # as many as have become due
        seconds.append(timed(partial(commit_rows, journal, rows, bodies))[0])
        if journal.wants_upkeep:
            journal.upkeep(now=0)
    return seconds


def drop_from_cache(directory: Path) -> None:
    """Let the kernel forget the files' pages (those that nobody maps)."""
    os.sync()
    for path in directory.iterdir():
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def read_people(journal: Any) -> tuple[list[float], int]:
    """Seconds for each watched person, and the fewest rows that one had."""
    reads = [timed(partial(journal.rows_of, [profile])) for profile in range(1, WATCHED + 1)]
    return [seconds for seconds, _ in reads], min(len(found.rows) for _, found in reads)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, close, drop the files from the cache, open, read."""
    from genom.journal import Journal  # noqa: PLC0415 - see above

    with scratch() as data:
        data.mkdir(exist_ok=True)
        journal = Journal(data / "journal")
        wall, commits = timed(lambda: fill(journal, asked))
        journal.close()
        drop_from_cache(data / "journal")
        opened, journal = timed(lambda: Journal(data / "journal", writable=False))
        cold, _ = read_people(journal)
        warm, rows = read_people(journal)
        scanned, total = timed(lambda: sum(len(block.rows) for block in journal.blocks()))
        size = sum(path.stat().st_size for path in (data / "journal").iterdir())
        journal.close()
    return {
        "rows": total,
        "rows_found": rows,
        "segment_bytes": size,
        "write_rows_per_second": round(total / wall),
        "commit_ms": {"median": round(statistics.median(commits) * 1e3, 3), "worst": round(max(commits) * 1e3, 1)},
        "open_seconds": round(opened, 3),
        "person_ms": {"from_disk": round(max(cold) * 1e3, 2), "cached": round(max(warm) * 1e3, 2)},
        "scan_rows_per_second": round(total / scanned),
    }


if __name__ == "__main__":
    runner.main("journal", measure, REACH, OPTIONS)
