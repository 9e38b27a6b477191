"""The page of benchmarks says what the JSON files say, and goes on saying what was measured before."""

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
    assert page.endswith((ROOT / "docs" / "benchmarks.md").read_text("utf-8").rpartition("<!-- /generated -->")[2])


def test_what_was_not_measured_again_stays_as_it_was(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs" / "benchmarks.md", tmp_path / "page.md")
    before = (tmp_path / "page.md").read_text("utf-8").splitlines()
    result = {"at": "2026-11-26T08:00:00", "commit": "abc1234", "machine": MACHINE, "options": {"genes": 50}}
    (tmp_path / "vector.json").write_text(json.dumps(result | {"median": {"microseconds.p50": 1.25}, "repeats": [{}]}))

    done = written(tmp_path)

    after = (tmp_path / "page.md").read_text("utf-8").splitlines()
    assert done.returncode == 0, done.stderr
    assert len(before) == len(after)
    assert {line for line in after if line not in before} == {line for line in after if "vector" in line}
    assert any("**1.25** µs p50 | p99: not run |" in line for line in after)


def test_what_was_never_measured_is_said_to_be_so(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    begin, _, rest = page.partition("<!-- generated: change the code, then run tools/benchmarks_doc.py -->")
    begun = page[len(begin) : len(page) - len(rest)]
    (tmp_path / "page.md").write_text(f"{begin}{begun}<!-- /generated -->", "utf-8")

    done = written(tmp_path)

    written_page = (tmp_path / "page.md").read_text("utf-8")
    assert done.returncode == 0, done.stderr
    assert "| vector | not run |" in written_page
    assert "**" not in written_page
