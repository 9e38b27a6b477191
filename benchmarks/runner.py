"""Runs a measurement several times, each in a fresh process, and writes what came out as JSON.

A benchmark is a file with `measure(options) -> figures` and a table `REACH` of what is wanted.
`runner.main` calls the same file again with `--once` for each repeat, so that no repeat inherits warm caches,
a grown heap or a compiled kernel of another; then it takes the median of each figure and compares.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import machine

__all__ = ["Reach", "flat", "main", "medians"]

RESULTS = Path(__file__).parent / "results"

Figures = dict[str, Any]


class Reach(NamedTuple):
    """One wanted figure: its dotted name, how it is compared, and with what."""

    figure: str
    compare: str  # ">=" or "<="
    wanted: float
    unit: str

    def met(self, measured: float) -> bool:
        """Does the measured value reach it?

        >>> Reach("p99", "<=", 5, "ms").met(4.2)
        True
        """
        return measured >= self.wanted if self.compare == ">=" else measured <= self.wanted


def flat(figures: Figures, prefix: str = "") -> dict[str, float]:
    """All numbers with their dotted names.

    >>> flat({"open": {"p99": 3, "note": "x"}})
    {'open.p99': 3}
    """
    found: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[prefix + name] = value
    return found


def medians(repeats: list[Figures]) -> dict[str, float]:
    """Median of each number over the repeats that have it.

    >>> medians([{"a": 1}, {"a": 5}, {"a": 3}])
    {'a': 3}
    """
    flats = [flat(one) for one in repeats]
    names = dict.fromkeys(name for one in flats for name in one)
    return {name: statistics.median(one[name] for one in flats if name in one) for name in names}


def _watch(pid: int, peak: list[int]) -> None:
    """Sample the memory of a process tree until it ends; `peak[0]` is the most seen."""
    while Path(f"/proc/{pid}/stat").exists() and not peak[1]:
        peak[0] = max(peak[0], machine.resident_bytes(pid))
        time.sleep(0.5)


def run_once(command: list[str]) -> Figures:
    """One measurement in a fresh process: its figures, wall and processor time, peak memory of its tree."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = [0, 0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak))
    watcher.start()
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode, peak[1] = os.waitstatus_to_exitcode(status), 1
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    figures: Figures = json.loads(output.splitlines()[-1])
    figures["process"] = {
        "wall_seconds": round(time.monotonic() - begun, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_bytes": max(peak[0], used.ru_maxrss * 1024),
    }
    return figures


def compared(reach: tuple[Reach, ...], median: dict[str, float]) -> list[dict[str, object]]:
    """Each wanted figure beside the measured one."""
    return [
        {
            **one._asdict(),
            "measured": median.get(one.figure),
            "met": one.figure in median and one.met(median[one.figure]),
        }
        for one in reach
    ]


def report(result: dict[str, Any]) -> str:
    """The comparison as lines for a terminal."""
    lines = [
        f"  {'met   ' if one['met'] else 'MISSED'} {one['figure']}: {one['measured']} {one['unit']} "
        f"(wanted {one['compare']} {one['wanted']:g})"
        for one in result["reach"]
    ]
    return "\n".join([f"{result['name']}, median of {len(result['repeats'])}:", *lines])


def main(
    name: str,
    measure: Callable[[argparse.Namespace], Figures],
    reach: tuple[Reach, ...],
    options: dict[str, float | int | str],
) -> None:
    """Command line of a benchmark: `options` are its flags with their defaults."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="fresh processes; the median counts")
    parser.add_argument("--out", type=Path, default=RESULTS / f"{name}.json")
    parser.add_argument("--once", action="store_true", help="measure here, once, and print the figures")
    for option, default in options.items():
        parser.add_argument(f"--{option.replace('_', '-')}", type=type(default), default=default)
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(measure(asked)))
        return
    flags = [f"--{option.replace('_', '-')}={getattr(asked, option)}" for option in options]
    about = machine.machine()
    repeats = [run_once([sys.executable, sys.argv[0], "--once", *flags]) for _ in range(asked.repeats)]
    result = {
        "name": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": machine.commit(),
        "machine": about,
        "options": {option: getattr(asked, option) for option in options},
        "reach": compared(reach, median := medians(repeats)),
        "median": median,
        "repeats": repeats,
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(report(result))
