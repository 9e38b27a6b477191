"""One segment file: created with its space reserved, appended to, scanned, recovered, sealed."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np

from genom.errors import Busy, Corrupt
from genom.journal.layout import (
    BLOCK_HEADER,
    SEGMENT_HEADER,
    Block,
    BlockHeader,
    pack_segment_header,
    read_segment_header,
    unpack_block_header,
)
from genom.words import ROW

__all__ = ["Segment", "begin_segment", "create_segment", "drop_reserved", "segment_path", "sync_directory"]


def segment_path(directory: Path, number: int) -> Path:
    """Where the segment with this number lies."""
    return directory / f"{number:010d}.journal"


def sync_directory(directory: Path) -> None:
    """Make created and renamed files of a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def create_segment(directory: Path, number: int, *, first_sequence: int, size: int, now: int) -> None:
    """Create a segment with all its space reserved; with first sequence 0 it is only reserved, for `begin_segment`.

    Raises Busy if the disk has no room; nothing is left behind then.
    """
    path = segment_path(directory, number) if first_sequence else _reserved_path(directory, number)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
        os.pwrite(handle, pack_segment_header(number, first_sequence, now), 0)
        os.fdatasync(handle)
    except OSError as error:
        path.unlink()
        raise Busy(
            "There is no room for more events.",
            why=f"{size:,} bytes could not be reserved on disk: {error.strerror}",
            fix="free some space; the node goes on by itself",
            code="journal.disk-full",
        ) from error
    finally:
        os.close(handle)
    sync_directory(directory)


def begin_segment(directory: Path, number: int, *, first_sequence: int, now: int) -> None:
    """Turn a reserved file into the segment that is written next; durable with its first block's sync."""
    reserved = _reserved_path(directory, number)
    handle = os.open(reserved, os.O_RDWR)
    try:
        os.pwrite(handle, pack_segment_header(number, first_sequence, now), 0)
        os.fdatasync(handle)
    finally:
        os.close(handle)
    reserved.rename(segment_path(directory, number))
    sync_directory(directory)


def drop_reserved(directory: Path) -> None:
    """Remove segments that were reserved and never begun."""
    for path in directory.glob("*.reserved"):
        path.unlink()


def _reserved_path(directory: Path, number: int) -> Path:
    return directory / f"{number:010d}.reserved"


class Segment:
    """A segment file that is open for reading and, if it is the last, for appending."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
        self.size = os.fstat(self._handle).st_size
        self.number, self.first_sequence = read_segment_header(os.pread(self._handle, SEGMENT_HEADER, 0), path=path)
        self.view = memoryview(mmap.mmap(self._handle, self.size, prot=mmap.PROT_READ))
        self.end = SEGMENT_HEADER  # where the next block goes

    def header_at(self, offset: int) -> BlockHeader | None:
        """The intact block header at this offset, if there is one."""
        header = unpack_block_header(self.view[offset : offset + BLOCK_HEADER], segment=self.number)
        return header if header and offset + header.size <= self.size else None

    def block(self, header: BlockHeader, start: int, *, bodies: bool = False) -> Block | None:
        """The block at this offset if its columns (and bodies, if asked) match their checksums."""
        columns = self.view[start + BLOCK_HEADER : start + BLOCK_HEADER + header.columns_size]
        base = start + BLOCK_HEADER + header.columns_size
        content = self.view[base : base + header.body_bytes]
        if crc32(columns) != header.columns_crc or (bodies and crc32(content) != header.bodies_crc):
            return None
        return Block(header, start, np.frombuffer(columns, ROW), content)

    def blocks(self, start: int = SEGMENT_HEADER, *, bodies: bool = False) -> Iterator[Block]:
        """All intact blocks from this offset; ends at the first that is not, and leaves `end` there."""
        self.end = start
        while header := self.header_at(self.end):
            block = self.block(header, self.end, bodies=bodies)
            if block is None:
                return
            yield block
            self.end += header.size

    def recover(self) -> int:
        """Cut a torn tail after `blocks` has run; returns how many bytes were cut.

        Raises Corrupt if an intact block follows the damaged place: that is no torn tail, and cutting would lose data.
        """
        tail = self.view[self.end :]
        torn = len(bytes(tail).rstrip(b"\0")) if self.end < self.size else 0
        if not torn:
            return 0
        found = bytes(tail[:torn])
        at = 0
        while (at := found.find(b"GBLK", at + 1)) > 0:
            if self.header_at(offset := self.end + at):
                raise Corrupt(
                    f"The journal file {self.path.name} is damaged at byte {self.end:,}.",
                    why=f"intact data follows at byte {offset:,}, so this is not the torn end of a crash",
                    fix="restore the file from a backup; nothing was changed",
                )
        self.write_at(self.end, bytes(torn))
        self.sync()
        return torn

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of the data, however many calls it takes."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._handle, view, offset)
            view, offset = view[written:], offset + written

    def sync(self) -> None:
        """Make everything written durable; an OSError from here is fatal and never retried."""
        os.fdatasync(self._handle)

    def seal(self) -> None:
        """Give back the space after the last block; the segment is never appended to again."""
        os.ftruncate(self._handle, self.end)
        os.fsync(self._handle)
        self.size = self.end

    def close(self) -> None:
        """Release the file."""
        os.close(self._handle)
