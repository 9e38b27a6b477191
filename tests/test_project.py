"""The project as a whole: what is installed is what was written, complete, permitted and pinned."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import genom
from tests.node import clean_environment

ROOT = Path(__file__).parents[1]
INSTALLED = Path(genom.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT",
    "MIT-0", "PSF-2.0", "Zlib",
    # names from before licence expressions
    "Apache Software License", "BSD", "BSD License", "ISC License", "ISC License (ISCL)", "MIT License",
}  # fmt: skip
DATA = {".parquet", ".csv", ".tsv", ".gz", ".zip", ".sqlite", ".db", ".arrow", ".feather", ".pkl", ".npy", ".npz"}
LARGEST = 400_000  # bytes of a committed file; lock files are the largest


def modules() -> list[str]:
    """Every module of the installed package, found without importing it."""
    parts = [p.relative_to(INSTALLED.parent).with_suffix("").parts for p in INSTALLED.rglob("*.py")]
    return sorted(".".join(part for part in names if part != "__init__") for names in parts)


def packages() -> list[str]:
    return [".".join(p.relative_to(INSTALLED.parent).parent.parts) for p in sorted(INSTALLED.rglob("__init__.py"))]


def test_the_tests_see_the_installed_wheel_and_never_the_source_tree() -> None:
    site = Path(sysconfig.get_path("purelib")).resolve()

    assert INSTALLED.resolve().parent == site
    assert str(ROOT / "src") not in sys.path


def test_the_version_is_that_of_the_wheel() -> None:
    assert genom.__version__ == importlib.metadata.version("genom")


def test_the_wheel_holds_every_file_of_the_source_as_it_is() -> None:
    for package in ("genom", "genom_demo"):
        source, installed = ROOT / "src" / package, INSTALLED.parent / package

        written = {p.relative_to(source): p.read_bytes() for p in source.rglob("*") if shipped(p)}
        built = {p.relative_to(installed): p.read_bytes() for p in installed.rglob("*") if shipped(p)}

        assert built == written


def shipped(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


@pytest.mark.parametrize("name", modules())
def test_public_names_of_a_module_exist(name: str) -> None:
    module = importlib.import_module(name)

    missing = [public for public in getattr(module, "__all__", []) if not hasattr(module, public)]

    assert not missing


@pytest.mark.parametrize("name", packages())
def test_a_package_lists_its_public_names_in_order_and_once(name: str) -> None:
    public = importlib.import_module(name).__all__

    assert len(public) == len(set(public))


def test_every_imported_package_is_declared() -> None:
    owners = importlib.metadata.packages_distributions()
    foreign = {top for top in imported() if top not in sys.stdlib_module_names and not top.startswith("genom")}
    declared = {canonical(Requirement(line).name) for line in PROJECT["dependencies"]}
    declared |= {"llvmlite"}  # numba's compiler, pinned by numba to the release it needs

    undeclared = {top for top in foreign if not {canonical(owner) for owner in owners.get(top, [top])} & declared}

    assert not undeclared


def imported() -> Iterator[str]:
    """The first part of every absolute import in the package."""
    for path in INSTALLED.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_everything_that_a_user_installs_is_under_a_permissive_licence() -> None:
    foreign = {name: licence(name) for name in sorted(needed("genom", extras={"sample"}) - {"genom"})}

    unusable = {name: text for name, text in foreign.items() if not permitted(text)}

    assert len(foreign) > 15
    assert not unusable


def needed(name: str, *, extras: frozenset[str] | set[str] = frozenset()) -> set[str]:
    """A distribution and all that it needs on this machine."""
    found, waiting = set[str](), [(name, frozenset(extras))]
    while waiting:
        current, asked = waiting.pop()
        if current in found:
            continue
        found.add(current)
        for line in importlib.metadata.requires(current) or []:
            requirement = Requirement(line)
            if any(requirement.marker is None or requirement.marker.evaluate({"extra": e}) for e in asked | {""}):
                waiting.append((canonical(requirement.name), frozenset(requirement.extras)))
    return found


def licence(name: str) -> list[str]:
    """The licences to choose from; of a nested expression all parts must be usable, which is stricter than it says."""
    about: Any = importlib.metadata.metadata(name)
    if expression := about.get("License-Expression"):
        nested = "(" in expression
        return [re.sub("[()]", "", expression).replace(" OR ", " AND ")] if nested else expression.split(" OR ")
    named = [c.rsplit(" :: ", 1)[1] for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    return named or [about.get("License", "none")]


def permitted(licences: list[str]) -> bool:
    return any(all(part in PERMISSIVE for part in one.split(" AND ")) for one in licences)


@pytest.mark.parametrize("text", ["GPL-3.0-only", "MIT AND GPL-2.0-only", "Elastic-2.0", "none"])
def test_other_licences_are_not_taken_for_permissive(text: str) -> None:
    assert not permitted([text])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_pins_every_package_with_hashes_and_names_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    assert all(re.match(r"^[a-z0-9._-]+==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert not re.search(r"://|--(extra-)?index|--find-links|/home/|/tmp/", text)


def test_the_lock_files_hold_what_the_project_needs() -> None:
    text = (ROOT / "requirements-dev.lock").read_text("utf-8")
    locked = {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)}
    wanted = [*PROJECT["dependencies"], *(r for group in PROJECT["optional-dependencies"].values() for r in group)]

    assert {canonical(Requirement(line).name) for line in wanted} <= locked


def test_no_data_and_no_large_file_is_committed() -> None:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout, so there is nothing to be committed")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]

    data = [f for f in files if f.suffix in DATA and "fixtures" not in f.parts]  # fixtures: formats we wrote ourselves
    large = [f for f in files if f.stat().st_size > LARGEST]

    assert not data
    assert not large


def test_one_command_makes_all_pictures() -> None:
    makers = {path.name for path in (ROOT / "tools").glob("*.py") if "sync_playwright" in path.read_text("utf-8")}

    target = (ROOT / "Makefile").read_text("utf-8").partition("\npictures:")[2].partition("\n\n")[0]

    assert len(makers) == 3
    assert set(re.findall(r"^\t@\$\(BIN\)/python tools/(\w+\.py)$", target, re.MULTILINE)) == makers


def test_genom_and_python_m_genom_are_the_same_command() -> None:
    answers = [
        subprocess.run([*command, "--help"], env=clean_environment(), check=True, capture_output=True, text=True).stdout
        for command in ([str(Path(sys.executable).parent / "genom")], [sys.executable, "-m", "genom"])
    ]

    assert answers[0].split() == answers[1].replace("python -m genom", "genom").split()  # the width of lines differs
    assert "up" in answers[0]
