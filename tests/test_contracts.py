"""The contracts between stages catch what they forbid: each is broken on purpose in a skeleton of the house."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.node import clean_environment

ROOT = Path(__file__).parents[1]
STAGES = (
    "collect",
    "consent",
    "identity",
    "journal",
    "genome",
    "segments",
    "learn",
    "decide",
    "measure",
    "console",
    "portal",
)
FILES = (
    "words",
    "errors",
    "typed",
    "settings",
    "compiled",
    "__main__",
    "genome/matrix",
    "genome/kernel",
    "genome/gate",
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A directory with an empty `genom` (and `genom_demo`) of the real shape and the real contracts."""
    for package in ("", "app", "tables", "web", *STAGES):
        (tmp_path / "genom" / package).mkdir()
        (tmp_path / "genom" / package / "__init__.py").touch()
    for file in FILES:
        (tmp_path / "genom" / f"{file}.py").touch()
    (tmp_path / "genom_demo").mkdir()
    (tmp_path / "genom_demo" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def contracts_hold(house: Path) -> bool:
    """Whether import-linter accepts the house; run in it, so that it sees this one and not the installed wheel."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=house,
        env=clean_environment({"PYTHONPATH": str(house)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def test_the_plan_itself_is_accepted(house: Path) -> None:
    (house / "genom/app/pipeline.py").write_text("import genom.collect, genom.journal, genom.genome.gate\n")
    (house / "genom/genome/gate.py").write_text("import genom.genome.matrix, genom.words, genom.compiled\n")

    assert contracts_hold(house)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("identity/people.py", "import genom.collect"),
        ("journal/files.py", "import genom.app"),
        ("words.py", "import genom.journal"),
        ("app/pipeline.py", "import genom.genome.matrix"),
        ("app/pipeline.py", "import genom.genome.kernel"),
        ("console/home.py", "import genom.decide"),
        ("portal/pages.py", "import genom.console"),
        ("web/forms.py", "import genom.console"),
        ("decide/points.py", "import genom_demo"),
        ("../genom_demo/world.py", "import genom.words"),
        ("unplanned.py", "x = 1"),
    ],
)
def test_a_forbidden_import_or_an_unplanned_module_is_caught(house: Path, file: str, line: str) -> None:
    (house / "genom" / file).write_text(f"{line}\n")

    assert not contracts_hold(house)
