"""One block as it is read: rows at once, bodies when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.journal.layout import BlockHeader
from genom.words import ROW

__all__ = ["Block", "damaged", "read_block"]


@dataclass(frozen=True)
class Block:
    """What one group commit wrote; its columns match their checksum."""

    header: BlockHeader
    start: int  # byte offset in the segment
    rows: NDArray[np.void]  # ROW, shape (rows,)
    unchecked: memoryview  # the bodies as they lie on disk
    again: Callable[[], Block | None] = lambda: None  # reads it anew, bodies checked, in case it was overwritten

    @property
    def bodies(self) -> memoryview:
        """All bodies; held against their checksum when first asked for, so that a replay of columns need not.

        Raises Corrupt if they do not match.
        """
        return self._whole.unchecked

    def body(self, row: int) -> bytes:
        """The body of the row at this index, `b""` if it has none or was erased meanwhile.  Raises Corrupt."""
        rows = self._whole.rows
        start = int(rows["body_start"][row])
        return bytes(self.bodies[start : start + int(rows["body_length"][row])])

    @cached_property
    def _whole(self) -> Block:
        """With bodies that match: an erasure may have overwritten some since the columns were read."""
        found = self.with_bodies() or self.again()
        if found is None:
            raise damaged(self.header.segment, self.start, "the bodies of a block do not match their checksum")
        return found

    def with_bodies(self) -> Block | None:
        """With its own copy of the bodies, if they match their checksum."""
        copy = bytes(self.unchecked)
        return replace(self, unchecked=memoryview(copy)) if crc32(copy) == self.header.bodies_crc else None


def read_block(header: BlockHeader, start: int, content: memoryview) -> Block | None:
    """The block of this header if its columns match their checksum; `content` is what follows the header.

    The columns are copied: what was checked is what is read, whatever is overwritten meanwhile.
    """
    columns = bytes(content[: header.columns_size])
    if len(content) < header.columns_size + header.body_bytes or crc32(columns) != header.columns_crc:
        return None
    bodies = content[header.columns_size : header.columns_size + header.body_bytes]
    return Block(header, start, np.frombuffer(columns, ROW), bodies)


def damaged(segment: int, offset: int, why: str) -> Corrupt:
    """The error for a place in a segment that cannot be read."""
    return Corrupt(
        f"The journal file {segment:010d}.journal is damaged at byte {offset:,}.",
        why=why,
        fix="restore the file from a backup; nothing was changed",
    )
