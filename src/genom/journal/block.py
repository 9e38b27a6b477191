"""One block as it is read: rows at once, bodies when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.journal.layout import BlockHeader
from genom.words import ROW

__all__ = ["Block", "Cipher", "damaged", "opened", "read_block"]


class Cipher(Protocol):
    """Seals what is written and opens what is read."""

    def seal(self, rows: NDArray[np.void], bodies: bytes) -> tuple[NDArray[np.void], bytes]:
        """Copies of numbered rows, and their bodies sealed."""

    def close(self) -> None:
        """Forget the keys."""

    def renew(self) -> None:
        """What was sealed may lie on the disk in part, and its sequences come again: they must not be sealed alike."""

    def open(self, row: np.void, sealed: bytes) -> bytes:
        """The body of a row in plain, `b""` if its key was destroyed."""

    def gone(self, profiles: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whose keys were destroyed."""


def opened(cipher: Cipher | None, row: np.void, body: bytes) -> bytes:
    """The body of a row in plain.  Raises Corrupt without keys."""
    if not row["cipher"] or not body:
        return body
    if cipher is None:
        raise Corrupt(
            f"The body of row {int(row['sequence']):,} cannot be read.", why="it is sealed, and there are no keys",
            fix="open the data directory with its keys",
        )  # fmt: skip
    return cipher.open(row, body)


@dataclass(frozen=True)
class Block:
    """What one group commit wrote; its columns match their checksum."""

    header: BlockHeader
    start: int  # byte offset in the segment
    rows: NDArray[np.void]  # ROW, shape (rows,)
    unchecked: memoryview  # the bodies as they lie on disk
    again: Callable[[], Block | None] = lambda: None  # reads it anew, bodies checked, in case it was overwritten
    cipher: Cipher | None = None

    @property
    def bodies(self) -> memoryview:
        """All bodies as they lie on disk; held against their checksum when first asked for, not by a replay of columns.

        Raises Corrupt if they do not match.
        """
        return self._whole.unchecked

    def body(self, row: int) -> bytes:
        """The body of the row at this index, `b""` if it has none or was erased meanwhile.  Raises Corrupt."""
        rows = self._whole.rows
        start = int(rows["body_start"][row])
        body = bytes(self.bodies[start : start + int(rows["body_length"][row])])
        return opened(self.cipher, rows[row], body)

    def keyless(self, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of these rows have a sealed body that nobody can open any more, for their profile is erased."""
        rows = self.rows[places]
        sealed = np.asarray(rows["cipher"] != 0)
        if self.cipher is None or not sealed.any():
            return np.zeros(len(rows), np.bool_)
        return np.asarray(sealed & self.cipher.gone(rows["profile"]))

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
