from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genom import compiled as compiled_module
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


PACKAGE = {
    "__init__.py": "",
    "shop/__init__.py": "from genom.shop.rates import RATE",
    "shop/rates.py": "RATE = 4",
    "shop/prices.py": """
from genom.compiled import compiled
from genom.shop import rates
@compiled
def price(x: int) -> int:
    return x * rates.RATE
""",
    "run.py": """
from genom.compiled import tell_compilations
from genom.shop.prices import price
tell_compilations(print)
print(price(10))
""",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a kernel that takes a number from another file; all files bear the same date, as in a wheel."""
    package = tmp_path / "src" / "genom"
    for name, text in {**PACKAGE, "compiled.py": Path(compiled_module.__file__).read_text("utf-8")}.items():
        put(package / name, text)
    return package


def put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    os.utime(file, (1_580_601_600, 1_580_601_600))


def run_package(package: Path, *, given: bool = False) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "XDG_CACHE_HOME": str(package.parent / "cache")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    if given:
        environment["NUMBA_CACHE_DIR"] = str(package.parent / "given")
    command = [sys.executable, "-m", "genom.run"]
    return subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout.split()


@pytest.mark.parametrize("given", [False, True])
def test_a_kernel_is_compiled_anew_when_a_number_of_another_file_changes(package: Path, given: bool) -> None:
    first = run_package(package, given=given)
    put(package / "shop" / "rates.py", "RATE = 5")
    changed = run_package(package, given=given)
    again = run_package(package, given=given)

    assert first == ["genom.shop.prices.price", "40"]
    assert changed == ["genom.shop.prices.price", "50"]
    assert again == ["50"]


def test_a_kernel_is_compiled_anew_when_a_digit_of_its_own_changes(package: Path) -> None:
    run_package(package)
    put(package / "shop" / "prices.py", PACKAGE["shop/prices.py"].replace("x * ", "x - "))

    assert run_package(package) == ["genom.shop.prices.price", "6"]


def test_a_kernel_is_not_compiled_anew_when_a_file_changes_that_it_does_not_import(package: Path) -> None:
    run_package(package)
    put(package / "shop" / "pages.py", "TITLE = 'Prices'")
    put(package / "run.py", PACKAGE["run.py"] + "print('done')")

    assert run_package(package) == ["40", "done"]


def test_machine_code_that_no_start_has_used_for_two_months_goes(package: Path) -> None:
    forgets = "from genom.compiled import forget_unused\nprint(forget_unused())"
    run_package(package)
    base = package.parent / "cache" / "genom" / "numba"
    [used] = base.iterdir()
    ages = {"genom-00000000000000aa": 61, "genom-00000000000000bb": 59, "kernels": 61, used.name: 61}
    for name, days in ages.items():
        (base / name).mkdir(exist_ok=True)
        os.utime(base / name, (time.time() - days * 86_400,) * 2)
    put(package / "run.py", PACKAGE["run.py"] + forgets)

    assert run_package(package) == ["40", "1"]
    assert {each.name for each in base.iterdir()} == {"genom-00000000000000bb", "kernels", used.name}
    assert run_package(package) == ["40", "0"]


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
