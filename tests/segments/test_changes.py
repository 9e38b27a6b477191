"""The log of who entered and left: numbered, bounded, whole after a kill."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.segments import CHANGE, NOBODY, ChangeLog


def records(*people: int, sequence: int = 7) -> np.ndarray:
    made = np.zeros(len(people), CHANGE)
    made["person"], made["segment"], made["entered"], made["sequence"] = people, 1, 1, sequence
    return made


def told(log: ChangeLog, after: int = 0) -> list[tuple[int, int]]:
    return [(int(record["number"]), int(record["person"])) for record in log.after(after)]


def test_records_are_numbered_across_restarts(tmp_path):
    log = ChangeLog(tmp_path)
    log.append(records(5, 6))
    log.close()

    again = ChangeLog(tmp_path)
    again.append(records(9))

    assert told(again) == [(1, 5), (2, 6), (3, 9)]
    assert told(again, after=2) == [(3, 9)]


def test_only_the_newest_files_stay(tmp_path):
    log = ChangeLog(tmp_path, file_records=10)
    for person in range(1, 96):
        log.append(records(person))

    assert len(list(tmp_path.glob("*.log"))) == 4
    assert told(log)[0] == (log.oldest, log.oldest)
    assert told(log)[-1] == (95, 95)
    assert told(log, after=93) == [(94, 94), (95, 95)]


@given(cut=st.integers(0, 48 * 3))
def test_a_torn_tail_is_cut_and_the_rest_is_whole(cut, tmp_path_factory):
    path = tmp_path_factory.mktemp("log")
    log = ChangeLog(path)
    log.append(records(5, 6, 7))
    log.close()
    file = next(path.glob("*.log"))
    file.write_bytes(file.read_bytes()[:cut])

    again = ChangeLog(path)
    again.append(records(8))

    whole = cut // 48
    assert told(again) == [(i + 1, 5 + i) for i in range(whole)] + [(whole + 1, 8)]


@given(at=st.integers(0, 48 * 3 - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(at, bit, tmp_path_factory):
    path = tmp_path_factory.mktemp("log")
    log = ChangeLog(path)
    log.append(records(5, 6, 7))
    log.close()
    file = next(path.glob("*.log"))
    data = bytearray(file.read_bytes())
    data[at] ^= 1 << bit
    file.write_bytes(bytes(data))

    assert told(ChangeLog(path)) == [(i + 1, 5 + i) for i in range(at // 48)]


def test_records_of_rows_that_were_never_durable_are_forgotten(tmp_path: Path):
    log = ChangeLog(tmp_path)
    log.append(records(5, sequence=10))
    log.append(records(6, 7, sequence=11))

    log.drop_after(10)
    log.append(records(8, sequence=11))

    assert told(log) == [(1, 5), (2, 8)]


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """The system writes files up to here, and no further: a write is cut short, and the next one fails.

    Python ignores the signal that comes with it; what ran before in this process may have changed that.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("room", [0, 20, 48, 100])
def test_what_a_full_disk_does_not_take_is_written_later_in_its_order(room, tmp_path):
    log = ChangeLog(tmp_path)
    log.append(records(4))

    with files_end_at(48 + room):
        log.append(records(5, 6, 7))
        log.append(records(8))
        assert (told(log), log.waiting["person"].tolist()) == ([(1, 4)], [5, 6, 7, 8])
        assert next(tmp_path.glob("*.log")).stat().st_size == 48
    log.append(records(9))

    assert told(log) == [(1, 4), (2, 5), (3, 6), (4, 7), (5, 8), (6, 9)]
    assert told(ChangeLog(tmp_path)) == told(log)


def test_a_file_that_cannot_be_begun_is_begun_later(tmp_path):
    log = ChangeLog(tmp_path, file_records=2)
    log.append(records(1, 2))
    tmp_path.rename(aside := tmp_path.with_suffix(".aside"))
    log.append(records(3))
    aside.rename(tmp_path)

    log.catch_up()

    assert told(log) == [(1, 1), (2, 2), (3, 3)]
    assert len(log.waiting) == 0


def test_records_that_wait_are_erased_too(tmp_path):
    log = ChangeLog(tmp_path)
    with files_end_at(0):
        log.append(records(5, 6))
        assert log.erase({5}) == 1
    log.catch_up()

    assert told(log) == [(1, NOBODY), (2, 6)]
