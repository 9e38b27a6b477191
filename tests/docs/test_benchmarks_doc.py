"""The page of benchmarks says what the JSON files say, and of what is missing that it was not run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.node import clean_environment

ROOT = Path(__file__).parents[2]
MACHINE = {"cpu": "X | Y", "cores": 2, "memory_bytes": 8_000_000_000, "kernel": "6"}


def written(tmp_path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(ROOT / "tools" / "benchmarks_doc.py")]
    command = [*script, "--results", str(tmp_path), "--page", str(tmp_path / "page.md"), *flags]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=100, check=False)


def test_figures_rivals_machine_date_and_commit_stand_on_the_page(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs" / "benchmarks.md", tmp_path / "page.md")
    median = {"ratio_to_feast": 432.9, "genom_microseconds.p50": 1.067}
    result = {"at": "2026-11-26T08:00:00", "commit": "abc1234", "machine": MACHINE, "options": {"genes": 50}}
    (tmp_path / "feast_online.json").write_text(json.dumps(result | {"median": median, "repeats": [{}, {}]}))

    stale, done, current = written(tmp_path, "--check"), written(tmp_path), written(tmp_path, "--check")

    page = (tmp_path / "page.md").read_text("utf-8")
    assert (stale.returncode, done.returncode, current.returncode) == (1, 0, 0), done.stderr
    assert "**433** times | Genom, µs p50: 1.07; Feast, µs p50: not run |" in page
    assert "| feast_online | 2026-11-26 | abc1234 | 2 cores of X \\| Y, 8 GB, Linux 6 | 2 | genes 50 |" in page
    assert "| vector | not run |" in page
    assert page.endswith((ROOT / "docs" / "benchmarks.md").read_text("utf-8").rpartition("<!-- /generated -->")[2])
