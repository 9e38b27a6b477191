"""The index of a sealed segment: where each profile's and decision's rows lie, as sorted arrays in a file beside it."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genom.journal.files import index_path, room
from genom.journal.segment import Segment

__all__ = ["Index", "load_index"]

_MAGIC: Final = b"GENOMIX1"
_PARTS: Final = 7

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Sorted keys and the byte offsets of their rows."""

    about: Words  # number of the segment, its first and last sequence, where its blocks end
    profiles: Words
    profile_rows: Words
    decisions: Words
    decision_rows: Words
    blocks: Words  # offsets of the segment's blocks
    bodies: Words  # offsets of their bodies

    def rows_of(self, profile: int) -> Words:
        """Byte offsets of a profile's rows, in order of sequence."""
        return _between(self.profiles, self.profile_rows, profile)

    def rows_of_decision(self, decision: int) -> Words:
        """Byte offsets of the record of a decision and of its outcomes."""
        return _between(self.decisions, self.decision_rows, decision)

    @property
    def content(self) -> bytearray:
        """What the file holds: magic, seven lengths, seven arrays, CRC-32."""
        parts = [np.ascontiguousarray(getattr(self, part.name), np.uint64) for part in fields(self)]
        content = b"".join([np.array([len(p) for p in parts], np.uint64).tobytes(), *(p.tobytes() for p in parts)])
        return bytearray(_MAGIC + content + crc32(content).to_bytes(4, "little"))

    def pairs(self) -> Iterator[tuple[int, int, Words, Words]]:
        """Keys and their rows, twice: where both begin in the file, and what they are."""
        at = len(_MAGIC) + 8 * (_PARTS + len(self.about))
        for keys, rows in ((self.profiles, self.profile_rows), (self.decisions, self.decision_rows)):
            yield at, at + keys.nbytes, keys, rows
            at += keys.nbytes + rows.nbytes

    def save(self, segment: Path) -> None:
        """Write the index.  Raises Busy if there is no room."""
        path = index_path(segment)
        scratch = path.with_suffix(".index.new")
        with room("the index of a journal file could not be written"):
            try:
                _write(scratch, self.content)
            except OSError:
                scratch.unlink(missing_ok=True)
                raise
        scratch.rename(path)


def _write(path: Path, content: bytearray) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def load_index(segment: Segment) -> Index | None:
    """The index, memory-mapped, or None if it is missing, damaged or another segment's: then the segment is scanned."""
    try:
        with index_path(segment.path).open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    except (FileNotFoundError, ValueError):  # ValueError: the file is empty
        return None
    if bytes(data[:8]) != _MAGIC or crc32(data[8:-4]) != int.from_bytes(data[-4:], "little"):
        return None
    words: Words = np.frombuffer(data[8:-4], np.uint64)
    ends = (np.cumsum(words[:_PARTS]) + np.uint64(_PARTS)).tolist()
    parts = [words[first:last] for first, last in zip([_PARTS, *ends], ends, strict=False)]
    index = Index(**dict(zip([part.name for part in fields(Index)], parts, strict=True)))
    number, first_sequence, _, end = index.about.tolist()
    fits = (number, first_sequence) == (segment.number, segment.first_sequence) and end <= segment.size
    return index if fits else None


def _between(keys: Words, rows: Words, key: int) -> Words:
    first, last = np.searchsorted(keys, np.uint64(key), "left"), np.searchsorted(keys, np.uint64(key), "right")
    return np.asarray(rows[first:last])
