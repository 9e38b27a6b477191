"""The journal: the durable order of everything that happened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from genom.journal.block import Block
from genom.journal.files import (
    begin_segment,
    drop_leftovers,
    reserve_segment,
    room,
    segment_numbers,
    segment_path,
)
from genom.journal.growing import OpenIndex
from genom.journal.index import Index, load_index
from genom.journal.layout import BLOCK_HEADER, SEGMENT_HEADER, pack_block
from genom.journal.locating import Located, Place, locate
from genom.journal.missing import expect_next, expect_no_more
from genom.journal.segment import Segment
from genom.words import ROW

__all__ = ["Journal"]


class Journal:
    """All segments of a directory; one process writes, others may read (`writable=False`).

    `stage` gives a group its sequence numbers and writes it; `sync` makes it durable: then it may be acknowledged.
    `sync` and `upkeep` may each run in another thread, beside `stage` and reads.
    """

    def __init__(self, directory: Path, *, segment_bytes: int = 64 << 20, now: int = 0, writable: bool = True) -> None:
        self._directory, self._segment_bytes, self._writable = directory, segment_bytes, writable
        self.last = 0  # sequence of the newest row
        self.cut_bytes = 0  # of a torn tail, at the last start
        self._segments: dict[int, Segment] = {}
        self._indexes: dict[int, Index | OpenIndex] = {}
        self._full: list[Segment] = []  # segments to seal
        self._reserved = False  # whether the file of the next segment is ready
        self._rolling, self._syncing = Lock(), Lock()
        self._failed: OSError | None = None  # of a sync; what is on disk is unknown since
        try:
            self._open_all(now)
        except BaseException:
            self.close()
            raise
        self._durable = self.last

    def _open_all(self, now: int) -> None:
        numbers = segment_numbers(self._directory)
        if self._writable:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            drop_leftovers(self._directory)
            if not numbers:
                reserve_segment(self._directory, 1, size=self._segment_bytes)
                begin_segment(self._directory, 1, first_sequence=1, now=now)
            numbers = numbers or [1]
            expect_no_more(self._directory, last=numbers[-1])
        for number in numbers:
            self._open(number, last=number == numbers[-1])
        if self._writable:
            self.cut_bytes = self._current.recover(self.last + 1)
            self._current.sync()  # what a killed process wrote may still wait in memory
            self._full = [self._segments[n] for n in numbers[:-1] if isinstance(self._indexes[n], OpenIndex)]

    def _open(self, number: int, *, last: bool) -> None:
        segment = self._segments[number] = Segment(segment_path(self._directory, number), writable=self._writable)
        expect_next(segment, number=number, sequence=self.last + 1, before=self._segments.get(number - 1))
        index = None if last else load_index(segment)
        if index:
            self._indexes[number] = index
            self.last, segment.end = int(index.about[2]), int(index.about[3])
            segment.close()  # its mapping is enough; a large journal has many
        else:
            self._indexes[number] = OpenIndex()
            self._scan(segment)
        self._current = segment

    def _scan(self, segment: Segment) -> None:
        """Take in the blocks beyond the segment's known end."""
        index = self._indexes[segment.number]
        assert isinstance(index, OpenIndex)
        for block in segment.scan(self.last + 1):
            index.add(block.rows, start=block.start)
            self.last += block.header.rows

    def stage(self, rows: NDArray[np.void], bodies: bytes, *, now: int) -> int:
        """Number the rows, write them as one block; returns the last sequence.  Not durable before `sync`.

        Raises Busy if there is no room: then nothing was written and the sequence numbers are free again.
        """
        if self._failed:
            raise self._failed
        if not len(rows):
            return self.last
        rows["sequence"] = np.arange(self.last + 1, self.last + 1 + len(rows), dtype=np.uint64)
        need = BLOCK_HEADER + len(rows) * ROW.itemsize + len(bodies) + 8
        if self._current.end + need > self._current.size:
            self._roll(need, now)
        segment = self._current
        data = pack_block(rows, bodies, segment=segment.number, committed_at=now, durable=self._durable)
        with room("the journal could not be written"):
            try:
                segment.write_at(segment.end, data)
            except OSError:
                segment.wipe()
                raise
        self._take(segment, rows, len(data))
        return self.last

    def _take(self, segment: Segment, rows: NDArray[np.void], size: int) -> None:
        index = self._indexes[segment.number]
        assert isinstance(index, OpenIndex)
        index.add(rows, start=segment.end)
        segment.end += size
        self.last += len(rows)

    def _roll(self, need: int, now: int) -> None:
        """Go on in the next segment; the old one is durable before the new one begins, so only the last can be torn."""
        size = max(self._segment_bytes, need + SEGMENT_HEADER)
        with self._rolling:
            old, number = self._current, self._current.number + 1
            if not self._reserved or size > self._segment_bytes:
                self._reserved = False
                reserve_segment(self._directory, number, size=size)
                self._reserved = True
            self.sync()
            begin_segment(self._directory, number, first_sequence=self.last + 1, now=now)
            self._reserved = False
            self._open(number, last=True)
            self._full.append(old)

    def sync(self) -> None:
        """Make all staged rows durable; an OSError from here is fatal: the node must end and rebuild from the log.

        It is never tried again, because a second try may succeed without the first one's bytes.
        """
        with self._syncing:
            if self._failed:
                raise self._failed
            last, segment = self.last, self._current
            try:
                segment.sync()
            except OSError as error:
                self._failed = error
                raise
            self._durable = max(self._durable, last)

    @property
    def wants_upkeep(self) -> bool:
        """Whether `upkeep` has something to do."""
        return bool(self._full) or (not self._reserved and self._current.end * 2 > self._current.size)

    def upkeep(self, *, now: int) -> None:  # noqa: ARG002 - callers hand in the clock wherever one may be needed
        """Seal full segments and reserve the next one; may run in another thread beside `stage` and reads.

        Raises Busy if there is no room; the next call goes on where this one ended.
        """
        while self._full:
            self._seal(self._full[0])
            self._full.pop(0)
        with self._rolling:
            if not self._reserved:
                reserve_segment(self._directory, self._current.number + 1, size=self._segment_bytes)
                self._reserved = True

    def _seal(self, old: Segment) -> None:
        old.seal()
        index = self._indexes[old.number]
        assert isinstance(index, OpenIndex)
        frozen = index.freeze(old)
        frozen.save(old.path)
        sealed = Segment(old.path)
        sealed.end = old.end
        self._indexes[old.number], self._segments[old.number] = frozen, sealed
        old.close()
        sealed.close()

    def blocks(self, first: int = 1) -> Iterator[Block]:
        """All blocks that hold rows from this sequence on, in order; headers and columns are checked.

        Raises Corrupt at the first that is damaged.
        """
        for number in sorted(self._segments):
            following = self._segments.get(number + 1)
            if following is None or following.first_sequence > first:
                yield from self._segments[number].blocks(first)

    def rows_of(self, profiles: Iterable[int]) -> Located:
        """All rows of these profiles, in order of sequence."""
        return locate(self._segments, self._indexes, column="profile", wanted=profiles)

    def rows_of_decision(self, decision: int) -> Located:
        """The record of a decision and the rows that are its outcomes."""
        return locate(self._segments, self._indexes, column="decision", wanted=[decision])

    def body(self, place: Place) -> bytes:
        """The bytes of a body."""
        return bytes(self._segments[place.segment].view[place.start : place.start + place.length])

    def refresh(self) -> None:
        """Take in what the writing process has added since (for readers)."""
        numbers = segment_numbers(self._directory)  # before the scan: what has a successor is complete
        if self._segments:
            self._scan(self._current)
        for number in numbers:
            if number not in self._segments:
                self._open(number, last=number == numbers[-1])

    def durable(self) -> None:
        """Force what a reader has seen to disk, so that nothing built from it can be newer than the journal."""
        if self._segments:
            handle = os.open(self._current.path, os.O_RDONLY)
            try:
                os.fdatasync(handle)
            finally:
                os.close(handle)

    def close(self) -> None:
        """Release all files."""
        for segment in self._segments.values():
            segment.close()
