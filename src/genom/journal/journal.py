"""The journal: the durable order of everything that happened."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from threading import Lock, RLock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.journal.block import Block, Cipher, opened
from genom.journal.erasing import (
    Renamed,
    Wiped,
    by_segment,
    naming,
    offsets_by_profile,
    slices,
    wipe,
)
from genom.journal.files import (
    begin_segment,
    drop_leftovers,
    reserve_segment,
    room,
    segment_numbers,
    segment_path,
)
from genom.journal.growing import OpenIndex
from genom.journal.held import Held
from genom.journal.index import Index, load_index
from genom.journal.intents import redo
from genom.journal.layout import BLOCK_HEADER, SEGMENT_HEADER, pack_block
from genom.journal.locating import Located, Place, locate
from genom.journal.missing import expect_next, expect_no_more
from genom.journal.narrowing import narrow_rows
from genom.journal.segment import Segment
from genom.words import ROW, Kind

__all__ = ["Journal"]

_MOST_HELD: Final = 1 << 20  # bytes of bodies that wait for the next block
_SEAL: Final = 16  # bytes that sealing adds to a body
_NEWEST: Final = 100  # blocks that are looked at for sealed bodies


def _size(rows: int, bodies: int) -> int:
    """The most bytes that a block of so many rows and bytes of bodies takes."""
    return BLOCK_HEADER + rows * ROW.itemsize + bodies + 8


class Journal:
    """All segments of a directory; one process writes, others may read (`writable=False`).

    `stage` gives a group its sequence numbers and writes it; `sync` makes it durable: then it may be acknowledged.
    `hold` gives sequence numbers and lets the rows wait for the next block; whatever reads or stages writes them first.
    `sync`, `upkeep` and reads may each run in another thread, beside `stage`; a sync takes in what was written.
    `cipher` opens bodies of blocks that are sealed; with `seals` new blocks are.
    """

    def __init__(
        self, directory: Path, *, segment_bytes: int = 64 << 20, now: int = 0, writable: bool = True,
        cipher: Cipher | None = None, seals: bool = False,
    ) -> None:  # fmt: skip
        self._directory, self._segment_bytes, self._writable = directory, segment_bytes, writable
        self._cipher, self._sealer = cipher, cipher if seals else None
        self.last = 0  # sequence of the newest row
        self.cut_bytes = 0  # of a torn tail, at the last start
        self._segments: dict[int, Segment] = {}
        self._indexes: dict[int, Index | OpenIndex] = {}
        self._full: list[Segment] = []  # segments to seal
        self._reserved = False  # whether the file of the next segment is ready
        self._staging = RLock()  # held while rows get numbers or are written: readers of other threads write what waits
        self._rolling, self._syncing = Lock(), Lock()
        self._sealing, self._indexing = Lock(), Lock()  # a segment is sealed or erased in; the open index changes
        self._failed: OSError | None = None  # of a sync; what is on disk is unknown since
        self._held, self._written = Held(), 0  # what waits in memory, and the sequence of the newest row in a file
        try:
            self._open_all(now)
        except BaseException:
            self.close()
            raise
        self._durable = self._written = self.last

    def _open_all(self, now: int) -> None:
        numbers = segment_numbers(self._directory)
        if self._writable:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            drop_leftovers(self._directory)
            redo(self._directory)
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
        path = segment_path(self._directory, number)
        segment = self._segments[number] = Segment(path, writable=self._writable, cipher=self._cipher)
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
        with self._staging:
            self.write_held(now=now)
            if not len(rows):
                return self.last
            self._number(rows)
            written, bodies = self._sealer.seal(rows, bodies) if self._sealer else (rows, bodies)
            need = _size(len(rows), len(bodies))
            if self._current.end + need > self._current.size:
                self._roll(need, now)
            self._write(written, bodies, now)
            self.last += len(rows)
            return self.last

    def hold(self, rows: NDArray[np.void], bodies: bytes, *, now: int) -> int:
        """Number the rows and let them wait for the next block; returns the last sequence.

        Only what has its room in the current segment waits, so that it will be written; else as `stage`.
        Raises Busy if there is no room.
        """
        with self._staging:
            held = self._held
            need = _size(held.rows + len(rows), held.size + len(bodies) + len(rows) * _SEAL)
            if self._failed or self._current.end + need > self._current.size or held.size > _MOST_HELD:
                return self.stage(rows, bodies, now=now)
            self._number(rows)
            written, bodies = self._sealer.seal(rows, bodies) if self._sealer else (rows, bodies)
            held.add(written, bodies, now=now)
            self.last += len(rows)
            return self.last

    def write_held(self, *, now: int) -> None:
        """Write what waits as one block.  Raises Busy, and it goes on waiting, if the disk does not take it."""
        with self._staging:
            if self._failed:
                raise self._failed
            if self._held.rows:
                self._write(*self._held.together(), now)
                self._held = Held()

    def _number(self, rows: NDArray[np.void]) -> None:
        following = self.last + 1
        rows["sequence"] = following if len(rows) == 1 else np.arange(following, following + len(rows), dtype=np.uint64)

    def _write(self, rows: NDArray[np.void], bodies: bytes, now: int) -> None:
        segment = self._current
        data = pack_block(rows, bodies, segment=segment.number, committed_at=now, durable=self._durable)
        with room("the journal could not be written"):
            try:
                segment.write_at(segment.end, data)
            except OSError:
                segment.wipe()
                if self._sealer:
                    self._sealer.renew()
                raise
        index = self._indexes[segment.number]
        assert isinstance(index, OpenIndex)
        with self._indexing:
            index.add(rows, start=segment.end)
        segment.end += len(data)
        self._written += len(rows)

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
            begin_segment(self._directory, number, first_sequence=self.last + 1, now=now)  # nothing is held here
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
            last, segment = self._written, self._current
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
            with self._sealing:
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
        sealed = Segment(old.path, cipher=self._cipher)
        sealed.end = old.end
        self._indexes[old.number], self._segments[old.number] = frozen, sealed
        old.close()
        sealed.close()

    def blocks(self, first: int = 1) -> Iterator[Block]:
        """All blocks that hold rows from this sequence on, in order; headers and columns are checked.

        Raises Corrupt at the first that is damaged.
        """
        self._show_held()
        for number in sorted(self._segments):
            following = self._segments.get(number + 1)
            if following is None or following.first_sequence > first:
                yield from self._segments[number].blocks(first)

    def erase(
        self,
        profiles: Collection[int],
        *,
        beside: Collection[int] = (),
        progress: Callable[[int], None] = lambda _: None,
    ) -> Wiped:
        """Overwrite all rows of these profiles, their bodies, and what links and splits of others say of them.

        Others are those that rows of these profiles name, and `beside`.  Done again, it goes on where a crash ended it.
        It may run in another thread, beside `stage`, `sync`, `upkeep` and reads; write what is held before.
        `progress` hears the rows overwritten so far and may sleep, so that others get the disk.
        Raises Busy if there is no room for an intent, and Corrupt.
        """
        end = self._durable_end()
        with self._indexing:
            named = naming(self._segments, self._indexes, set(profiles), beside=beside)
            wanted = {
                number: np.union1d(offsets_by_profile(index, profiles), named.offsets(number, self._segments, index))
                for number, index in sorted(self._indexes.items())
            }
        return self._wipe(wanted, named.renamed(self._segments, self._indexes), end, progress)

    def erase_rows(
        self, sequences: NDArray[np.uint64], *, expired: bool = False, progress: Callable[[int], None] = lambda _: None
    ) -> Wiped:
        """Overwrite these rows and their bodies, because their time has passed (`expired`); otherwise as `erase`."""
        end = self._durable_end()
        with self._indexing:
            wanted = by_segment(self._segments, self._indexes, sequences)
        return self._wipe(wanted, {}, end, progress, expired=expired)

    def narrow_rows(
        self, sequences: NDArray[np.uint64], *, kept: int, progress: Callable[[int], None] = lambda _: None
    ) -> int:
        """Take from these rows all purposes but `kept` and mark them as special; otherwise as `erase`.

        Returns how many rows there were.
        """
        end, total = self._durable_end(), 0
        with self._indexing:
            wanted = by_segment(self._segments, self._indexes, sequences)
        for number, offsets in sorted(wanted.items()):
            known = offsets[(offsets < end.start) | (number < end.segment)] if number <= end.segment else offsets[:0]
            for some, _ in slices(self._indexes[number], known, {}):
                with self._sealing:
                    total += narrow_rows(
                        self._directory, self._segments[number], self._indexes[number], some, kept=kept
                    )
                progress(total)
        return total

    def _durable_end(self) -> Place:
        end = Place(self._current.number, self._current.end, 0)
        self.sync()
        return end

    def _wipe(
        self, wanted: dict[int, NDArray[np.uint64]], renamed: dict[int, Renamed], end: Place,
        progress: Callable[[int], None], *, expired: bool = False,
    ) -> Wiped:  # fmt: skip
        """Overwrite the rows at these offsets that are before `end`, some blocks at a time."""
        total = Wiped()
        for number, offsets in sorted(wanted.items()):
            known = offsets[(offsets < end.start) | (number < end.segment)] if number <= end.segment else offsets[:0]
            for some, bodies in slices(self._indexes[number], known, renamed.get(number, {})):
                with self._sealing:
                    total += wipe(
                        self._directory, self._segments[number], self._indexes[number], some, bodies, expired=expired
                    )
                    self._drop(number, some)
                progress(total.rows)
        return total

    def _drop(self, number: int, offsets: NDArray[np.uint64]) -> None:
        index = self._indexes[number]
        if isinstance(index, OpenIndex):
            with self._indexing:
                index.drop(offsets)
        else:
            self._indexes[number] = load_index(self._segments[number]) or index

    def extents(self) -> list[tuple[Path, int]]:
        """Each segment's file and where its last whole block ends, for a copy; indexes are made anew from it."""
        return [(segment.path, segment.end) for _, segment in sorted(self._segments.items())]

    def let_go(self) -> None:
        """Give back the memory of what was read; what is read again comes from the disk or its cache."""
        for segment in self._segments.values():
            segment.let_go()

    def latest(self) -> Iterator[Block]:
        """All blocks from the newest to the oldest; take as many as you need.  Raises Corrupt at a damaged one."""
        self._show_held()
        for number in sorted(self._segments, reverse=True):
            for start in self._indexes[number].blocks[::-1].tolist():
                yield self._segments[number].block_at(start)

    def rows_of(self, profiles: Iterable[int]) -> Located:
        """All rows of these profiles, in order of sequence."""
        self._show_held()
        return locate(self._segments, self._indexes, column="profile", wanted=profiles)

    def rows_of_decision(self, decision: int) -> Located:
        """The record of a decision and the rows that are its outcomes."""
        self._show_held()
        return locate(self._segments, self._indexes, column="decision", wanted=[decision])

    def _show_held(self) -> None:
        """Readers see everything that has a number."""
        if self._held.rows:
            self.write_held(now=self._held.now)

    def body(self, place: Place) -> bytes:
        """The bytes of a body, `b""` if its key was destroyed.  Raises Corrupt for a sealed one that does not open."""
        view = self._segments[place.segment].view
        body = bytes(view[place.start : place.start + place.length])
        if place.row < 0:
            return body
        row = np.frombuffer(bytes(view[place.row : place.row + ROW.itemsize]), ROW)[0]
        return b"" if row["kind"] == Kind.ERASED else opened(self._cipher, row, body)

    @property
    def sealed(self) -> bool:
        """Whether the newest bodies are sealed."""
        bodies = (block.rows[block.rows["body_length"] > 0] for block in self.latest())
        return any(bool(rows["cipher"].any()) for rows in islice((r for r in bodies if len(r)), _NEWEST))

    def committed_at(self, place: Place) -> int:
        """When the block that holds this body was written, unix ms; rows of facts have no time of their own."""
        index = self._indexes[place.segment]
        block = int(np.searchsorted(index.bodies, np.uint64(place.start), "right")) - 1
        return self._segments[place.segment].header_at(int(index.blocks[block])).committed_at

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
        """Release all files, and the keys."""
        for segment in self._segments.values():
            segment.close()
        if self._cipher:
            self._cipher.close()
