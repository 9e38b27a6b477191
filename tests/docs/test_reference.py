"""The reference pages that programs write: they are current, and a stale one is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.node import clean_environment

ROOT = Path(__file__).parents[2]
PAGES = {page.name for page in ROOT.glob("docs/reference/*.md") if "<!-- generated: " in page.read_text("utf-8")}
SCRIPTS = {f"{page.removesuffix('.md')}_reference.py": page for page in PAGES}
every_script = pytest.mark.parametrize("script", sorted(SCRIPTS))


def run(root: Path, script: str, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "tools" / script), *flags]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=400, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tools and the reference pages, free to be changed."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copytree(ROOT / "docs" / "reference", tmp_path / "docs" / "reference")
    return tmp_path


def test_routes_commands_settings_and_purposes_are_written_by_scripts() -> None:
    assert {"cli.md", "http.md", "purposes.md", "settings.md"} <= PAGES
    assert all((ROOT / "tools" / script).exists() for script in SCRIPTS)


@every_script
def test_a_reference_page_says_what_the_code_says(script: str) -> None:
    done = run(ROOT, script, "--check")

    assert done.returncode == 0, done.stderr


@every_script
def test_a_stale_page_is_found_and_mended_and_the_prose_around_is_kept(script: str, copy: Path) -> None:
    page = copy / "docs" / "reference" / SCRIPTS[script]
    current = page.read_text("utf-8") + "\nMy own words.\n"
    head, sign, rest = current.rpartition("|")
    page.write_text(f"{head}stale {sign}{rest}", "utf-8")

    found = run(copy, script, "--check")
    mended = run(copy, script)

    assert (found.returncode, mended.returncode) == (1, 0)
    assert "is stale" in found.stderr
    assert page.read_text("utf-8") == current
