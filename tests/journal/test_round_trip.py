"""What was staged is read back: in order, from any sequence, by profile and by decision."""

from __future__ import annotations

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
    group,
    grow,
    grown,
    histories,
    reopened,
    stage,
)

few = settings(max_examples=25)  # each makes files and forces them to disk


@few
@given(histories)
def test_rows_and_bodies_come_back_in_order_with_numbers_without_gaps(history: list[Group]) -> None:
    with TemporaryDirectory() as place:
        journal = grow(Path(place) / "journal", history)

        assert facts_in(journal) == facts_of(history)
        assert journal.last == len(facts_of(history))
        journal.close()


@few
@given(histories)
def test_a_new_process_reads_the_same(history: list[Group]) -> None:
    with TemporaryDirectory() as place:
        directory = grown(Path(place) / "journal", history)

        assert reopened(directory) == facts_of(history)


@few
@given(histories, st.integers(1, 400))
def test_a_cursor_reads_from_any_sequence(history: list[Group], first: int) -> None:
    with TemporaryDirectory() as place:
        journal = grow(Path(place) / "journal", history)

        read = facts_in(journal, first)

        expected = [fact for fact in facts_of(history) if fact[0] >= first]
        assert [fact for fact in read if fact[0] >= first] == expected
        assert len(read) - len(expected) < 30  # at most the rest of the first row's block stands before
        journal.close()


@few
@given(histories, st.sets(st.integers(0, 5)), st.booleans())
def test_rows_of_profiles_are_what_a_scan_finds(history: list[Group], profiles: set[int], anew: bool) -> None:
    with TemporaryDirectory() as place:
        journal = grow(Path(place) / "journal", history)
        if anew:
            journal.close()
            journal = Journal(Path(place) / "journal", segment_bytes=SMALL)

        assert facts_by_profile(journal, *profiles) == [fact for fact in facts_of(history) if fact[1] in profiles]
        journal.close()


@few
@given(histories, st.booleans())
def test_rows_of_a_decision_are_what_a_scan_finds(history: list[Group], anew: bool) -> None:
    with TemporaryDirectory() as place:
        journal = grow(Path(place) / "journal", history)
        if anew:
            journal.close()
            journal = Journal(Path(place) / "journal", segment_bytes=SMALL)

        for decision in (1, 2, 3):
            rows = journal.rows_of_decision(decision).rows
            assert rows["sequence"].tolist() == [fact[0] for fact in facts_of(history) if fact[2] == decision]
        journal.close()


def test_all_columns_come_back_by_profile(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", [group(1, 2, 1)] * 20)

    scanned = [bytes(row) for block in journal.blocks() for row in block.rows if row["profile"] == 2]

    assert [bytes(row) for row in journal.rows_of([2]).rows] == scanned
    assert len(scanned) == 20
    journal.close()


def test_a_row_without_a_time_has_that_of_its_block(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    for now in (100, 200, 300):
        one = group(1, 1, body=b"" if now == 200 else b"{}")
        journal.stage(one.rows(), b"".join(one.bodies), now=now)

    assert [journal.committed_at(place) for place in journal.rows_of([1]).places] == [100, 100, 200, 200, 300, 300]
    journal.close()


def test_a_profile_asked_for_twice_is_read_once(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", [group(1, 2)])

    assert journal.rows_of([2, 2]).rows["sequence"].tolist() == [2]
    assert len(journal.rows_of([]).rows) == 0
    journal.close()


def test_no_rows_are_no_block(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", [group(1)])

    assert stage(journal, Group((), (), ())) == 1

    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([group(1)])


def test_the_largest_keys_are_found(tmp_path: Path) -> None:
    largest = (1 << 64) - 1
    journal = grow(tmp_path / "journal", [Group((largest >> 1,), (largest,), (b"",))] * 30)

    assert len(journal.rows_of([largest >> 1]).rows) == 30
    assert len(journal.rows_of_decision(largest).rows) == 30
    journal.close()


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    grown(tmp_path / "journal", [group(1, 2, 3)] * 20)

    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "journal").iterdir()}

    assert modes == {0o600}
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o700
