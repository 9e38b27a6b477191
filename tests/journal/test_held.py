"""Small groups may wait in memory for the next block: they have their place, and whoever looks sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import Busy
from genom.journal import Journal
from tests.journal.making import (
    SMALL,
    Group,
    copied,
    facts_by_profile,
    facts_in,
    facts_of,
    group,
    groups,
    reopened,
    stage,
)
from tests.journal.test_disk_full import no_room


def hold(journal: Journal, one: Group) -> int:
    return journal.hold(one.rows(), b"".join(one.bodies), now=7)


@given(history=st.lists(st.tuples(groups, st.sampled_from(["hold", "stage", "sync"])), max_size=12))
def test_what_waits_has_its_place_among_what_is_written(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[Group, str]]
) -> None:
    directory = tmp_path_factory.mktemp("held") / "journal"
    journal = Journal(directory, segment_bytes=SMALL)
    for one, how in history:
        (stage if how == "stage" else hold)(journal, one)
        if how == "sync":
            journal.write_held(now=7)
            journal.sync()

    journal.write_held(now=7)
    journal.close()

    assert reopened(directory) == facts_of([one for one, _ in history])


def test_readers_see_what_waits(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    assert hold(journal, group(1, 2, decision=5, body=b"one")) == 2
    assert hold(journal, group(1, decision=6, body=b"two")) == 3

    assert facts_by_profile(journal, 1) == [(1, 1, 5, b"one"), (3, 1, 6, b"two")]
    assert journal.rows_of_decision(6).rows["sequence"].tolist() == [3]
    hold(journal, group(3))
    assert len(facts_in(journal)) == 4
    journal.close()


def test_a_sync_makes_no_claim_about_what_waits(tmp_path: Path) -> None:
    """A block says which rows are durable; after a crash such a row must not be missing."""
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    stage(journal, group(1))
    hold(journal, group(2))
    journal.sync()
    hold(journal, group(3))
    journal.write_held(now=7)
    journal.close()

    headers = [block.header for block in Journal(tmp_path / "journal", writable=False).blocks()]
    assert [(header.first_sequence, header.durable) for header in headers] == [(1, 0), (2, 1)]


def test_a_crash_takes_what_waits_and_nothing_else(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    stage(journal, group(1))
    journal.sync()
    hold(journal, group(2))

    assert reopened(copied(tmp_path / "journal", tmp_path / "crashed")) == facts_of([group(1)])
    journal.close()


def test_what_does_not_fit_into_the_segment_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that goes out before its record is written needs a record that can be written."""
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    hold(journal, group(1))
    with monkeypatch.context() as patch:
        patch.setattr("genom.journal.files.os.posix_fallocate", no_room)
        with pytest.raises(Busy):
            hold(journal, group(2, body=bytes(SMALL)))

    assert hold(journal, group(2, body=bytes(SMALL))) == 2
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([group(1), group(2, body=bytes(SMALL))])


def test_what_the_disk_does_not_take_goes_on_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    hold(journal, group(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", no_room)
        with pytest.raises(Busy):
            journal.write_held(now=7)
        with pytest.raises(Busy):
            stage(journal, group(2))

    assert stage(journal, group(2)) == 2
    journal.close()
    assert reopened(tmp_path / "journal") == facts_of([group(1), group(2)])
