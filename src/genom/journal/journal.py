"""The journal: the durable order of everything that happened."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genom.errors import Busy, Corrupt
from genom.journal.index import Index, OpenIndex, index_path, load_index
from genom.journal.layout import BLOCK_HEADER, SEGMENT_HEADER, Block, BlockHeader, pack_block
from genom.journal.segment import Segment, begin_segment, create_segment, drop_reserved, segment_path
from genom.words import ROW

__all__ = ["Journal", "Located", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row's body lies."""

    segment: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Located:
    """Rows in order of sequence, and where each one's body lies."""

    rows: NDArray[np.void]  # ROW
    places: list[Place]


class Journal:
    """All segments of a directory; one process writes, others may read (`writable=False`).

    `stage` gives a group its sequence numbers and writes it; `sync` makes it durable.  Only then may it be acknowledged.
    """

    def __init__(self, directory: Path, *, segment_bytes: int = 64 << 20, now: int = 0, writable: bool = True) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self._directory, self._segment_bytes, self._writable = directory, segment_bytes, writable
        self.cut_bytes = 0  # of a torn tail, at the last start
        self._segments: dict[int, Segment] = {}
        self._indexes: dict[int, Index | OpenIndex] = {}
        if writable:
            drop_reserved(directory)
        numbers = self._numbers()
        if not numbers and writable:
            create_segment(directory, 1, first_sequence=1, size=segment_bytes, now=now)
            numbers = [1]
        self.last = 0  # sequence of the newest row
        self._next: int | None = None  # number of a segment that is reserved but not begun
        self._full: list[Segment] = []  # segments to seal
        self._unsynced: list[Segment] = []  # full segments with rows that `sync` must still make durable
        for number in numbers:
            self._open(number, last=number == numbers[-1])

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self._directory.glob("*.journal"))

    def _open(self, number: int, *, last: bool, fresh: bool = False) -> None:
        path = segment_path(self._directory, number)
        segment = Segment(path, writable=last and self._writable)
        self._segments[number] = segment
        self._expect(segment)
        sealed = None if last else load_index(index_path(path))
        self._indexes[number] = sealed or self._scan(segment)
        if sealed:
            self._end_at_last_block(segment, sealed)
        elif last and self._writable and not fresh:
            self.cut_bytes = segment.recover()
        elif self._writable:
            self._seal_index(segment)

    def _expect(self, segment: Segment) -> None:
        if self.last and segment.first_sequence != self.last + 1:
            raise Corrupt(
                f"Rows {self.last + 1:,} to {segment.first_sequence - 1:,} are missing before {segment.path.name}.",
                why="a journal file is missing, or its end is damaged",
                fix="restore the journal directory from a backup; nothing was changed",
            )
        self.last = segment.first_sequence - 1

    def _scan(self, segment: Segment) -> OpenIndex:
        index = OpenIndex()
        for block in segment.blocks(bodies=True):
            index.add(block)
            self.last = block.header.first_sequence + block.header.rows - 1
        return index

    def _end_at_last_block(self, segment: Segment, index: Index) -> None:
        start = int(index.blocks[-1])  # type: ignore[attr-defined]
        if header := segment.header_at(start):
            segment.end = start + header.size
            self.last = header.first_sequence + header.rows - 1

    @property
    def _current(self) -> Segment:
        return self._segments[max(self._segments)]

    def stage(self, rows: NDArray[np.void], bodies: bytes, *, now: int) -> int:
        """Number the rows, write them as one block; returns the last sequence.  Not durable before `sync`.

        Raises Busy if there is no room: then nothing was written and the sequence numbers are free again.
        """
        rows["sequence"] = np.arange(self.last + 1, self.last + 1 + len(rows), dtype=np.uint64)
        need = BLOCK_HEADER + len(rows) * ROW.itemsize + len(bodies) + 8
        if self._current.end + need > self._current.size:
            self._roll(need, now)
        segment = self._current
        data = pack_block(rows, bodies, segment=segment.number, committed_at=now)
        try:
            segment.write_at(segment.end, data)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise Busy(
                "There is no room for more events.",
                why=f"the journal could not be written: {error.strerror}",
                fix="free some space; the node goes on by itself",
                code="journal.disk-full",
            ) from error
        self._take(segment, rows, data)
        return self.last

    def _take(self, segment: Segment, rows: NDArray[np.void], data: bytes) -> None:
        header = segment.header_at(segment.end)
        if header is None:
            raise OSError("a block that was just written cannot be read back")
        index = self._indexes[segment.number]
        if isinstance(index, OpenIndex):
            index.add(Block(header, segment.end, rows, memoryview(b"")))
        segment.end += len(data)
        self.last += len(rows)

    def sync(self) -> None:
        """Make all staged rows durable; an OSError from here is fatal: the node must end and rebuild from the log."""
        unsynced, self._unsynced = self._unsynced, []
        for segment in [*unsynced, self._current]:
            segment.sync()

    @property
    def wants_upkeep(self) -> bool:
        """Whether `upkeep` has something to do."""
        return bool(self._full) or (self._next is None and self._current.end * 2 > self._current.size)

    def upkeep(self, *, now: int) -> None:
        """Reserve the next segment and seal full ones; may run in another thread beside `stage` and reads."""
        while self._full:
            self._seal(self._full[0])
            self._full.pop(0)
        if self._next is None:
            number = self._current.number + 1
            create_segment(self._directory, number, first_sequence=0, size=self._segment_bytes, now=now)
            self._next = number

    def _roll(self, need: int, now: int) -> None:
        old, number = self._current, self._current.number + 1
        size = max(self._segment_bytes, need + SEGMENT_HEADER)
        if self._next == number and size == self._segment_bytes:
            begin_segment(self._directory, number, first_sequence=self.last + 1, now=now)
        else:
            create_segment(self._directory, number, first_sequence=self.last + 1, size=size, now=now)
        self._next = None
        self._unsynced.append(old)
        self._full.append(old)
        self._open(number, last=True, fresh=True)

    def _seal(self, old: Segment) -> None:
        old.sync()
        old.seal()
        self._seal_index(old)
        sealed = Segment(old.path)
        sealed.end = old.end
        self._segments[old.number] = sealed
        old.close()

    def _seal_index(self, segment: Segment) -> None:
        index = self._indexes[segment.number]
        if isinstance(index, OpenIndex):
            frozen = index.freeze()
            frozen.save(index_path(segment.path))
            self._indexes[segment.number] = frozen

    def blocks(self, first: int = 1) -> Iterator[Block]:
        """All blocks that hold rows from this sequence on, in order; the columns are checked."""
        for number in sorted(self._segments):
            segment = self._segments[number]
            following = self._segments.get(number + 1)
            if following and following.first_sequence <= first:
                continue
            end, offset = segment.end, SEGMENT_HEADER
            while offset < end and (header := segment.header_at(offset)):
                if header.first_sequence + header.rows > first:
                    yield _intact(segment, header, offset)
                offset += header.size

    def rows_of(self, profiles: Iterable[int]) -> Located:
        """All rows of these profiles, in order of sequence."""
        wanted = list(profiles)
        return self._locate(
            (n, np.sort(np.concatenate([index.rows_of(p) for p in wanted]))) for n, index in sorted(self._indexes.items())
        )

    def rows_of_decision(self, decision: int) -> Located:
        """The record of a decision and the rows that are its outcomes."""
        return self._locate((n, index.rows_of_decision(decision)) for n, index in sorted(self._indexes.items()))

    def _locate(self, found: Iterable[tuple[int, NDArray[np.uint64]]]) -> Located:
        rows, places = [np.zeros(0, ROW)], []
        for number, offsets in found:
            if not len(offsets):
                continue
            taken = _gather(self._segments[number], offsets)
            rows.append(taken)
            places.extend(self._places(number, offsets, taken))
        return Located(np.concatenate(rows), places)

    def _places(self, number: int, offsets: NDArray[np.uint64], rows: NDArray[np.void]) -> Iterator[Place]:
        blocks = self._indexes[number].blocks
        starts = blocks[np.searchsorted(blocks, offsets, "right") - 1]
        for start, begin, length in zip(starts.tolist(), rows["body_start"].tolist(), rows["body_length"].tolist(), strict=True):
            header = self._segments[number].header_at(int(start)) if length else None
            base = int(start) + BLOCK_HEADER + header.columns_size if header else 0
            yield Place(number, base + begin, length)

    def body(self, place: Place) -> bytes:
        """The bytes of a body."""
        return bytes(self._segments[place.segment].view[place.start : place.start + place.length])

    def refresh(self) -> None:
        """Take in what the writing process has added since (for readers)."""
        numbers = self._numbers()
        for number in numbers:
            if number not in self._segments or number == max(self._segments):
                if number in self._segments:
                    old = self._segments.pop(number)
                    self.last = old.first_sequence - 1
                    old.close()
                self._open(number, last=number == numbers[-1])

    def durable(self) -> None:
        """Force what a reader has seen to disk, so that nothing built from it can be newer than the journal."""
        handle = os.open(self._current.path, os.O_RDONLY)
        try:
            os.fdatasync(handle)
        finally:
            os.close(handle)

    def close(self) -> None:
        """Release all files."""
        for segment in self._segments.values():
            segment.close()


def _intact(segment: Segment, header: BlockHeader, offset: int) -> Block:
    block = segment.block(header, offset)
    if block is None:
        raise Corrupt(
            f"The journal file {segment.path.name} is damaged at byte {offset:,}.",
            why="the columns of a block do not match their checksum",
            fix="restore the file from a backup; nothing was changed",
        )
    return block


def _gather(segment: Segment, offsets: NDArray[np.uint64]) -> NDArray[np.void]:
    """Copy the rows at these byte offsets."""
    data = np.frombuffer(segment.view, np.uint8)
    picked = data[offsets[:, None].astype(np.int64) + np.arange(ROW.itemsize)]
    return np.ascontiguousarray(picked).view(ROW).reshape(-1)
