"""A house that files are imported into, by the program itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from genom.app.cli import main
from tests.app.house import House
from tests.app.served import served

SETTINGS = "people_max: 500\nsegment_bytes: 1048576\ndedupe_entries: 100000\n"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    errors: str

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows, accepted, rejected."""
        told = re.search(r"^([\d,]+) rows?: ([\d,]+) accepted, ([\d,]+) rejected\.$", self.out, re.MULTILINE)
        assert told, (self.out, self.errors)
        rows, accepted, rejected = (int(one.replace(",", "")) for one in told.groups())
        return rows, accepted, rejected


@dataclass(slots=True)
class Importer:
    """Runs `genom import` in a folder, on a house that is served."""

    house: House
    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def run(self, *words: str, data: Path | None = None) -> Ran:
        """The program with these words."""
        where = ["--data", str(data or self.house.path)] if words[0] not in {"types", "sample", "guess"} else []
        self.patch.setattr(sys, "argv", ["genom", "import", *words, *where])
        self.patch.chdir(self.folder)
        status = 0
        try:
            with nullcontext() if data else served(self.house):
                main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Ran(status, *self.capture.readouterr())

    def file(self, name: str, content: str | bytes, encoding: str = "utf-8") -> str:
        """A file to import."""
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return name

    def events(self, value: str, kind: str = "card") -> list[Any]:
        """What the node holds of a person's events."""
        told = self.house.get(f"/v1/people/{self.house.person(value, kind)}/events?limit=100", headers=REASON).told
        events: list[Any] = told["events"]
        return events


REASON = {"x-reason": "a test"}


@contextmanager
def importing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Importer]:  # fmt: skip
    """An importer of a fresh house."""
    folder = tmp_path / "files"
    folder.mkdir()
    data = tmp_path / "d"
    data.mkdir(mode=0o700)
    (data / "settings.yaml").write_text(SETTINGS, "utf-8")
    with House(data) as house:
        yield Importer(house, folder, capsys, monkeypatch)
