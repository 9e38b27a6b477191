"""Rows that lose purposes in place: all else stays as it was, whenever the process dies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from genom.journal import Journal, intents
from genom.words import ROW, Flag
from tests.journal.making import SMALL, Group, facts_in, facts_of, grow, histories
from tests.journal.spec import read

KEPT = 0b0011


class Masked(Group):
    """Rows that serve four purposes and are assumed to serve more."""

    def rows(self) -> NDArray[np.void]:
        rows = super().rows()
        rows["mask"], rows["assumed"], rows["flags"] = 0b1111, 0b110001, Flag.AMOUNT
        return rows


def masked(history: list[Group]) -> list[Group]:
    return [Masked(one.profiles, one.decisions, one.bodies) for one in history]


def rows_in(journal: Journal) -> NDArray[np.void]:
    return np.concatenate([np.zeros(0, ROW), *(block.rows for block in journal.blocks())])


@settings(deadline=None)
@given(history=histories, chosen=st.sets(st.integers(1, 60)), upkeep=st.booleans())
def test_chosen_rows_lose_purposes_and_nothing_else_changes(
    tmp_path_factory: pytest.TempPathFactory, history: list[Group], chosen: set[int], upkeep: bool
) -> None:
    directory = tmp_path_factory.mktemp("narrowing") / "journal"
    journal = grow(directory, masked(history), upkeep=upkeep)
    before = rows_in(journal).copy()

    told = journal.narrow_rows(np.array(sorted(chosen), np.uint64), kept=KEPT)

    expected = before.copy()
    hit = np.isin(before["sequence"], list(chosen))
    expected["mask"][hit], expected["assumed"][hit] = 0b0011, 0b0001
    expected["flags"][hit] = Flag.AMOUNT | Flag.SPECIAL
    assert told == hit.sum()
    assert rows_in(journal).tobytes() == expected.tobytes()
    assert facts_in(journal) == facts_of(history)
    journal.close()
    assert [row["mask"] for row in read(directory)] == expected["mask"].tolist()


class _Killed(Exception):
    pass


def test_a_death_in_the_middle_is_finished_by_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was begun is done or not begun at all, and doing it again ends the same."""
    history = masked([Group((n % 5, 7), (0, 0), (b"{}", b"[7]")) for n in range(40)])
    wanted = np.arange(1, 81, 3, dtype=np.uint64)
    step = 0
    while True:
        directory = tmp_path / str(step)
        journal, write, left = grow(directory, history), intents.write_all, [step]

        def dying(handle: int, data: bytes, *, at: int, left: list[int] = left, write: object = write) -> None:
            left[0] -= 1
            if left[0] < 0:
                write(handle, data[: len(data) // 2], at=at)  # type: ignore[operator]
                raise _Killed
            write(handle, data, at=at)  # type: ignore[operator]

        with monkeypatch.context() as patch:
            patch.setattr(intents, "write_all", dying)
            try:
                journal.narrow_rows(wanted, kept=KEPT)
                died = False
            except _Killed:
                died = True
        journal.close()
        again = Journal(directory, segment_bytes=SMALL)
        assert facts_in(again) == facts_of(history)
        assert set(rows_in(again)["mask"].tolist()) <= {0b0011, 0b1111}
        again.narrow_rows(wanted, kept=KEPT)
        assert np.array_equal(rows_in(again)["mask"] == 0b0011, np.isin(rows_in(again)["sequence"], wanted))
        again.close()
        if not died:
            break
        step += 3
    assert step > 3
