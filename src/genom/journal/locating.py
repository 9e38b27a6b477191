"""From the offsets of an index to rows and to where their bodies lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.journal.growing import OpenIndex
from genom.journal.index import Index
from genom.journal.intents import settled
from genom.journal.segment import Segment
from genom.words import ROW, Kind

__all__ = ["Located", "Place", "Places", "locate"]

_BYTES: Final = np.dtype((np.void, ROW.itemsize))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row's body lies."""

    segment: int
    start: int
    length: int
    row: int = -1  # byte offset of the row that has it; -1: the body is not sealed


class Places(Sequence[Place]):
    """Where the bodies of rows lie; a place is made when it is asked for: of a person's thousand a page reads ten."""

    __slots__ = ("_table",)

    def __init__(self, table: NDArray[np.int64]) -> None:
        self._table = table  # shape (rows, 4): segment, start, length, row

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Place]:
        return (Place(*place) for place in self._table.tolist())

    @overload
    def __getitem__(self, index: int) -> Place: ...
    @overload
    def __getitem__(self, index: slice) -> Places: ...
    def __getitem__(self, index: int | slice) -> Place | Places:
        return Places(self._table[index]) if isinstance(index, slice) else Place(*self._table[index].tolist())


@dataclass(frozen=True, slots=True)
class Located:
    """Rows in order of sequence, and where each one's body lies."""

    rows: NDArray[np.void]  # ROW
    places: Places


def locate(
    segments: Mapping[int, Segment], indexes: Mapping[int, Index | OpenIndex], *, column: str, wanted: Iterable[int]
) -> Located:
    """All rows that hold one of these keys in this column (`profile` or `decision`), in order of sequence.

    Raises Corrupt.
    """
    keys = sorted(set(wanted))
    found = [(n, offsets) for n, index in sorted(indexes.items()) if len(offsets := _offsets(index, column, keys))]
    for number, offsets in found:
        segments[number].fetch_ahead(offsets, ROW.itemsize)
    rows, places = [np.zeros(0, ROW)], [np.zeros((0, 4), np.int64)]
    for number, offsets in found:
        left, own = _gather(segments[number], offsets, column=column, wanted=keys)
        rows.append(own)
        places.append(_places(number, indexes[number], left, own))
    return Located(_joined(rows), Places(_joined(places)))


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """An empty part, and those that were found; mostly all lies in one segment."""
    return parts[1] if len(parts) == 2 else np.concatenate(parts)


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
    at_any_byte = np.ndarray((len(segment.view) - ROW.itemsize + 1,), _BYTES, segment.view, strides=(1,))
    return at_any_byte[offsets.astype(np.int64)].view(ROW)


def _places(
    number: int, index: Index | OpenIndex, offsets: NDArray[np.uint64], rows: NDArray[np.void]
) -> NDArray[np.int64]:
    """Segment, start, length and row of each body, shape (rows, 4)."""
    blocks = np.searchsorted(index.blocks, offsets, "right") - 1
    table = np.empty((len(rows), 4), np.int64)
    table[:, 0] = number
    table[:, 1] = index.bodies[blocks] + rows["body_start"]
    table[:, 2] = rows["body_length"]
    table[:, 3] = np.where(rows["cipher"] != 0, offsets.astype(np.int64), -1)
    return table
