"""The files of others that the pages carry are those that the table names."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import genom.console

FOLDER = Path(genom.console.__file__).parent / "static" / "vendor"
FILES = tomllib.loads((FOLDER / "VENDOR.toml").read_text("utf-8"))["file"]
PERMISSIVE = {"0BSD", "MIT", "OFL-1.1"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_a_vendored_file_is_what_the_table_says(file: dict[str, str]) -> None:
    assert hashlib.sha256((FOLDER / file["name"]).read_bytes()).hexdigest() == file["sha256"]
    assert file["licence"] in PERMISSIVE
    assert file["version"]
    assert (FOLDER / file["licence_file"]).stat().st_size > 100


def test_no_vendored_file_is_missing_from_the_table() -> None:
    named = {name for file in FILES for name in (file["name"], file["licence_file"])}

    assert {path.name for path in FOLDER.iterdir()} == named | {"VENDOR.toml"}
