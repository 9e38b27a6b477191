"""From the offsets of an index to rows and to where their bodies lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.journal.growing import OpenIndex
from genom.journal.index import Index
from genom.journal.layout import BLOCK_HEADER
from genom.journal.segment import Segment
from genom.words import ROW

__all__ = ["Located", "Place", "locate"]


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


def locate(
    segments: Mapping[int, Segment], indexes: Mapping[int, Index | OpenIndex], *, column: str, wanted: Iterable[int]
) -> Located:
    """All rows that hold one of these keys in this column (`profile` or `decision`), in order of sequence.

    Raises Corrupt.
    """
    keys = sorted(set(wanted))
    rows, places = [np.zeros(0, ROW)], list[Place]()
    for number, index in sorted(indexes.items()):
        offsets = _offsets(index, column, keys)
        if len(offsets):
            rows.append(_gather(segments[number], offsets, column=column, wanted=keys))
            places.extend(_places(segments[number], index.blocks, offsets, rows[-1]))
    return Located(np.concatenate(rows), places)


def _offsets(index: Index | OpenIndex, column: str, keys: list[int]) -> NDArray[np.uint64]:
    of = index.rows_of if column == "profile" else index.rows_of_decision
    return np.sort(np.concatenate([np.zeros(0, np.uint64), *(of(key) for key in keys)]))


def _gather(segment: Segment, offsets: NDArray[np.uint64], *, column: str, wanted: list[int]) -> NDArray[np.void]:
    """Copy the rows at these byte offsets.

    A point read does not check whole blocks; that each row holds the key it was looked up by is checked.
    Raises Corrupt if one does not.
    """
    data = np.frombuffer(segment.view, np.uint8)
    picked = data[offsets[:, None].astype(np.int64) + np.arange(ROW.itemsize)]
    rows = np.ascontiguousarray(picked).view(ROW).reshape(-1)
    if not np.isin(rows[column], np.array(wanted, np.uint64)).all():
        raise Corrupt(
            f"The index of the journal file {segment.path.name} and its rows do not agree.",
            why=f"a row that was looked up by its {column} has another one",
            fix=f"stop the node, delete {segment.path.stem}.index and start again: it is rebuilt from the journal",
        )
    return rows


def _places(
    segment: Segment, blocks: NDArray[np.uint64], offsets: NDArray[np.uint64], rows: NDArray[np.void]
) -> Iterator[Place]:
    """Where the bodies of gathered rows lie; `blocks` are the offsets of the segment's blocks.  Raises Corrupt."""

    @lru_cache(maxsize=1)  # rows of one block stand together
    def bodies_of(start: int) -> int:
        return start + BLOCK_HEADER + segment.header_at(start).columns_size

    starts = blocks[np.searchsorted(blocks, offsets, "right") - 1].tolist()
    for start, begin, length in zip(starts, rows["body_start"].tolist(), rows["body_length"].tolist(), strict=True):
        yield Place(segment.number, bodies_of(start) + begin if length else 0, length)
