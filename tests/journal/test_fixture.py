"""The journal of format 1 in the repository is read for ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genom.journal import FORMAT, Journal
from genom.words import ROW
from tests.journal.making import copied, group, stage

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "tests" / "fixtures" / "journal-format-1"
EXPECTED: list[dict[str, Any]] = json.loads((FIXTURE / "expected.json").read_text("utf-8"))


def said(row: np.void, body: bytes) -> dict[str, Any]:
    """What a row says, as the expectation writes it: columns that are not 0, and the body."""
    places = {"spare", "body_start", "body_length"}
    columns = {name: row[name].item() for name in ROW.names or () if name not in places}
    return {name: value for name, value in columns.items() if value} | {"body": body.decode()}


def read(journal: Journal) -> list[dict[str, Any]]:
    return [said(row, block.body(i)) for block in journal.blocks() for i, row in enumerate(block.rows)]


def test_every_row_says_what_was_written() -> None:
    journal = Journal(FIXTURE / "journal", writable=False)

    assert read(journal) == EXPECTED
    journal.close()


@pytest.mark.parametrize("indexed", [True, False])
def test_a_person_and_a_decision_are_found(tmp_path: Path, *, indexed: bool) -> None:
    directory = copied(FIXTURE / "journal", tmp_path / "journal")
    for path in [] if indexed else directory.glob("*.index"):
        path.unlink()

    journal = Journal(directory, writable=False)

    decision = next(row["decision"] for row in EXPECTED if row.get("kind") == 204)
    for found, column, key in (
        (journal.rows_of([2]), "profile", 2),
        (journal.rows_of_decision(decision), "decision", decision),
    ):
        rows = [said(row, journal.body(place)) for row, place in zip(found.rows, found.places, strict=True)]
        assert rows == [row for row in EXPECTED if row.get(column) == key]
        assert rows
    journal.close()


def test_it_goes_on_from_where_it_ended(tmp_path: Path) -> None:
    directory = copied(FIXTURE / "journal", tmp_path / "journal")
    journal = Journal(directory, segment_bytes=4096)

    stage(journal, group(99, body=b"new"))
    journal.close()

    journal = Journal(directory, segment_bytes=4096)
    assert read(journal) == [*EXPECTED, {"sequence": len(EXPECTED) + 1, "profile": 99, "amount": -99, "body": "new"}]
    assert journal.cut_bytes == 0
    journal.close()


def test_it_has_sealed_segments_and_an_open_one() -> None:
    segments = sorted(path.stem for path in FIXTURE.glob("journal/*.journal"))

    assert sorted(path.stem for path in FIXTURE.glob("journal/*.index")) == segments[:-1]
    assert len(segments) >= 4
    assert sum(path.stat().st_size for path in FIXTURE.rglob("*") if path.is_file()) < 200_000


@pytest.mark.skipif(FORMAT != 1, reason="format 1 is only read any more")
def test_its_script_makes_it_again_byte_by_byte(tmp_path: Path) -> None:
    script = ROOT / "tools" / "make_journal_fixture.py"

    subprocess.run([sys.executable, script, tmp_path / "made"], check=True)

    made = {path.relative_to(tmp_path / "made"): path.read_bytes() for path in (tmp_path / "made").rglob("*.*")}
    assert made == {path.relative_to(FIXTURE): path.read_bytes() for path in FIXTURE.rglob("*.*")}
