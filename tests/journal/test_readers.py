"""Other processes read beside the one that writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from genom.journal import Journal
from tests.journal.making import (
    SMALL,
    Group,
    facts_by_profile,
    facts_in,
    facts_of,
    flipped,
    group,
    grow,
    grown,
    histories,
    newest,
    stage,
)

READ_UNTIL = """
import sys
from pathlib import Path
from genom.journal import Journal

journal, wanted = Journal(Path(sys.argv[1]), writable=False), int(sys.argv[2])
print("ready", flush=True)
seen = 0
while seen < wanted:
    journal.refresh()
    for block in journal.blocks(seen + 1):
        assert block.header.first_sequence == seen + 1, (block.header, seen)
        for i, row in enumerate(block.rows):
            assert row["sequence"] == seen + 1 and block.body(i) == b'{"n":%d}' % row["profile"]
            seen += 1
journal.durable()
journal.close()
print(seen)
"""


def test_a_reading_process_follows_a_writing_one(tmp_path: Path) -> None:
    """Through many segments: each begins, fills up and is cut while the other process looks at it."""
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    reader = subprocess.Popen(
        [sys.executable, "-c", READ_UNTIL, str(tmp_path / "journal"), "2000"], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout
    assert reader.stdout.readline() == "ready\n"
    for n in range(2000):
        stage(journal, group(n, body=b'{"n":%d}' % n))
        if journal.wants_upkeep:
            journal.upkeep(now=7)
    journal.sync()

    assert reader.communicate(timeout=60)[0] == "2000\n"
    assert reader.returncode == 0
    journal.close()


@settings(max_examples=20)
@given(histories, st.data())
def test_a_refreshed_reader_knows_what_the_writer_knows(history: list[Group], data: st.DataObject) -> None:
    with TemporaryDirectory() as place:
        writer = Journal(Path(place) / "journal", segment_bytes=SMALL)
        reader = Journal(Path(place) / "journal", writable=False)
        for n, one in enumerate(history, 1):
            stage(writer, one)
            if data.draw(st.booleans()):
                writer.upkeep(now=7)
            if data.draw(st.booleans()):
                reader.refresh()
                assert facts_in(reader) == facts_of(history[:n])
                assert facts_by_profile(reader, 3) == facts_by_profile(writer, 3)
        writer.close()
        reader.close()


def test_a_reader_of_an_empty_directory_waits_for_the_first_segment(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    reader = Journal(tmp_path / "journal", writable=False)
    reader.durable()
    assert (reader.last, facts_in(reader)) == (0, [])

    grown(tmp_path / "journal", [group(1)])
    reader.refresh()

    assert facts_in(reader) == facts_of([group(1)])
    reader.close()


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", [group(1, 2)] * 30, upkeep=False)
    (directory / "0000000009.reserved").touch()
    flipped(newest(directory), 70)  # a torn first block
    before = {path: path.read_bytes() for path in directory.iterdir()}

    Journal(directory, writable=False).close()

    assert {path: path.read_bytes() for path in directory.iterdir()} == before


def test_a_reader_ends_where_a_block_is_half_written_and_goes_on_when_it_is_whole(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    writer = grow(directory, [group(1)])
    end = writer._current.end
    stage(writer, group(2, 3))
    whole = newest(directory).read_bytes()
    for half in (end + 40, end + 100, end + 64 + 320 + 1):
        newest(directory).write_bytes(whole[:half] + bytes(len(whole) - half))
        reader = Journal(directory, writable=False)
        assert facts_in(reader) == facts_of([group(1)])

        newest(directory).write_bytes(whole)
        reader.refresh()

        assert facts_in(reader) == facts_of([group(1), group(2, 3)])
        reader.close()
    writer.close()


def test_what_was_read_stays_readable_while_its_segment_is_sealed(tmp_path: Path) -> None:
    history = [group(n) for n in range(40)]
    journal = grow(tmp_path / "journal", history, upkeep=False)
    reading = journal.blocks()
    first = next(reading)

    journal.upkeep(now=7)

    assert first.rows["sequence"].tolist() == [1]
    assert [int(block.rows["profile"][0]) for block in reading] == list(range(1, 40))
    journal.close()


def test_the_latest_blocks_come_first_through_all_segments(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    for n in range(300):
        stage(journal, group(n, body=b'{"n":%d}' % n))
        journal.upkeep(now=0)

    forwards = [(b.header.first_sequence, b.rows.tobytes()) for b in journal.blocks()]

    assert len(list((tmp_path / "journal").glob("*.journal"))) > 2
    assert [(b.header.first_sequence, b.rows.tobytes()) for b in journal.latest()] == forwards[::-1]
