"""Format 1 of the journal's files, byte by byte; the specification is `docs/reference/journal.md`.

A segment file is a header of 64 bytes and then blocks.
A block is what one group commit wrote: a header of 64 bytes, the columns (160 bytes a row), the bodies, zeros to a
multiple of 8.  Header, columns and bodies each carry their own CRC-32, so that a replay can read the columns alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt, UnknownFormat
from genom.words import ROW

__all__ = [
    "BLOCK_HEADER",
    "FORMAT",
    "SEGMENT_HEADER",
    "Block",
    "BlockHeader",
    "pack_block",
    "pack_segment_header",
    "read_segment_header",
    "unpack_block_header",
]

FORMAT: Final = 1
_SEGMENT = struct.Struct("<8sIIQq28xI")  # magic, format, number, first sequence, created ms, -, crc
_BLOCK = struct.Struct("<4sHHQIIqIII16xI")  # magic, format, -, first sequence, rows, body bytes, at, segment, 2 crcs, -, crc
SEGMENT_HEADER: Final = _SEGMENT.size
BLOCK_HEADER: Final = _BLOCK.size
_SEGMENT_MAGIC: Final = b"GENOMJNL"
_BLOCK_MAGIC: Final = b"GBLK"


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a block's first 64 bytes say."""

    first_sequence: int
    rows: int
    body_bytes: int
    committed_at: int  # unix ms, UTC
    segment: int
    columns_crc: int
    bodies_crc: int

    @property
    def columns_size(self) -> int:
        """Bytes of the columns."""
        return self.rows * ROW.itemsize

    @property
    def size(self) -> int:
        """Bytes of the whole block, padding included."""
        return BLOCK_HEADER + self.columns_size + _padded(self.body_bytes)


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it is read: its rows and its bodies."""

    header: BlockHeader
    start: int  # byte offset in the segment
    rows: NDArray[np.void]  # ROW, shape (rows,)
    bodies: memoryview

    def body(self, row: int) -> bytes:
        """The body of the row at this index, `b""` if it has none."""
        start = int(self.rows["body_start"][row])
        return bytes(self.bodies[start : start + int(self.rows["body_length"][row])])


def _padded(size: int) -> int:
    return (size + 7) & ~7


def pack_segment_header(number: int, first_sequence: int, created: int) -> bytes:
    """A segment's first 64 bytes."""
    head = _SEGMENT.pack(_SEGMENT_MAGIC, FORMAT, number, first_sequence, created, 0)
    return head[:-4] + struct.pack("<I", crc32(head[:-4]))


def read_segment_header(data: bytes, *, path: object) -> tuple[int, int]:
    """Number and first sequence of a segment.

    Raises UnknownFormat for files of a newer Genom and Corrupt for damaged ones.
    """
    if len(data) < SEGMENT_HEADER:
        raise Corrupt(f"The journal file {path} is cut short.", why="its header is incomplete", fix="restore a backup")
    magic, layout, number, first, _created, crc = _SEGMENT.unpack(data[:SEGMENT_HEADER])
    if magic != _SEGMENT_MAGIC or crc != crc32(data[: SEGMENT_HEADER - 4]):
        raise Corrupt(f"The journal file {path} is damaged.", why="its header does not match its checksum", fix="restore a backup")
    if layout != FORMAT:
        raise UnknownFormat(
            f"The journal file {path} has format {layout}.", why=f"this Genom reads format {FORMAT}", fix="use a newer Genom"
        )
    return number, first


def pack_block(rows: NDArray[np.void], bodies: bytes, *, segment: int, committed_at: int) -> bytes:
    """A whole block, padded; `rows` carry their sequences already."""
    columns = rows.tobytes()
    head = _BLOCK.pack(
        _BLOCK_MAGIC, FORMAT, 0, int(rows["sequence"][0]), len(rows), len(bodies), committed_at, segment,
        crc32(columns), crc32(bodies), 0,
    )  # fmt: skip
    head = head[:-4] + struct.pack("<I", crc32(head[:-4]))
    return b"".join((head, columns, bodies, bytes(_padded(len(bodies)) - len(bodies))))


def unpack_block_header(data: bytes | memoryview, *, segment: int) -> BlockHeader | None:
    """The header, or None if these bytes are no intact header of a block of this segment."""
    if len(data) < BLOCK_HEADER:
        return None
    magic, _layout, _, first, rows, body_bytes, at, number, columns_crc, bodies_crc, crc = _BLOCK.unpack(data[:BLOCK_HEADER])
    if magic != _BLOCK_MAGIC or number != segment or crc != crc32(data[: BLOCK_HEADER - 4]):
        return None
    return BlockHeader(first, rows, body_bytes, at, number, columns_crc, bodies_crc)
