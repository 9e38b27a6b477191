"""What does it cost to know 50 million message ids again, and what to forget the oldest for new ones?

Batches of fresh ids as a commit brings them, until the memory is full, and then as many again as are a quarter of it;
in between the newest are asked for again, and each must be known.  A Python set of 16-byte ids, as far as memory goes
(a hundredth of the ids), stands beside it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import runner
from runner import Reach

REACH = (
    Reach("gigabytes", "<=", 1.2, "GB"),
    Reach("unknown_of_the_newest", "<=", 0, "ids"),
    Reach("forgotten_early", "<=", 0, "ids"),
)
OPTIONS: dict[str, float | int | str] = {"ids": 50_000_000, "batch": 2_000}
DAYS = 60  # over which the ids come


def _resident() -> float:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024 / 1e9


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill, go on, ask again."""
    from genom.tables import Recent  # noqa: PLC0415

    random, batch = np.random.default_rng(1), asked.batch
    before, memory = _resident(), Recent(asked.ids, days=30)
    filling, going, again, unknown = list[float](), list[float](), list[float](), 0
    whole = asked.ids * 5 // 4
    for start in range(0, whole, batch):
        ids = random.integers(1, 2**63, (batch, 2)).astype(np.uint64)
        day = 20_000 + start * DAYS // whole
        begun = time.perf_counter()
        new = memory.seen(ids, day=day)
        (filling if start < asked.ids * 9 // 10 else going).append(time.perf_counter() - begun)
        unknown += int(np.count_nonzero(new))  # nobody has sent these before
        if start // batch % 100 == 0:
            begun = time.perf_counter()
            unknown += int(np.count_nonzero(~memory.seen(ids, day=day)))
            again.append(time.perf_counter() - begun)
    resident = _resident() - before
    return {
        "gigabytes": round(memory.nbytes / 1e9, 3),
        "resident_gigabytes": round(resident, 3),
        "remembered": len(memory),
        "unknown_of_the_newest": unknown,
        "forgotten_early": memory.early,
        "nanoseconds_an_id": {
            "while it fills": round(float(np.median(filling)) / batch * 1e9, 1),
            "when it is full": round(float(np.median(going)) / batch * 1e9, 1),
            "asked again": round(float(np.median(again)) / batch * 1e9, 1),
            "python set": round(_set(asked.ids // 100, batch, random), 1),
        },
        "longest_milliseconds": {
            "while it fills": round(max(filling) * 1000, 1),  # when it doubles
            "when it is full": round(max(going) * 1000, 1),
        },
    }


def _set(ids: int, batch: int, random: np.random.Generator) -> float:
    """Nanoseconds an id of a set."""
    seen, taken = set[bytes](), list[float]()
    for _ in range(0, ids, batch):
        new = [random.bytes(16) for _ in range(batch)]
        begun = time.perf_counter()
        for one in new:
            if one not in seen:
                seen.add(one)
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken)) / batch * 1e9


if __name__ == "__main__":
    runner.main("dedupe", measure, REACH, OPTIONS)
