"""Narrowing in place: rows that may serve fewer purposes than was known when they were written.

A mask only ever loses bits, in the same way in which an erasure overwrites: from a durable intent, with new checksums.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genom.journal.growing import OpenIndex
from genom.journal.index import Index
from genom.journal.intents import Patch, carry_out
from genom.journal.layout import BLOCK_HEADER, renewed_header
from genom.journal.segment import Segment
from genom.words import ROW, Flag

__all__ = ["narrow_rows"]


def narrow_rows(
    directory: Path, segment: Segment, index: Index | OpenIndex, offsets: NDArray[np.uint64], *, kept: int
) -> int:
    """Take from the rows at these byte offsets all purposes but `kept`, and mark them; durable on return.

    Returns how many there were.  Raises Busy, with nothing changed, if there is no room for the intent, and Corrupt.
    """
    blocks = index.blocks[np.searchsorted(index.blocks, offsets, "right") - 1]
    patches = [
        patch
        for start in np.unique(blocks).tolist()
        for patch in _block_patches(segment, start, offsets[blocks == start], np.uint64(kept))
    ]
    if patches:
        carry_out(directory, patches)
    return len(offsets)


def _block_patches(segment: Segment, start: int, offsets: NDArray[np.uint64], kept: np.uint64) -> list[Patch]:
    block = segment.block_at(start)
    rows, columns_at = block.rows.copy(), start + BLOCK_HEADER
    which = ((offsets - np.uint64(columns_at)) // np.uint64(ROW.itemsize)).astype(np.intp)
    rows["mask"][which] &= kept
    rows["assumed"][which] &= kept
    rows["flags"][which] |= np.uint16(Flag.SPECIAL)
    header = renewed_header(bytes(segment.view[start:columns_at]), rows.tobytes(), bytes(block.bodies))
    places = zip(offsets.tolist(), which.tolist(), strict=True)
    patches = [Patch(segment.path.name, at, ROW.itemsize, rows[row].tobytes()) for at, row in places]
    return [*patches, Patch(segment.path.name, start, BLOCK_HEADER, header)]
