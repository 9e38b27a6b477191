"""How long does a page take in a real browser: cold, beside ten open tabs, and until it shows what has just happened?

The browser tests do the acts; this runs them with a file to which they write how long each took.  Of an act the median
counts, of the pages with an empty cache the slowest one's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import runner
from runner import Reach

ROOT = Path(__file__).parents[1]
REACH = (
    Reach("slowest_cold_page", "<=", 1.5, "s"),
    Reach("live.event", "<=", 1.0, "s"),
    Reach("person.event", "<=", 2.0, "s"),
    Reach("person.eleventh_tab", "<=", 2.0, "s"),
    Reach("people.eleventh_tab", "<=", 2.0, "s"),
    Reach("trust.switch", "<=", 2.0, "s"),
    Reach("portal.all_pages", "<=", 2.0, "s"),
    Reach("segments.two_counts", "<=", 1.2, "s"),
)
TESTS = ("test_console_rules", "test_live", "test_person_page", "test_portal", "test_segments", "test_trust_loop")
SOME = (
    "(keeps_the_rules and de-dark-1440) or ten_tabs or ten_open_pages or on_top or as_it_happens or every_page_answers"
    " or follows_every_key or a_switch_shows"
)
OPTIONS: dict[str, float | int | str] = {}
COLD = "cold."  # what a page with an empty cache is noted as, before its name


def measure(_: argparse.Namespace) -> dict[str, Any]:
    """One run of the tests that note something."""
    with tempfile.TemporaryDirectory() as scratch:
        times = Path(scratch) / "times"
        files = [f"tests/browser/{name}.py" for name in TESTS]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, "-k", SOME]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | {"GENOM_TIMES": str(times)}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the browser tests ended with status {done.returncode}:\n{done.stdout[-4000:]}")
        noted: dict[str, list[float]] = {}
        for line in times.read_text("utf-8").splitlines():
            one = json.loads(line)
            noted.setdefault(one["mark"], []).append(one["seconds"])
    told = {mark: round(statistics.median(each), 3) for mark, each in noted.items()}
    return {"slowest_cold_page": max(took for mark, took in told.items() if mark.startswith(COLD)), **told}


if __name__ == "__main__":
    runner.main("browser", measure, REACH, OPTIONS)
