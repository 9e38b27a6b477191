"""Mutants: small faults put into a copy of the source, each of which some test must notice.  None may survive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.genome.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
SECONDS = 600
GOLDEN: Final = "tests/genome/test_sql.py::test_the_text_of_a_query_changes_only_on_purpose"  # notices any change

each_mutant = pytest.mark.parametrize(
    "mutant", MUTANTS, ids=lambda one: f"{one.about}-{one.file}-{one.was[:30]}-{one.becomes[:30]}"
)


@each_mutant
def test_a_mutant_still_finds_its_place(mutant: Mutant) -> None:
    """Otherwise it would mutate nothing, or something else too, and seem to be noticed by accident."""
    source = (ROOT / "src" / "genom" / "genome" / mutant.file).read_text("utf-8")
    tests = [name.partition("::") for name in mutant.tests.split()]

    assert source.count(mutant.was) == 1
    assert mutant.was != mutant.becomes
    assert all(f"def {test}" in (ROOT / "tests" / "genome" / file).read_text("utf-8") for file, _, test in tests)


def test_every_kind_of_fault_is_tried_on_every_part() -> None:
    parts = Counter((mutant.about, mutant.file.partition("/")[0]) for mutant in MUTANTS)

    for part in ("kernel.py", "generate.py", "gate.py", "sql"):
        assert parts["mask", part], part
    for about in ("decay", "filter", "boundary", "tie", "mask"):
        assert all(any(parts[about, part] for part in parts_) for parts_ in (_INTERPRETED, _WRITTEN, ("sql",))), about
    assert parts["merge", "kernel.py"]  # one merge serves both kernels


_INTERPRETED: Final = ("kernel.py", "filters.py", "ops")
_WRITTEN: Final = ("generate.py", "emit.py", "cells.py")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, at one place for all mutants, so that what none of them changes is compiled once."""
    copy = tmp_path_factory.mktemp("mutants")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.soak
@each_mutant
def test_a_mutant_is_noticed(mutant: Mutant, copy: Path) -> None:
    file = copy / "src" / "genom" / "genome" / mutant.file
    whole = file.read_text("utf-8")
    tests = [f"tests/genome/{name}" for name in mutant.tests.split()]
    surroundings = {
        "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(copy / "kernels"),
    }  # fmt: skip

    file.write_text(whole.replace(mutant.was, mutant.becomes), "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "soak or not soak",
             "--hypothesis-profile=unshrunk", "--deselect", GOLDEN, *tests],
            cwd=ROOT, env=os.environ | surroundings, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    finally:
        file.write_text(whole, "utf-8")

    assert done.returncode == 1, f"{mutant.about}: {mutant.file} survived\n{done.stdout[-2000:]}"
