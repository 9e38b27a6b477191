"""`genom scan` on a node's directory: the vault is opened, and what cannot be read never counts as clean."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.scanning import scan_directory
from tests.app.events import identify, order
from tests.app.house import House

ADDRESS = "ada@canary.example"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), identify("u1", "a-1", email=ADDRESS, firstName="Canaria"))
        yield house


def scanned(path: Path, capsys: pytest.CaptureFixture[str], text: str = ADDRESS) -> tuple[int, list[dict[str, Any]]]:
    status = scan_directory(path, [text])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("text", [ADDRESS, "Canaria"])
def test_what_only_the_vault_holds_is_found(house: House, capsys: pytest.CaptureFixture[str], text: str) -> None:
    status, lines = scanned(house.path, capsys, text)

    assert status == 3
    assert {line["file"] for line in lines} == {"vault.sqlite"}
    assert all("profile" in line["inside"] for line in lines)


@pytest.mark.parametrize("damage", ["missing", "damaged", "another"])
def test_a_vault_that_cannot_be_opened_is_no_clean_one(
    house: House, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    house.node.vault.put({1: {"email": ADDRESS}})
    keys = house.path / "keys" / "secrets.json"
    kept = json.loads(keys.read_bytes())
    keys.unlink()
    if damage != "missing":
        kept["wrapped"] = "no key" if damage == "damaged" else "00" * 60
        keys.write_text(json.dumps(kept))

    status, lines = scanned(house.path, capsys)

    assert status == 4
    assert {line["file"] for line in lines} == {"vault.sqlite"}
    assert all("could not be decrypted" in line["unread"] for line in lines)
    assert keys.exists() == (damage != "missing")  # a scan makes no keys


def test_a_directory_that_cannot_be_listed_is_no_clean_one(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = house.path / "journal" / "shut"
    shut.mkdir()
    (shut / "copy").write_text("canary-in-the-dark")
    real = os.scandir

    def listed(path: Any = ".") -> Any:
        if Path(path) == shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(shut))
        return real(path)

    monkeypatch.setattr(os, "scandir", listed)

    status, lines = scanned(house.path, capsys, "canary-in-the-dark")

    assert status == 4
    assert [line["file"] for line in lines] == ["journal/shut"]


def test_a_question_that_cannot_be_asked_has_a_status_of_its_own(tmp_path: Path) -> None:
    for words in (["--data", str(tmp_path / "none"), "--canary", ADDRESS], ["--data", str(tmp_path), "--canary", "x"]):
        ended = subprocess.run(
            [sys.executable, "-m", "genom", "scan", *words], capture_output=True, text=True, check=False, timeout=120
        )
        assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr


def test_a_clean_directory_is_clean(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert scanned(house.path, capsys, "nobody@canary.example") == (0, [])
