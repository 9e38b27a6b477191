"""One segment file: appended to, scanned, recovered, sealed, read."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genom.durable import write_all
from genom.journal.block import Block, Cipher, damaged, read_block
from genom.journal.intents import settled
from genom.journal.layout import (
    BLOCK_HEADER,
    BLOCK_MAGIC,
    SEGMENT_HEADER,
    BlockHeader,
    read_segment_header,
    unpack_block_header,
)

__all__ = ["Segment"]


class Segment:
    """An open segment file; `end` is where its known blocks end."""

    def __init__(self, path: Path, *, writable: bool = False, cipher: Cipher | None = None) -> None:
        self.path, self._cipher = path, cipher
        self._handle = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
        try:
            head = os.pread(self._handle, SEGMENT_HEADER, 0)
            self.number, self.first_sequence = read_segment_header(head, path=path)
            self._map = mmap.mmap(self._handle, 0, prot=mmap.PROT_READ)  # all that there is now
        except BaseException:
            os.close(self._handle)
            raise
        self.view, self.size, self.end = memoryview(self._map), len(self._map), SEGMENT_HEADER

    def header_at(self, offset: int) -> BlockHeader:
        """The block header at an offset where there must be one.  Raises Corrupt if it is damaged."""
        header = settled(self.path.parent, partial(self._header, offset))
        if header is None:
            raise damaged(self.number, offset, "the header of a block does not match its checksum")
        return header

    def _header(self, offset: int) -> BlockHeader | None:
        header = unpack_block_header(self.view[offset : offset + BLOCK_HEADER], segment=self.number)
        return header if header and offset + header.size <= self.size else None

    def blocks(self, first: int) -> Iterator[Block]:
        """The known blocks that hold rows from this sequence on; every header and the columns are checked.

        Raises Corrupt.
        """
        offset, end, expected = SEGMENT_HEADER, self.end, self.first_sequence
        while offset < end:
            header = self.header_at(offset)
            if header.first_sequence != expected:
                raise damaged(self.number, offset, f"row {expected:,} should be here")
            expected += header.rows
            if expected > first:
                yield self.block_at(offset)
            offset += header.size

    def block_at(self, offset: int) -> Block:
        """The block at an offset where there must be one.  Raises Corrupt."""
        self.header_at(offset)
        block = settled(self.path.parent, partial(self._block, offset))
        if block is None:
            raise damaged(self.number, offset, "the columns of a block do not match their checksum")
        return block

    def _block(self, offset: int) -> Block | None:
        header = self._header(offset)
        if header is None:
            return None
        block = read_block(header, offset, self.view[offset + BLOCK_HEADER : offset + header.size])
        return replace(block, again=partial(self._whole, offset), cipher=self._cipher) if block else None

    def _whole(self, offset: int) -> Block | None:
        def attempt() -> Block | None:
            block = self._block(offset)
            return block.with_bodies() if block else None

        return settled(self.path.parent, attempt)

    def fetch_ahead(self, offsets: NDArray[np.uint64], length: int) -> None:
        """Have the disk fetch these places side by side: waiting for them one by one takes a hundred times longer.

        Offsets rise; places in pages beside each other are asked for at once.
        """
        first, last = offsets // mmap.PAGESIZE, (offsets + np.uint64(length - 1)) // mmap.PAGESIZE
        begins = np.flatnonzero(np.append(True, first[1:] > last[:-1] + 1))
        ends = np.append(begins[1:], len(offsets)) - 1
        for begin, end in zip(first[begins].tolist(), last[ends].tolist(), strict=True):
            self._map.madvise(mmap.MADV_WILLNEED, begin * mmap.PAGESIZE, (end - begin + 1) * mmap.PAGESIZE)

    def let_go(self) -> None:
        """Give back the memory of what was read."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def scan(self, expected: int) -> Iterator[Block]:
        """Blocks beyond `end` in order of sequence, wholly checked; `end` moves on with them.

        It reads instead of looking at the mapping: a process that only reads may meet the writer giving back the
        space at the end, and touching a mapping beyond a file's end kills.
        """
        while block := settled(self.path.parent, partial(self._probe, self.end, expected)):
            expected += block.header.rows
            self.end += block.header.size
            yield block

    def _probe(self, offset: int, expected: int) -> Block | None:
        header = unpack_block_header(os.pread(self._handle, BLOCK_HEADER, offset), segment=self.number)
        if header is None or header.first_sequence != expected or offset + header.size > self.size:
            return None
        content = os.pread(self._handle, header.size - BLOCK_HEADER, offset + BLOCK_HEADER)
        block = read_block(header, offset, memoryview(content))
        return replace(block, cipher=self._cipher).with_bodies() if block else None

    def recover(self, expected: int) -> int:
        """Cut a torn tail after `scan`; returns how many bytes were cut.

        What the last commits wrote before a crash may have reached the disk in any order, so intact blocks may follow
        the torn place.  Raises Corrupt if one of them says that the missing rows were durable: that is no torn tail.
        """
        tail = bytes(self.view[self.end :]).rstrip(b"\0")
        at = tail.find(BLOCK_MAGIC)
        while at >= 0:
            header = unpack_block_header(tail[at : at + BLOCK_HEADER], segment=self.number)
            if header and header.durable >= expected:
                why = f"row {expected:,} was durable, as a block at byte {self.end + at:,} says: this is no torn end"
                raise damaged(self.number, self.end, why)
            at = tail.find(BLOCK_MAGIC, at + 1)
        self.write_at(self.end, bytes(len(tail)))
        return len(tail)

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of the data."""
        write_all(self._handle, data, at=offset)

    def wipe(self) -> None:
        """Undo a write that did not get all its bytes: no block begins at `end` afterwards, if the disk allows."""
        try:
            self.write_at(self.end, bytes(BLOCK_HEADER))
        except OSError:
            return  # still no room, so what was written is no whole block either

    def sync(self) -> None:
        """Make everything written durable; an OSError from here is fatal and never retried."""
        os.fdatasync(self._handle)

    def seal(self) -> None:
        """Give back the space after the last block; the segment is never appended to again."""
        os.ftruncate(self._handle, self.end)
        os.fsync(self._handle)
        self.size = self.end

    def close(self) -> None:
        """Release the file; what was read stays readable."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
