"""The JavaScript libraries that `tools/npm_clients.sh` installed for this interpreter's environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(sys.prefix) / "clients"
LOCK = Path(__file__).parent / "package-lock.json"
SECONDS = 240  # for one program, also on a machine that is busy


def libraries() -> Path:
    """The folder `node_modules`; skips the test if the libraries of the lock file are not there."""
    if shutil.which("node") is None:
        pytest.skip("there is no Node on this machine")
    done = FOLDER / "installed.json"
    if not done.exists() or done.read_bytes() != LOCK.read_bytes():
        pytest.skip(
            "the JavaScript libraries are not installed as tests/clients/package-lock.json says: run `make tests`"
        )
    return FOLDER / "node_modules"


def run(program: str, *words: str) -> str:
    """What a program of this folder prints; it runs beside the libraries, and must end well."""
    libraries()
    path = FOLDER / program
    path.write_bytes((Path(__file__).parent / program).read_bytes())  # so that it finds what it imports
    command: list[Any] = [shutil.which("node"), path, *words]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
