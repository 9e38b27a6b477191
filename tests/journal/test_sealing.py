"""A full segment is sealed and indexed; the index is a cache that may go missing at any time."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from genom.errors import Corrupt
from genom.journal import Journal
from genom.journal.index import Index
from tests.journal.making import (
    SMALL,
    copied,
    facts_by_profile,
    facts_in,
    facts_of,
    flipped,
    group,
    grow,
    grown,
    newest,
    reopened,
    stage,
)

HISTORY = [group(n % 5, 7, decision=n % 3) for n in range(60)]


def test_every_segment_but_the_last_is_sealed_and_indexed(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", HISTORY)
    journal.upkeep(now=7)

    segments = sorted(path.stem for path in (tmp_path / "journal").glob("*.journal"))
    indexes = sorted(path.stem for path in (tmp_path / "journal").glob("*.index"))

    assert len(segments) > 3
    assert indexes == segments[:-1]
    assert not journal.wants_upkeep
    journal.close()


def test_sealing_gives_back_the_space_after_the_last_block(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY)

    first = min(directory.glob("*.journal")).read_bytes()

    assert len(first) < SMALL
    assert first[-8:] == b"{}{}" + bytes(4)  # the last block's bodies and their padding
    assert newest(directory).stat().st_size == SMALL


@pytest.mark.parametrize("harm", ["missing", "empty", "short", "flipped", "another's"])
def test_an_index_that_cannot_be_used_is_made_again(tmp_path: Path, harm: str) -> None:
    directory = grown(tmp_path / "journal", HISTORY)
    index = directory / "0000000002.index"
    whole = index.read_bytes()
    if harm == "missing":
        index.unlink()
    elif harm == "flipped":
        flipped(index, len(whole) // 2)
    else:
        other = (directory / "0000000001.index").read_bytes()
        index.write_bytes({"empty": b"", "short": whole[:-9], "another's": other}[harm])

    journal = Journal(directory, segment_bytes=SMALL)

    assert facts_by_profile(journal, 2, 3) == [fact for fact in facts_of(HISTORY) if fact[1] in {2, 3}]
    journal.upkeep(now=7)
    assert index.read_bytes() == whole
    journal.close()


def test_an_index_that_points_elsewhere_is_noticed_when_it_is_used(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY)
    journal = Journal(directory, writable=False)
    index = journal._indexes[1]
    assert isinstance(index, Index)
    replace(index, profile_rows=index.profile_rows[::-1].copy()).save(directory / "0000000001.journal")
    journal.close()

    journal = Journal(directory, writable=False)

    with pytest.raises(Corrupt, match=r"delete 0000000001\.index"):
        journal.rows_of([2])
    journal.close()


def test_segments_left_unsealed_by_a_crash_are_sealed_by_the_next_run(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY, upkeep=False)
    assert not list(directory.glob("*.index"))

    journal = Journal(directory, segment_bytes=SMALL)
    assert journal.wants_upkeep
    journal.upkeep(now=7)

    assert len(list(directory.glob("*.index"))) == len(list(directory.glob("*.journal"))) - 1
    assert facts_in(journal) == facts_of(HISTORY)
    journal.close()


def test_rows_larger_than_a_segment_get_a_larger_one(tmp_path: Path) -> None:
    history = [group(*range(100)), group(1), group(*range(90)), group(2)]

    journal = grow(tmp_path / "journal", history)

    assert facts_in(journal) == facts_of(history)
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of(history)
    assert reopened(tmp_path / "journal") == facts_of(history)  # the first, empty segment is sealed by now


def test_what_a_run_left_half_made_is_removed(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY[:3])
    (directory / "0000000002.reserved").write_bytes(bytes(SMALL))
    (directory / "0000000001.index.new").write_bytes(b"GENOM")

    assert reopened(directory) == facts_of(HISTORY[:3])

    assert [path.name for path in directory.iterdir()] == ["0000000001.journal"]


def test_other_files_in_the_directory_are_left_alone(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY)
    (directory / "0000000001 (copy).journal").write_bytes(b"somebody's copy")

    assert reopened(directory) == facts_of(HISTORY)

    assert (directory / "0000000001 (copy).journal").exists()


def test_upkeep_in_another_thread_disturbs_neither_writes_nor_reads(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    done = threading.Event()
    failures: list[BaseException] = []

    def keep() -> None:
        try:
            while not done.is_set():
                if journal.wants_upkeep:
                    journal.upkeep(now=7)
                journal.sync()
        except BaseException as error:  # noqa: BLE001 - the test shows it
            failures.append(error)

    keeper = threading.Thread(target=keep)
    keeper.start()
    history = [group(n % 5, 7, body=b'{"n":%d}' % n) for n in range(1500)]
    for n, one in enumerate(history):
        stage(journal, one)
        if n % 50 == 0:
            assert facts_by_profile(journal, 3) == [fact for fact in facts_of(history[: n + 1]) if fact[1] == 3]
            assert facts_in(journal) == facts_of(history[: n + 1])
    done.set()
    keeper.join()

    assert not failures
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of(history)


def test_a_copy_of_a_sealed_journal_is_the_journal(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY)

    assert reopened(copied(directory, tmp_path / "copy")) == facts_of(HISTORY)
