"""The log of who entered and left: numbered, bounded, whole after a kill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.segments import CHANGE, ChangeLog


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
