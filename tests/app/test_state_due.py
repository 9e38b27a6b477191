"""A state file is written when a start would otherwise have much to fold, and now and then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genom.app.state_due import LONGEST, ROWS, state_due

NOW = 1_772_452_800.0  # unix time, seconds


def written(directory: Path, position: int, *, ago: float) -> None:
    path = directory / f"{position:020d}.state"
    path.touch()
    os.utime(path, (NOW - ago, NOW - ago))


@pytest.mark.parametrize(
    ("grown", "ago", "due"),
    [
        (0, LONGEST * 10, False),
        (1, LONGEST - 1, False),
        (1, LONGEST, True),
        (ROWS - 1, 1, False),
        (ROWS, 1, True),
    ],
)
def test_a_file_is_due_after_many_rows_or_a_long_time(tmp_path: Path, grown: int, ago: float, due: bool) -> None:
    written(tmp_path, 10, ago=LONGEST * 20)
    written(tmp_path, 500, ago=ago)

    assert state_due(tmp_path, last=500 + grown, now=NOW, since=0.0) is due


def test_without_a_file_the_start_counts(tmp_path: Path) -> None:
    def due(last: int, running: float) -> bool:
        return state_due(tmp_path / "none", last=last, now=NOW, since=NOW - running)

    assert [due(0, LONGEST), due(1, 1), due(1, LONGEST), due(ROWS, 1)] == [False, False, True, True]
