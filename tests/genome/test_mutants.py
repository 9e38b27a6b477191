"""Mutants: small faults put into a copy of the source, each of which some test must notice.  None may survive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 600


class Mutant(NamedTuple):
    """A fault: in a file of `genom/genome`, some text becomes another; these tests must notice."""

    about: str
    file: str
    was: str
    becomes: str
    tests: str


MUTANTS = [
    Mutant("decay", "kernel.py", "return fraction * _power(tick - epoch * _STEP)",
           "return fraction * _power(tick + 1 - epoch * _STEP)", "test_quotients.py test_spans.py"),
    Mutant("decay", "kernel.py", "(target - epoch) * _STEP)", "(target - epoch))", "test_spans.py"),
    Mutant("tie", "kernel.py", "return ident < other_ident", "return ident > other_ident", "test_meaning.py"),
    Mutant("mask", "kernel.py", "if (mask & purpose_bits[c]) != purpose_bits[c]:", "if mask == 0:", "test_purposes.py"),
    Mutant("mask", "kernel.py", "if (mask & purpose_bits[c]) != purpose_bits[c]:", "if mask == 0: ",
           "test_gate_machine.py"),
    Mutant("mask", "program.py", "return need, need | sum(1 << _PURPOSE + c for c in others)", "return need, need",
           "test_filters.py"),
    Mutant("mask", "many.py", "np.where(lacking | (needs == NEVER)[None, :], np.nan, found[whole])", "found[whole]",
           "test_many.py"),
    Mutant("boundary", "many.py", "np.flatnonzero(readable & ~aged)", "np.flatnonzero(readable)", "test_many.py"),
    Mutant("filter", "kernel.py", "holds = (bits & tests[i, 2]) == tests[i, 1]", "holds = True", "test_oracle.py"),
    Mutant("filter", "kernel.py", " == (ranges[r, 3] == 1)", "", "test_oracle.py"),
    Mutant("boundary", "filters.py", "round(asked.below * unit) - 1", "round(asked.below * unit)", "test_filters.py"),
    Mutant("boundary", "ops/distinct.py", "// _MINUTE + 1 if reading.window", "// _MINUTE + 2 if reading.window",
           "test_distinct.py"),
    Mutant("boundary", "ops/visits.py", "if silent >= _SILENCE", "if silent > _SILENCE", "test_rings.py"),
    Mutant("boundary", "ops/quotient.py", ">= FADED", "> 0", "test_oracle.py"),
    Mutant("merge", "kernel.py", "_join(state.decayed[kept, c], state.decayed[gone, c], table.deviations[d], factor)",
           "pass", "test_quotients.py"),
    Mutant("merge", "kernel.py", "max(a & _LOW, b & _LOW)", "(a & _LOW)", "test_distinct.py"),
    Mutant("merge", "kernel.py", "np.int64(high) + (1 if total < low else 0)", "np.int64(high)", "test_quotients.py"),
    Mutant("order", "program.py", 'part.form != "spread"', 'part.form == "spread"', "test_quotients.py"),
    Mutant("circle", "inputs.py", "if gene.id in path:", "if False:", "test_formula.py"),
]  # fmt: skip
each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.about}-{one.becomes[:40]}")


@each_mutant
def test_a_mutant_still_finds_its_place(mutant: Mutant) -> None:
    """Otherwise it would mutate nothing, and seem to be noticed by accident."""
    source = (ROOT / "src" / "genom" / "genome" / mutant.file).read_text("utf-8")

    assert source.count(mutant.was) >= 1
    assert all((ROOT / "tests" / "genome" / name).exists() for name in mutant.tests.split())


@pytest.mark.soak
@each_mutant
def test_a_mutant_is_noticed(mutant: Mutant, tmp_path: Path) -> None:
    copy = tmp_path / "src"
    shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
    file = copy / "genom" / "genome" / mutant.file
    file.write_text(file.read_text("utf-8").replace(mutant.was, mutant.becomes), "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
         *(f"tests/genome/{name}" for name in mutant.tests.split())],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(tmp_path / "kernels")},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip

    assert done.returncode == 1, f"{mutant.about}: {mutant.file} survived\n{done.stdout[-2000:]}"
