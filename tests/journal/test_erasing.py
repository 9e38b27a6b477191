"""Erased rows keep their number and nothing else; everything else stays as it was, whenever the process dies."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.errors import Busy, Corrupt
from genom.journal import Journal, Wiped, intents
from genom.words import ROW, Kind
from tests.journal.making import (
    SMALL,
    Fact,
    Group,
    copied,
    facts_by_profile,
    facts_in,
    facts_of,
    flipped,
    group,
    grow,
    grown,
    histories,
    reopened,
    stage,
)
from tests.journal.spec import read

SECRET = b'{"who":"canary"}'
HISTORY = [
    Group((n % 5, 7, 1 + n % 3), (n % 4, 0, 0), (SECRET if n % 5 == 3 else b"{}", b"[7]", b"")) for n in range(60)
]


def left_of(history: list[Group], *gone: int) -> list[Fact]:
    return [fact if fact[1] not in gone else (fact[0], 0, 0, b"") for fact in facts_of(history)]


def raw(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.iterdir()))


def fact_row(kind: Kind, profile: int, *, item: int = 0, body: bytes = b"") -> tuple[np.ndarray, bytes]:
    row = np.zeros(1, ROW)
    row["kind"], row["profile"], row["item"], row["body_length"] = kind, profile, item, len(body)
    return row, body


@settings(deadline=None)
@given(history=histories, gone=st.sets(st.integers(1, 4), min_size=1), upkeep=st.booleans())
def test_an_erasure_leaves_what_others_have(
    tmp_path_factory: pytest.TempPathFactory, history: list[Group], gone: set[int], upkeep: bool
) -> None:
    directory = tmp_path_factory.mktemp("erasing") / "journal"
    journal = grow(directory, history, upkeep=upkeep)

    wiped = journal.erase(gone)

    left = left_of(history, *gone)
    erased = [fact for fact in facts_of(history) if fact[1] in gone]
    assert wiped == Wiped(len(erased), sum(ROW.itemsize + len(body) for *_, body in erased))
    assert facts_in(journal) == left
    assert facts_by_profile(journal, 1, 2, 3, 4) == [fact for fact in left if fact[1]]
    journal.close()
    assert reopened(directory) == left
    assert [row["sequence"] for row in read(directory)] == [fact[0] for fact in left]


@pytest.mark.parametrize("upkeep", [True, False])
def test_no_byte_of_the_person_is_left_in_any_file(tmp_path: Path, upkeep: bool) -> None:
    journal = grow(tmp_path / "journal", HISTORY, upkeep=upkeep)
    assert b"canary" in raw(tmp_path / "journal")

    journal.erase([3])

    assert b"canary" not in raw(tmp_path / "journal")
    assert facts_by_profile(journal, 3) == []
    assert journal.rows_of_decision(3).rows["profile"].tolist() == [
        profile for _, profile, decision, _ in left_of(HISTORY, 3) if decision == 3
    ]
    journal.upkeep(now=7)
    journal.close()
    for path in (tmp_path / "journal").glob("*.index"):
        path.unlink()
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    assert facts_by_profile(journal, 1, 2, 7) == [fact for fact in left_of(HISTORY, 3) if fact[1] in {1, 2, 7}]
    journal.close()


def test_an_index_names_no_row_of_the_person_and_is_still_whole(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", HISTORY)
    journal.erase([3])
    journal.close()

    reader = Journal(tmp_path / "journal", writable=False)

    sealed = [index for index in reader._indexes.values() if hasattr(index, "about")]
    assert len(sealed) > 3
    assert not any((index.profiles == 3).any() for index in sealed)
    assert all((np.diff(index.profiles.astype(np.int64)) >= 0).all() for index in sealed)
    assert all((np.diff(index.decisions.astype(np.int64)) >= 0).all() for index in sealed)
    reader.close()


def test_rows_are_erased_by_their_numbers(tmp_path: Path) -> None:
    journal = grow(tmp_path / "journal", HISTORY)
    gone = {2, 3, 50, 51, 177}

    wiped = journal.erase_rows(np.array([*gone, 10_000], np.uint64))

    left = [(n, 0, 0, b"") if n in gone else fact for n, fact in enumerate(facts_of(HISTORY), 1)]
    assert wiped.rows == 5
    assert facts_in(journal) == left
    assert facts_by_profile(journal, 7) == [fact for fact in left if fact[1] == 7]
    journal.close()
    assert reopened(tmp_path / "journal") == left


def test_the_number_of_an_erased_profile_stays_known(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    journal.stage(*fact_row(Kind.IDENTIFIER, 5, body=SECRET), now=7)

    journal.erase([5])
    journal.erase([5])

    (block,) = journal.blocks()
    assert (block.rows["kind"].tolist(), block.rows["profile"].tolist()) == ([Kind.ERASED], [5])
    assert block.rows["body_length"].tolist() == [0]
    journal.close()


def test_what_others_rows_say_of_the_person_is_gone_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", segment_bytes=SMALL)
    for fact in (
        fact_row(Kind.LINK, 1, item=2),
        fact_row(Kind.LINK, 3, item=1),
        fact_row(Kind.LINK, 3, item=4),
        fact_row(Kind.UNLINK, 3, body=b'{"links":[1,4],"whole":[1,2,3,4]}'),
    ):
        journal.stage(*fact, now=7)

    journal.erase([1, 2], beside=[3])

    blocks = list(journal.blocks())
    assert [int(block.rows["kind"][0]) for block in blocks] == [Kind.ERASED, Kind.ERASED, Kind.LINK, Kind.UNLINK]
    assert blocks[3].body(0).rstrip() == b'{"links":[4],"whole":[3,4]}'
    journal.close()


class _Killed(Exception):
    pass


def _kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the process die before its step-th change of a file, in the middle of a write."""
    left = [step]

    def dying(act, half):
        def does(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                half(*args, **kwargs)
                raise _Killed
            return act(*args, **kwargs)

        return does

    write = intents.write_all
    monkeypatch.setattr(intents, "write_all", dying(write, lambda h, d, at: write(h, d[: len(d) // 2], at=at)))
    monkeypatch.setattr(intents, "sync_directory", dying(intents.sync_directory, lambda _: None))


def test_a_death_at_any_step_leaves_a_journal_that_finishes_the_erasure(tmp_path: Path) -> None:
    history = HISTORY[:24]
    directory, step, deaths = grown(tmp_path / "journal", history), 0, 0
    before, after = facts_of(history), left_of(history, 3, 2)
    while True:
        journal = Journal(copied(directory, tmp_path / "copy"), segment_bytes=SMALL)
        with pytest.MonkeyPatch.context() as patched:
            _kill_at(patched, step)
            try:
                journal.erase([3, 2])
            except _Killed:
                deaths += 1
            else:
                break
            finally:
                journal.close()
        again = Journal(tmp_path / "copy", segment_bytes=SMALL)
        assert not list((tmp_path / "copy").glob("*.intent*"))
        assert all(fact in (old, new) for fact, old, new in zip(facts_in(again), before, after, strict=True))
        again.erase([3, 2])
        assert facts_in(again) == after
        assert facts_by_profile(again, 7) == [fact for fact in after if fact[1] == 7]
        again.close()
        assert b"canary" not in raw(tmp_path / "copy")
        step += 1
    assert deaths > 30


def test_a_death_while_it_is_redone_is_redone(tmp_path: Path) -> None:
    directory, after = grown(tmp_path / "journal", HISTORY), left_of(HISTORY, 3)
    journal = Journal(directory, segment_bytes=SMALL)
    with pytest.MonkeyPatch.context() as patched:
        _kill_at(patched, 6)
        with pytest.raises(_Killed):
            journal.erase([3])
    journal.close()
    for step in range(4):
        with pytest.MonkeyPatch.context() as patched:
            _kill_at(patched, step)
            with pytest.raises(_Killed):
                Journal(directory, segment_bytes=SMALL)

    journal = Journal(directory, segment_bytes=SMALL)
    journal.erase([3])

    assert facts_in(journal) == after
    journal.close()


def test_a_damaged_intent_is_told_and_changes_nothing(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", HISTORY)
    journal = Journal(directory, segment_bytes=SMALL)
    with pytest.MonkeyPatch.context() as patched:
        _kill_at(patched, 1)
        with pytest.raises(_Killed):
            journal.erase([3])
    journal.close()
    flipped(directory / "erase.intent", 60)
    before = raw(directory)

    with pytest.raises(Corrupt, match=r"erase\.intent is damaged"):
        Journal(directory, segment_bytes=SMALL)

    assert raw(directory) == before


def test_a_reader_is_told_of_an_erasure_that_nobody_finishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = grown(tmp_path / "journal", HISTORY)
    journal = Journal(directory, segment_bytes=SMALL)
    with pytest.MonkeyPatch.context() as patched:
        _kill_at(patched, 4)
        with pytest.raises(_Killed):
            journal.erase([3])
    journal.close()
    monkeypatch.setattr(intents, "_PATIENCE", 0.0)

    with pytest.raises(Busy, match="cannot be read now"):
        facts_in(Journal(directory, writable=False))


def test_an_erasure_disturbs_neither_writers_nor_readers(tmp_path: Path) -> None:
    history = [group(n % 5, 7, body=b'{"n":%d}' % n) for n in range(400)]
    journal = grow(tmp_path / "journal", history)
    failures: list[BaseException] = []

    def erase() -> None:
        try:
            for profile in (3, 1, 2):
                journal.erase([profile])
        except BaseException as error:  # noqa: BLE001 - the test shows it
            failures.append(error)

    thread = threading.Thread(target=erase)
    thread.start()
    while thread.is_alive():
        reader = Journal(tmp_path / "journal", writable=False)
        assert [fact for fact in facts_in(reader) if fact[1] == 7] == [
            fact for fact in facts_of(history) if fact[1] == 7
        ]
        assert facts_by_profile(reader, 7) == [fact for fact in facts_of(history) if fact[1] == 7]
        reader.close()
        history.append(group(4, 7, body=b"[]"))
        stage(journal, history[-1])
        journal.sync()
        journal.upkeep(now=7)
    thread.join()

    assert not failures
    assert facts_in(journal) == left_of(history, 1, 2, 3)
    journal.close()
    assert reopened(tmp_path / "journal") == left_of(history, 1, 2, 3)
