"""A full disk is Busy: nothing is left behind, and the journal goes on when there is room."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genom.errors import Busy
from genom.journal import Journal
from tests.journal.making import SMALL, facts_in, facts_of, group, grow, grown, newest, reopened, stage

LARGE = group(*range(24))  # fills a segment


def no_room(*_: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def half_a_write(real: Callable[..., int]) -> Callable[..., int]:
    """A write that takes half of its bytes; the one after it has no room."""
    calls = iter(range(100))

    def pwrite(handle: int, data: bytes, at: int) -> int:
        return no_room() if next(calls) % 2 else real(handle, bytes(data)[: len(data) // 2], at)

    return pwrite


@pytest.mark.parametrize("call", ["posix_fallocate", "open"])
def test_no_room_for_a_new_segment_is_busy_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    journal = grow(tmp_path / "journal", [LARGE], upkeep=False)
    before = sorted(path.name for path in (tmp_path / "journal").iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(f"genom.journal.files.os.{call}", no_room)
        with pytest.raises(Busy, match="no room"):
            stage(journal, LARGE)

    assert sorted(path.name for path in (tmp_path / "journal").iterdir()) == before
    assert journal.last == 24
    assert stage(journal, LARGE) == 48
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([LARGE, LARGE])


def test_no_room_while_a_reserved_segment_begins_is_busy_and_it_begins_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = grow(tmp_path / "journal", [LARGE])
    journal.upkeep(now=7)
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", half_a_write(os.pwrite))
        with pytest.raises(Busy):
            stage(journal, LARGE)

    assert stage(journal, LARGE) == 48
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([LARGE, LARGE])


def test_no_room_for_a_larger_segment_gives_up_the_reserved_one_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = grow(tmp_path / "journal", [LARGE])
    journal.upkeep(now=7)
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", no_room)
        with pytest.raises(Busy):
            stage(journal, group(*range(200)))

    assert stage(journal, LARGE) == 48
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([LARGE, LARGE])


def test_a_write_without_room_is_busy_and_its_numbers_are_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = grow(tmp_path / "journal", [group(1)])
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", half_a_write(os.pwrite))
        with pytest.raises(Busy, match="no room"):
            stage(journal, group(2, 3, 4))

    assert journal.last == 1
    assert stage(journal, group(5)) == 2
    assert facts_in(journal) == facts_of([group(1), group(5)])
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([group(1), group(5)])


def test_a_write_that_lacked_only_its_last_byte_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that has a checksum was written; but the sender was told that nothing was."""
    real = os.pwrite

    def pwrite(handle: int, data: bytes, at: int) -> int:
        if len(data) == 1:
            no_room()
        return real(handle, bytes(data)[:-1] if len(data) != 64 else data, at)

    journal = grow(tmp_path / "journal", [group(1)])
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", pwrite)
        with pytest.raises(Busy):
            stage(journal, group(2, 3, 4))
    journal.close()

    assert reopened(tmp_path / "journal") == facts_of([group(1)])


def test_no_room_for_an_index_is_busy_and_it_is_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = grow(tmp_path / "journal", [LARGE, LARGE], upkeep=False)
    with monkeypatch.context() as patch:
        patch.setattr("genom.journal.index._write", no_room)
        with pytest.raises(Busy):
            journal.upkeep(now=7)
    assert [path.suffix for path in sorted((tmp_path / "journal").iterdir())] == [".journal", ".journal"]

    journal.upkeep(now=7)

    assert (tmp_path / "journal" / "0000000001.index").exists()
    assert facts_in(journal) == facts_of([LARGE, LARGE])
    journal.close()


def test_a_start_needs_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = grown(tmp_path / "journal", [LARGE, LARGE], upkeep=False)
    monkeypatch.setattr(os, "posix_fallocate", no_room)
    monkeypatch.setattr("genom.journal.index._write", no_room)

    assert reopened(directory) == facts_of([LARGE, LARGE])


def test_no_room_for_the_first_segment_is_busy_and_a_later_start_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", no_room)
        with pytest.raises(Busy):
            Journal(tmp_path / "journal", segment_bytes=SMALL)

    assert not list((tmp_path / "journal").iterdir())
    assert reopened(tmp_path / "journal") == []
    assert newest(tmp_path / "journal").name == "0000000001.journal"
