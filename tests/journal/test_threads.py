"""Readers of other threads write what is held: no row may be lost or written twice by it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from genom.journal import Journal
from genom.words import ROW, Kind

ROWS = 4_000


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads change places all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def row(number: int) -> tuple[np.ndarray, bytes]:
    rows, body = np.zeros(1, ROW), b"%06d" % number
    rows["profile"], rows["kind"], rows["body_length"] = 1 + number % 3, Kind.DECISION, len(body)
    return rows, body


@pytest.mark.usefixtures("hasty")
def test_what_is_held_while_others_read_is_written_once_and_in_order(tmp_path: Path) -> None:
    journal, ended, failed = Journal(tmp_path / "journal"), Event(), list[BaseException]()

    def read() -> None:
        try:
            while not ended.is_set():
                journal.write_held(now=0)
        except BaseException as error:  # noqa: BLE001 -- told by the test
            failed.append(error)

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(ROWS):
        (journal.hold if number % 5 else journal.stage)(*row(number), now=0)
    ended.set()
    for reader in readers:
        reader.join()
    journal.write_held(now=0)
    journal.sync()
    journal.close()

    again = Journal(tmp_path / "journal")
    found = [
        (int(block.rows["sequence"][i]), block.body(i)) for block in again.blocks() for i in range(len(block.rows))
    ]
    again.close()
    assert failed == []
    assert found == [(number + 1, b"%06d" % number) for number in range(ROWS)]
