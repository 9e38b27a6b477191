from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genom.compiled import cache_directory, compiled

KERNEL = """
from genom.compiled import compiled, tell_compilations
@compiled
def quarter(x: float) -> float:
    return x / 4
tell_compilations(print)
print(quarter(10.0))
"""


def run_kernel(folder: Path) -> list[str]:
    program = folder / "kernel.py"
    if not program.exists():
        program.write_text(KERNEL)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, str(program)], env=environment, capture_output=True, check=True, text=True)
    return done.stdout.split()


def test_a_cold_start_says_what_it_compiles_and_a_warm_one_loads(tmp_path: Path) -> None:
    assert run_kernel(tmp_path) == ["__main__.quarter", "2.5"]
    assert run_kernel(tmp_path) == ["2.5"]


def test_machine_code_lies_in_the_users_cache_directory(tmp_path: Path) -> None:
    run_kernel(tmp_path)

    assert list((tmp_path / "cache" / "genom" / "numba").rglob("*.nbc"))


def test_a_given_cache_directory_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    assert cache_directory() == tmp_path


def test_an_unusable_home_falls_back_to_a_private_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    directory = cache_directory()

    assert directory.stat().st_mode & 0o777 == 0o700
    assert directory != cache_directory()


def test_division_by_zero_is_infinity_as_in_numpy() -> None:
    @compiled
    def over(x: float, y: float) -> float:
        return x / y

    assert over(1.0, 0.0) == float("inf")
