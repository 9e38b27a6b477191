"""A failed sync is told as it is, once and for all: what is on disk is unknown from then on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from genom.journal import Journal
from tests.journal.making import SMALL, facts_in, facts_of, group, grow, newest, reopened, stage


def fails(_handle: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def lacks_room(_handle: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("failure", [fails, lacks_room])
def test_a_failed_sync_is_an_oserror_and_never_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Callable[[int], None]
) -> None:
    journal = grow(tmp_path / "journal", [group(1)])
    stage(journal, group(2))
    monkeypatch.setattr(os, "fdatasync", failure)

    with pytest.raises(OSError, match=r"Input/output error|No space left"):
        journal.sync()
    journal.close()


def test_a_failed_sync_is_never_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel tells a failed write once; a second sync succeeds without the first one's bytes."""
    journal = grow(tmp_path / "journal", [group(1)])
    stage(journal, group(2))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fails)
        with pytest.raises(OSError, match="Input/output error"):
            journal.sync()

    with pytest.raises(OSError, match="Input/output error"):
        journal.sync()
    with pytest.raises(OSError, match="Input/output error"):
        stage(journal, group(3))
    journal.close()


def test_a_sync_that_fails_while_a_segment_begins_is_told_to_whoever_syncs_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = grow(tmp_path / "journal", [group(1)])
    journal.upkeep(now=7)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fails)
        with pytest.raises(OSError, match="Input/output error"):
            stage(journal, group(*range(24)))

    with pytest.raises(OSError, match="Input/output error"):
        journal.sync()
    journal.close()


def test_upkeep_tells_a_failed_sync_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = grow(tmp_path / "journal", [group(*range(24))] * 2, upkeep=False)
    monkeypatch.setattr(os, "fsync", fails)

    with pytest.raises(OSError, match="Input/output error"):
        journal.upkeep(now=7)
    journal.close()


def test_a_start_syncs_what_a_killed_run_left_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message sent again after the kill is known already, and is acknowledged as such."""
    journal = grow(tmp_path / "journal", [group(1)])
    stage(journal, group(2))
    journal.close()
    synced, real = list[str](), os.fdatasync

    def noted(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fdatasync", noted)

    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)

    assert str(newest(tmp_path / "journal")) in synced
    assert facts_in(journal) == facts_of([group(1), group(2)])
    journal.close()


def test_blocks_say_what_was_durable_before_them(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", [group(1, 2)])
    stage(journal, group(3))
    stage(journal, group(4))
    journal.sync()
    stage(journal, group(5))

    assert [block.header.durable for block in journal.blocks()] == [0, 2, 2, 4]
    journal.close()
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    stage(journal, group(6))
    assert [block.header.durable for block in journal.blocks()][-1] == 5
    journal.close()
    assert len(reopened(tmp_path / "journal")) == 6
