"""How long does `genom import` take for a million receipt lines, and how much memory?

A file of receipts with eight lines each, written for the run, into an empty node.  Time is that of the whole command,
from its start to its report; memory is the most that the command itself used.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import runner
from node import program, scratch, started
from runner import Reach

REACH = (
    Reach("seconds", "<=", 30, "s"),
    Reach("peak_bytes", "<=", 500e6, "bytes"),
    Reach("missing", "<=", 0, "receipts"),
)
OPTIONS: dict[str, float | int | str] = {"rows": 1_000_000, "lines": 8, "cards": 50_000, "products": 20_000}
HEAD = "receipt;time;store;till;card;line;product;name;department;category;quantity;amount;discount\n"


def written(path: Path, asked: argparse.Namespace) -> int:
    """A file of receipts; returns how many there are."""
    drawn = random.Random(1)
    products = [f"{n};Product {n};DEPARTMENT {n % 23};CATEGORY {n % 300}" for n in range(asked.products)]
    receipts = asked.rows // asked.lines
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for n in range(receipts):
            day, second = 1 + n * 28 // receipts, n % 36_000
            at = f"2026-03-{day:02d} {9 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
            head = f"B-{n};{at};S{n % 40};{n % 6};{drawn.randrange(asked.cards) + 1}"
            for line in range(1, asked.lines + 1):
                cents = drawn.randrange(50, 3_000)
                product = products[drawn.randrange(asked.products)]
                file.write(f"{head};{line};{product};{line % 3 + 1};{cents // 100},{cents % 100:02d};\n")
    return receipts


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    with scratch() as data, started(data) as node:
        file = data.parent / "receipts.csv"
        receipts = written(file, asked)
        command = [*program(), "import", "receipts", str(file), "--data", str(data)]
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"the import ended with status {process.returncode}:\n{printed[-3000:]}")
        events, size = int(node.api().get("/v1/stats")["events"]), file.stat().st_size
        file.unlink()
    accepted = re.search(r"([\d,]+) accepted", printed)
    return {
        "seconds": round(seconds, 2),
        "rows_per_second": round(receipts * asked.lines / seconds),
        "peak_bytes": used.ru_maxrss * 1024,
        "missing": receipts - events,
        "accepted": int(accepted[1].replace(",", "")) if accepted else 0,
        "megabytes": round(size / 1e6, 1),
    }


if __name__ == "__main__":
    runner.main("import_receipts", measure, REACH, OPTIONS)
