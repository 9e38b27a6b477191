"""The log of who entered and left: outputs, written once, never folded; bounded files that rotate.

A record's key is (segment version, person, source sequence, what); `at` tells sweeps at one sequence apart.  Records
reach the file before the acknowledgement of the events that made them.  They are not forced to disk: after a power cut
a start compares what it computes with the memberships that the files tell, and writes the difference.  While the disk
takes none they wait in memory, and reach the file in their order as soon as it does.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.durable import write_all

__all__ = ["CHANGE", "NOBODY", "ChangeLog", "Reason"]

log = logging.getLogger("genom.segments")

CHANGE: Final = np.dtype(
    [
        ("number", "<u8"),  # of the record, from 1
        ("sequence", "<u8"),  # of the journal row that it came of; of a sweep: the newest row then
        ("at", "<i8"),  # unix ms, the moment for which the rule was evaluated
        ("person", "<u8"),  # 0 = everybody (a version was built)
        ("segment", "<u4"),  # number of the segment's version
        ("entered", "u1"),  # 1 = entered, 0 = left
        ("reason", "u1"),  # Reason
        ("spare", "<u2"),
        ("check", "<u8"),
    ],
)
"""One record: 48 bytes, little endian."""

NOBODY: Final = (1 << 64) - 1
"""`person` of a record whose person was erased."""
_FILE_RECORDS: Final = 350_000  # about 16 MB
_FILES: Final = 4  # the oldest goes when one more begins


class Reason(IntEnum):
    """Why somebody entered or left."""

    EVENT = 1  # their own event
    TIME = 2  # nothing happened: a value faded or a window passed
    CHOICE = 3  # what they permit changed
    START = 4  # a start found it
    BUILT = 5  # a new version was evaluated for everybody
    IDENTITY = 6  # two people turned out to be one, or one to be several
    MODEL = 7  # another model is in force
    UNREADABLE = 8  # the rule asks about what may not be read, or is not there, any more


def _check(records: NDArray[np.void]) -> NDArray[np.uint64]:
    """A word by which a torn or damaged record is known."""
    words = np.ascontiguousarray(records).view("<u8").reshape(len(records), 6)[:, :5]
    mixed: NDArray[np.uint64] = np.full(len(records), 0x9E3779B97F4A7C15, np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    return mixed


class ChangeLog:
    """The files `changes-N.log` of a directory, N being the number of their first record."""

    def __init__(self, directory: Path, *, file_records: int = _FILE_RECORDS) -> None:
        self._directory, self._file_records = directory, file_records
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.last = 0  # number of the newest record in the files
        self._first = 1  # number of the first record of the newest file
        self._handle = -1
        self._waiting: list[NDArray[np.void]] = []  # that the disk did not take, oldest first
        self._late = False  # whether that was told
        self._lock = Lock()  # of what waits: an erasure comes from another thread
        if files := self._files():
            self._first = _number(files[-1])
            good = len(self._read(files[-1]))
            self.last = self._first + good - 1
            os.truncate(files[-1], good * CHANGE.itemsize)

    @property
    def oldest(self) -> int:
        """Number of the oldest record that is still kept."""
        files = self._files()
        return _number(files[0]) if files else self.last + 1

    @property
    def waiting(self) -> NDArray[np.void]:
        """Records that the disk did not take yet, oldest first; they have no numbers."""
        with self._lock:
            return np.concatenate(self._waiting) if self._waiting else np.zeros(0, CHANGE)

    def append(self, records: NDArray[np.void]) -> None:
        """Number and write records; they outlive this process when it returns, unless the disk takes none now."""
        if len(records):
            with self._lock:
                self._waiting.append(records)
            self.catch_up()

    def catch_up(self) -> None:
        """Write what waits, as far as the disk takes it."""
        with self._lock:
            try:
                while self._waiting:
                    self._write(self._waiting[0])
                    del self._waiting[0]
            except OSError as error:
                if not self._late:
                    log.error("changes of segments wait for a disk that takes them", extra={"why": str(error)})
            else:
                if self._late:
                    log.info("changes of segments that waited are written")
            self._late = bool(self._waiting)

    def _write(self, records: NDArray[np.void]) -> None:
        """All of them or none: what a full disk took of them goes again."""
        records["number"] = np.arange(self.last + 1, self.last + 1 + len(records), dtype=np.uint64)
        records["check"] = _check(records)
        if self._handle < 0 or self.last + 1 - self._first >= self._file_records:
            self._next_file()
        end = (self.last + 1 - self._first) * CHANGE.itemsize
        try:
            write_all(self._handle, records.tobytes(), at=end)
        except OSError:
            with suppress(OSError):  # the next write begins at the same place
                os.ftruncate(self._handle, end)
            raise
        self.last += len(records)

    def drop_after(self, sequence: int) -> None:
        """Forget records of journal rows that were never made durable; only the newest can be."""
        files = self._files()
        if not files:
            return
        records = self._read(files[-1])
        lost = np.flatnonzero(records["sequence"] > sequence)
        if len(lost):
            self._release()
            os.truncate(files[-1], int(lost[0]) * CHANGE.itemsize)
            self.last = self._first + int(lost[0]) - 1

    def after(self, number: int, *, most: int = 1_000_000) -> NDArray[np.void]:
        """Records beyond a number, oldest first; those that have gone are left out."""
        found: list[NDArray[np.void]] = []
        files = self._files()
        for place, path in enumerate(files):
            if place + 1 < len(files) and _number(files[place + 1]) <= number + 1:
                continue
            records = self._read(path)
            found.append(records[records["number"] > number][: most - sum(map(len, found))])
        return np.concatenate(found) if found else np.zeros(0, CHANGE)

    def erase(self, persons: Collection[int]) -> int:
        """Overwrite the numbers of these persons in place; that somebody entered and left stays.

        Returns how many records there were.  Whoever appends meanwhile is not disturbed.
        """
        erased = self._erase_waiting(persons)
        for path in self._files():
            records = self._read(path)
            mine = np.flatnonzero(np.isin(records["person"], np.array(sorted(persons), np.uint64)))
            if not len(mine):
                continue
            with path.open("r+b") as file:
                for index in mine.tolist():
                    record = records[index : index + 1].copy()
                    record["person"] = NOBODY
                    record["check"] = _check(record)
                    file.seek(index * CHANGE.itemsize)
                    file.write(record.tobytes())
                file.flush()
                os.fsync(file.fileno())
            erased += len(mine)
        return erased

    def _erase_waiting(self, persons: Collection[int]) -> int:
        erased = 0
        with self._lock:
            for records in self._waiting:
                mine = np.isin(records["person"], np.array(sorted(persons), np.uint64))
                records["person"][mine] = NOBODY
                erased += int(np.count_nonzero(mine))
        return erased

    def close(self) -> None:
        """Write what waits, if the disk takes it, and release the file."""
        self.catch_up()
        self._release()

    def _release(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def sync(self) -> None:
        """Force what was written to disk."""
        if self._handle >= 0:
            os.fdatasync(self._handle)

    def _next_file(self) -> None:
        files = self._files()
        full = self.last + 1 - self._first >= self._file_records
        if full or not files:
            self._first = self.last + 1
        self._release()
        path = self._directory / f"changes-{self._first:020d}.log"
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        for old in self._files()[:-_FILES]:
            old.unlink()

    def _files(self) -> list[Path]:
        return sorted(self._directory.glob("changes-*.log"))

    def _read(self, path: Path) -> NDArray[np.void]:
        """The good records of a file, up to the first that is damaged."""
        data = path.read_bytes()
        records = np.frombuffer(data[: len(data) // CHANGE.itemsize * CHANGE.itemsize], CHANGE)
        numbers = np.arange(_number(path), _number(path) + len(records), dtype=np.uint64)
        bad = np.flatnonzero((records["check"] != _check(records)) | (records["number"] != numbers))
        return records[: bad[0]] if len(bad) else records

    def __iter__(self) -> Iterator[NDArray[np.void]]:
        """The records, file by file."""
        return (self._read(path) for path in self._files())


def _number(path: Path) -> int:
    return int(path.stem.partition("-")[2])
