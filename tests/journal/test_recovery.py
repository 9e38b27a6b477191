"""A crash at any moment: whole blocks stay, a torn end is cut, and nothing that was durable is given up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.errors import Corrupt
from genom.journal import Journal
from genom.journal.layout import BLOCK_HEADER, pack_block
from tests.journal.making import (
    SMALL,
    Group,
    copied,
    facts_in,
    facts_of,
    flipped,
    group,
    grow,
    grown,
    histories,
    newest,
    reopened,
    stage,
)

HISTORY = [group(1, 2, body=b'{"n":%d}' % n) for n in range(7)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with HISTORY in one segment."""
    return grown(tmp_path_factory.mktemp("written") / "journal", HISTORY)


def last_block(directory: Path) -> tuple[int, int]:
    """Where the open segment's last block begins and ends."""
    journal = Journal(directory, writable=False)
    *_, block = journal.blocks()
    journal.close()
    return block.start, block.start + block.header.size


def cuts() -> Iterator[int]:
    """Every byte of a header, and some of the rest."""
    yield from range(BLOCK_HEADER + 4)
    yield from random.Random(7).sample(range(BLOCK_HEADER + 4, BLOCK_HEADER + 320 + 14), 40)


def test_a_last_block_cut_at_any_byte_leaves_exactly_the_blocks_before(written: Path, tmp_path: Path) -> None:
    start, _ = last_block(written)
    for cut in cuts():
        directory = copied(written, tmp_path / "journal")
        content = newest(directory).read_bytes()
        newest(directory).write_bytes(content[: start + cut] + bytes(len(content) - start - cut))

        assert reopened(directory) == facts_of(HISTORY[:-1]), cut
        assert reopened(directory) == facts_of(HISTORY[:-1]), "what was cut comes back"


def test_a_file_that_ends_in_its_last_block_is_read_up_to_there(written: Path, tmp_path: Path) -> None:
    start, _ = last_block(written)
    for cut in cuts():
        directory = copied(written, tmp_path / "journal")
        newest(directory).write_bytes(newest(directory).read_bytes()[: start + cut])

        assert reopened(directory) == facts_of(HISTORY[:-1]), cut


def test_any_bit_turned_in_the_last_block_cuts_that_block_and_says_so(written: Path, tmp_path: Path) -> None:
    start, end = last_block(written)
    for byte in random.Random(8).sample(range(start, end - 2), 60):
        directory = copied(written, tmp_path / "journal")
        flipped(newest(directory), byte, byte % 8)

        journal = Journal(directory, segment_bytes=SMALL)

        assert journal.cut_bytes > 0, byte
        assert facts_in(journal) == facts_of(HISTORY[:-1]), byte
        journal.close()


def test_rows_after_a_cut_take_the_free_numbers_and_survive_the_next_start(written: Path, tmp_path: Path) -> None:
    directory = copied(written, tmp_path / "journal")
    flipped(newest(directory), last_block(directory)[0])

    journal = Journal(directory, segment_bytes=SMALL)
    stage(journal, group(9))
    journal.close()

    assert reopened(directory) == facts_of([*HISTORY[:-1], group(9)])


@settings(max_examples=20)
@given(histories, st.data())
def test_a_copy_taken_at_any_moment_opens_with_all_that_was_staged(history: list[Group], data: st.DataObject) -> None:
    with TemporaryDirectory() as place:
        journal = Journal(Path(place) / "journal", segment_bytes=SMALL)
        for n, one in enumerate(history, 1):
            stage(journal, one)
            step = data.draw(st.sampled_from(["nothing", "sync", "upkeep", "copy"]))
            if step == "copy":
                assert reopened(copied(Path(place) / "journal", Path(place) / "copy")) == facts_of(history[:n])
            elif step != "nothing":
                journal.sync() if step == "sync" else journal.upkeep(now=7)
        journal.close()


def power_failure(directory: Path, to: Path, durable: bytes, data: st.DataObject) -> Path:
    """Of the open segment's sectors that were not synced, any may have reached the disk and any may not."""
    copied(directory, to)
    new = bytearray(newest(to).read_bytes())
    for at in range(0, len(new), 512):
        if new[at : at + 512] != durable[at : at + 512] and not data.draw(st.booleans()):
            new[at : at + 512] = durable[at : at + 512]
    newest(to).write_bytes(new)
    return to


@settings(max_examples=40)
@given(st.lists(histories.filter(bool), min_size=1, max_size=2), st.data())
def test_after_a_power_failure_all_synced_rows_are_there_and_no_torn_one(
    batches: list[list[Group]], data: st.DataObject
) -> None:
    """Several blocks may wait for one sync; the disk may keep a later one and lose an earlier one."""
    with TemporaryDirectory() as place:
        synced = [group(1), *(one for batch in batches[:-1] for one in batch)]
        journal = grow(Path(place) / "journal", synced, segment_bytes=1 << 17)
        before = newest(Path(place) / "journal").read_bytes()
        for one in batches[-1]:
            stage(journal, one)

        found = reopened(power_failure(Path(place) / "journal", Path(place) / "copy", before, data))

        assert found[: len(facts_of(synced))] == facts_of(synced)
        assert found == facts_of([*synced, *batches[-1]])[: len(found)]
        journal.close()


def test_an_intact_block_behind_a_torn_one_of_the_same_sync_is_cut_with_it(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", HISTORY[:2])
    torn = journal._current.end
    stage(journal, HISTORY[2])
    stage(journal, HISTORY[3])
    journal.close()
    flipped(newest(tmp_path / "journal"), torn)

    assert reopened(tmp_path / "journal") == facts_of(HISTORY[:2])


def test_a_damaged_block_before_a_synced_one_is_no_torn_end(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY)
    flipped(newest(directory), 64)
    content = newest(directory).read_bytes()

    with pytest.raises(Corrupt, match=r"damaged at byte 64[\s\S]*row 1 was durable"):
        Journal(directory, segment_bytes=SMALL)

    assert newest(directory).read_bytes() == content


def test_an_intact_block_with_other_numbers_than_come_next_is_not_taken(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", HISTORY[:2])
    rows = group(9).rows()
    rows["sequence"] = 99
    stray = pack_block(rows, b"{}", segment=1, committed_at=7, durable=0)
    journal._current.write_at(journal._current.end, stray)
    journal.close()

    assert reopened(tmp_path / "journal") == facts_of(HISTORY[:2])


def test_the_old_segment_is_durable_before_a_new_one_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = grow(tmp_path / "journal", [group(1)])
    journal.upkeep(now=7)
    events, sync, rename = list[str](), journal._current.sync, Path.rename

    def noted_sync() -> None:
        sync()
        events.append("old is durable")

    def noted_rename(path: Path, to: Path) -> Path:
        events.append(f"{to.name} begins")
        return rename(path, to)

    monkeypatch.setattr(journal._current, "sync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)

    stage(journal, group(*range(24)))

    assert events == ["old is durable", "0000000002.journal begins"]
    journal.close()


def test_a_process_killed_while_it_reserves_space_leaves_nothing_that_stops_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    for call in ("posix_fallocate", "fdatasync", "pwrite", "rename"):
        directory = grown(tmp_path / call, [group(1)])
        journal = Journal(directory, segment_bytes=SMALL)
        with monkeypatch.context() as patch:
            patch.setattr("genom.journal.files.Path.rename" if call == "rename" else f"os.{call}", killed)
            with pytest.raises(Killed):
                stage(journal, group(*range(30)))
        journal.close()

        assert reopened(directory) == facts_of([group(1)]), call
