"""From the offsets of an index to rows and to where their bodies lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.journal.growing import OpenIndex
from genom.journal.index import Index
from genom.journal.intents import settled
from genom.journal.segment import Segment
from genom.words import ROW, Kind

__all__ = ["Located", "Place", "locate"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row's body lies."""

    segment: int
    start: int
    length: int
    row: int = -1  # byte offset of the row that has it; -1: the body is not sealed


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
    found = [(n, offsets) for n, index in sorted(indexes.items()) if len(offsets := _offsets(index, column, keys))]
    for number, offsets in found:
        segments[number].fetch_ahead(offsets.tolist(), ROW.itemsize)
    rows, places = list[NDArray[np.void]](), list[Place]()
    for number, offsets in found:
        left, own = _gather(segments[number], offsets, column=column, wanted=keys)
        rows.append(own)
        places.extend(_places(number, indexes[number], left, own))
    return Located(rows[0] if len(rows) == 1 else np.concatenate(rows or [np.zeros(0, ROW)]), places)


def _offsets(index: Index | OpenIndex, column: str, keys: list[int]) -> NDArray[np.uint64]:
    of = index.rows_of if column == "profile" else index.rows_of_decision
    return np.unique(np.concatenate([of(key) for key in keys])) if keys else np.zeros(0, np.uint64)


def _gather(
    segment: Segment, offsets: NDArray[np.uint64], *, column: str, wanted: list[int]
) -> tuple[NDArray[np.uint64], NDArray[np.void]]:
    """Copy the rows at these byte offsets that are not erased, with their offsets.

    A point read does not check whole blocks; that each row holds the key it was looked up by is checked.
    Raises Corrupt if one does not.
    """

    def attempt() -> tuple[NDArray[np.uint64], NDArray[np.void]] | None:
        rows = _copied(segment, offsets)
        left = rows["kind"] != Kind.ERASED
        return (offsets[left], rows[left]) if _all_among(rows[column][left], wanted) else None

    found = settled(segment.path.parent, attempt)
    if found is None:
        raise Corrupt(
            f"The index of the journal file {segment.path.name} and its rows do not agree.",
            why=f"a row that was looked up by its {column} has another one",
            fix=f"stop the node, delete {segment.path.stem}.index and start again: it is rebuilt from the journal",
        )
    return found


def _all_among(found: NDArray[np.uint64], wanted: list[int]) -> bool:
    if len(wanted) == 1:  # as with a decision: a page looks up dozens
        return bool((found == np.uint64(wanted[0])).all())
    return bool(np.isin(found, np.array(wanted, np.uint64)).all())


def _copied(segment: Segment, offsets: NDArray[np.uint64]) -> NDArray[np.void]:
    data = np.frombuffer(segment.view, np.uint8)
    picked = data[offsets[:, None].astype(np.int64) + np.arange(ROW.itemsize)]
    return np.ascontiguousarray(picked).view(ROW).reshape(-1)


def _places(
    number: int, index: Index | OpenIndex, offsets: NDArray[np.uint64], rows: NDArray[np.void]
) -> Iterator[Place]:
    blocks = np.searchsorted(index.blocks, offsets, "right") - 1
    starts = index.bodies[blocks] + rows["body_start"]
    sealed = np.where(rows["cipher"] != 0, offsets.astype(np.int64), -1)
    for start, length, row in zip(starts.tolist(), rows["body_length"].tolist(), sealed.tolist(), strict=True):
        yield Place(number, start, length, row)
