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
    "BLOCK_MAGIC",
    "FORMAT",
    "SEGMENT_HEADER",
    "BlockHeader",
    "pack_block",
    "pack_segment_header",
    "read_segment_header",
    "renewed_header",
    "unpack_block_header",
]

FORMAT: Final = 1
BLOCK_MAGIC: Final = b"GBLK"
_SEGMENT_MAGIC: Final = b"GENOMJNL"
# magic, format, number, first sequence, created, zeros, crc
_SEGMENT: Final = struct.Struct("<8sIIQq28xI")
# magic, format, zeros, first sequence, rows, body bytes, committed, segment, two crcs, zeros, durable, zeros, crc
_BLOCK: Final = struct.Struct("<4sHHQIIqIII4xQ4xI")
SEGMENT_HEADER: Final = _SEGMENT.size
BLOCK_HEADER: Final = _BLOCK.size


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
    durable: int  # last sequence that was known to be on disk when this block was written

    @property
    def columns_size(self) -> int:
        """Bytes of the columns."""
        return self.rows * ROW.itemsize

    @property
    def size(self) -> int:
        """Bytes of the whole block, padding included."""
        return BLOCK_HEADER + self.columns_size + _padded(self.body_bytes)


def _padded(size: int) -> int:
    return (size + 7) & ~7


def _signed(head: bytes) -> bytes:
    return head[:-4] + struct.pack("<I", crc32(head[:-4]))


def pack_segment_header(number: int, first_sequence: int, created: int) -> bytes:
    """A segment's first 64 bytes."""
    return _signed(_SEGMENT.pack(_SEGMENT_MAGIC, FORMAT, number, first_sequence, created, 0))


def read_segment_header(data: bytes, *, path: object) -> tuple[int, int]:
    """Number and first sequence of a segment.

    Raises UnknownFormat for files of a newer Genom and Corrupt for damaged ones.
    """
    fix = "restore the file from a backup; nothing was changed"
    if len(data) < SEGMENT_HEADER:
        raise Corrupt(f"The journal file {path} is cut short.", why="its header is incomplete", fix=fix)
    magic, layout, number, first, _created, crc = _SEGMENT.unpack(data[:SEGMENT_HEADER])
    if magic != _SEGMENT_MAGIC or crc != crc32(data[: SEGMENT_HEADER - 4]):
        raise Corrupt(f"The journal file {path} is damaged.", why="its header does not match its checksum", fix=fix)
    _check_format(layout, path)
    return number, first


def _check_format(layout: int, path: object) -> None:
    if layout != FORMAT:
        raise UnknownFormat(
            f"The journal file {path} has format {layout}.",
            why=f"this Genom reads format {FORMAT}; a newer one wrote the file",
            fix="install the Genom that wrote it, or a newer one; nothing was changed",
        )


def pack_block(rows: NDArray[np.void], bodies: bytes, *, segment: int, committed_at: int, durable: int) -> bytes:
    """A whole block, padded; `rows` carry their sequences already."""
    columns = rows.tobytes()
    head = _BLOCK.pack(
        BLOCK_MAGIC, FORMAT, 0, int(rows["sequence"][0]), len(rows), len(bodies), committed_at, segment,
        crc32(columns), crc32(bodies), durable, 0,
    )  # fmt: skip
    return b"".join((_signed(head), columns, bodies, bytes(_padded(len(bodies)) - len(bodies))))


def renewed_header(header: bytes, columns: bytes, bodies: bytes) -> bytes:
    """A block's header for columns and bodies that were changed in place."""
    *fields, _, _, durable, _ = _BLOCK.unpack(header)
    return _signed(_BLOCK.pack(*fields, crc32(columns), crc32(bodies), durable, 0))


def unpack_block_header(data: bytes | memoryview, *, segment: int) -> BlockHeader | None:
    """The header, or None if these bytes are no intact header of a block of this segment.

    Raises UnknownFormat for an intact block of a newer Genom.
    """
    if len(data) < BLOCK_HEADER:
        return None
    magic, layout, _, *fields, crc = _BLOCK.unpack(data[:BLOCK_HEADER])
    if magic != BLOCK_MAGIC or crc != crc32(data[: BLOCK_HEADER - 4]):
        return None
    _check_format(layout, f"{segment:010d}.journal")
    header = BlockHeader(*fields)
    return header if header.segment == segment else None
