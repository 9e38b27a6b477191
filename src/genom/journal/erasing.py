"""What an erasure writes: rows of kind ERASED, zeros for their bodies, new checksums, index entries that are gone.

Everything here reads and plans; `intents.carry_out` writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.journal.growing import OpenIndex
from genom.journal.index import Index
from genom.journal.intents import Patch, carry_out
from genom.journal.layout import BLOCK_HEADER, renewed_header
from genom.journal.locating import locate
from genom.journal.segment import Segment
from genom.words import ROW, Flag, Kind

__all__ = ["Renamed", "Wiped", "by_segment", "naming", "offsets_by_profile", "slices", "wipe", "without"]

_FACTS: Final = 200  # kinds from here on are no events
_BLOCKS_AT_ONCE: Final = 32  # one intent; readers of these blocks wait for it, a few milliseconds

Words = NDArray[np.uint64]
Segments = Mapping[int, Segment]
Indexes = Mapping[int, Index | OpenIndex]
Renamed = dict[int, bytes]
"""Offset of a row → its new body, as long as the old one."""


@dataclass(frozen=True, slots=True)
class Wiped:
    """What an erasure overwrote."""

    rows: int = 0
    bytes: int = 0  # of rows and bodies

    def __add__(self, other: Wiped) -> Wiped:
        return Wiped(self.rows + other.rows, self.bytes + other.bytes)


@dataclass(frozen=True, slots=True)
class _Naming:
    """Rows of other profiles that name erased ones, by sequence."""

    links: Words
    bodies: dict[int, bytes]

    def offsets(self, number: int, segments: Segments, index: Index | OpenIndex) -> Words:
        """Byte offsets of the links in one segment."""
        return by_segment(segments, {number: index}, self.links).get(number, np.zeros(0, np.uint64))

    def renamed(self, segments: Segments, indexes: Indexes) -> dict[int, Renamed]:
        """The bodies, by segment and offset."""
        found = {n: Renamed() for n in indexes}
        for sequence, body in self.bodies.items():
            for number, offsets in by_segment(segments, indexes, np.array([sequence], np.uint64)).items():
                found[number][int(offsets[0])] = body
        return found


def naming(segments: Segments, indexes: Indexes, profiles: set[int], *, beside: Collection[int]) -> _Naming:
    """What others' rows say of these profiles.

    Others are those that LINK and UNLINK rows of these profiles name, and `beside`.
    """
    others = set(beside)
    for row, body in _ties(segments, indexes, profiles):
        others |= {int(row["item"])} if row["kind"] == Kind.LINK else _told(body)
    links, bodies = list[int](), dict[int, bytes]()
    for row, body in _ties(segments, indexes, others - profiles - {0}):
        if row["kind"] == Kind.LINK and int(row["item"]) in profiles:
            links.append(int(row["sequence"]))
        elif row["kind"] == Kind.UNLINK and (left := without(body, profiles)) is not None:
            bodies[int(row["sequence"])] = left
    return _Naming(np.array(links, np.uint64), bodies)


def _ties(segments: Segments, indexes: Indexes, profiles: Collection[int]) -> Iterator[tuple[np.void, bytes]]:
    found = locate(segments, indexes, column="profile", wanted=profiles)
    for i in np.flatnonzero(np.isin(found.rows["kind"], (Kind.LINK, Kind.UNLINK))).tolist():
        place = found.places[i]
        yield found.rows[i], bytes(segments[place.segment].view[place.start : place.start + place.length])


def _told(body: bytes) -> set[int]:
    told: dict[str, list[int]] = msgspec.json.decode(body) if body else {}
    return {number for numbers in told.values() for number in numbers}


def without(body: bytes, profiles: Collection[int]) -> bytes | None:
    """The body of an UNLINK row without these profiles, blanks in their place; None if it names none of them.

    >>> without(b'{"links":[3,4],"whole":[3,4,5]}', {4})
    b'{"links":[3],"whole":[3,5]}    '
    """
    if _told(body).isdisjoint(profiles):
        return None
    told: dict[str, list[int]] = msgspec.json.decode(body)
    kept = {name: [one for one in numbers if one not in profiles] for name, numbers in told.items()}
    return msgspec.json.encode(kept).ljust(len(body))


def offsets_by_profile(index: Index | OpenIndex, profiles: Iterable[int]) -> Words:
    """Byte offsets of all rows of these profiles, erased ones that stand under them too."""
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *(index.rows_of(one) for one in set(profiles) - {0})]))


def by_segment(segments: Segments, indexes: Indexes, sequences: Words) -> dict[int, Words]:
    """Byte offsets of the rows with these numbers; numbers that no row has are left out."""
    firsts = {number: segments[number].first_sequence for number in sorted(segments)}
    numbers = np.array(list(firsts), np.uint64)
    owners = np.searchsorted(np.array(list(firsts.values()), np.uint64), sequences, "right")
    found = dict[int, Words]()
    for at in np.unique(owners[owners > 0]).tolist():
        number = int(numbers[at - 1])
        if number in indexes and len(indexes[number].blocks):
            found[number] = _offsets_of(segments[number], indexes[number], np.unique(sequences[owners == at]))
    return found


def _offsets_of(segment: Segment, index: Index | OpenIndex, sequences: Words) -> Words:
    data = np.frombuffer(segment.view, np.uint8)
    words = data[index.blocks[:, None].astype(np.int64) + np.arange(8, 20)]  # first sequence and rows of each block
    firsts = np.ascontiguousarray(words[:, :8]).view(np.uint64).reshape(-1)
    sizes = np.ascontiguousarray(words[:, 8:]).view(np.uint32).reshape(-1).astype(np.uint64)
    blocks = np.searchsorted(firsts, sequences, "right") - 1
    within = sequences - firsts[blocks]
    there = within < sizes[blocks]
    starts = index.blocks[blocks[there]] + np.uint64(BLOCK_HEADER)
    return np.asarray(starts + within[there] * np.uint64(ROW.itemsize))


def slices(index: Index | OpenIndex, offsets: Words, renamed: Renamed) -> Iterator[tuple[Words, Renamed]]:
    """The rows of a segment, some blocks at a time."""
    blocks, places = _blocks_of(index, offsets), np.array(list(renamed), np.uint64)
    of_bodies = dict(zip(renamed, _blocks_of(index, places).tolist(), strict=True))
    touched = sorted({*blocks.tolist(), *of_bodies.values()})
    for first in range(0, len(touched), _BLOCKS_AT_ONCE):
        some = touched[first : first + _BLOCKS_AT_ONCE]
        yield offsets[np.isin(blocks, some)], {at: body for at, body in renamed.items() if of_bodies[at] in some}


def _blocks_of(index: Index | OpenIndex, offsets: Words) -> Words:
    """Where the blocks begin that hold these rows."""
    return np.asarray(index.blocks[np.searchsorted(index.blocks, offsets, "right") - 1])


def wipe(
    directory: Path, segment: Segment, index: Index | OpenIndex, offsets: Words, renamed: Renamed, *,
    expired: bool = False,
) -> Wiped:  # fmt: skip
    """Overwrite these rows of a segment, from an intent; durable on return.  Raises Busy and Corrupt.

    `expired` marks rows whose time had passed, which go on counting as rows that were there.
    """
    blocks, total, patches = _blocks_of(index, offsets), Wiped(), list[Patch]()
    places = np.array(list(renamed), np.uint64)
    of_bodies = dict(zip(renamed, _blocks_of(index, places).tolist(), strict=True))
    for start in sorted({*blocks.tolist(), *of_bodies.values()}):
        bodies = {at: body for at, body in renamed.items() if of_bodies[at] == start}
        some, wiped = _block_patches(segment, start, offsets[blocks == start], bodies, expired=expired)
        patches += some
        total += wiped
    if isinstance(index, Index):
        patches += _index_patches(segment, index, offsets)
    carry_out(directory, patches)
    return total


def _block_patches(
    segment: Segment, start: int, offsets: Words, renamed: Renamed, *, expired: bool
) -> tuple[list[Patch], Wiped]:
    """Overwrite rows of one block (byte offsets in the segment) and their bodies; give some rows another body.

    Raises Corrupt.
    """
    block = segment.block_at(start)
    rows, bodies = block.rows.copy(), bytearray(block.bodies)
    columns_at = start + BLOCK_HEADER
    bodies_at = columns_at + block.header.columns_size
    patches, size = list[Patch](), 0
    for offset in offsets.tolist():
        row = (offset - columns_at) // ROW.itemsize
        at, length = int(rows["body_start"][row]), int(rows["body_length"][row])
        bodies[at : at + length] = bytes(length)
        rows[row] = _erased(rows[row], expired=expired)
        patches.append(Patch(segment.path.name, offset, ROW.itemsize, rows[row].tobytes()))
        if length:
            patches.append(Patch(segment.path.name, bodies_at + at, length))
        size += ROW.itemsize + length
    for offset, body in renamed.items():
        at = int(rows["body_start"][(offset - columns_at) // ROW.itemsize])
        bodies[at : at + len(body)] = body
        patches.append(Patch(segment.path.name, bodies_at + at, len(body), body))
    header = renewed_header(bytes(segment.view[start:columns_at]), rows.tobytes(), bytes(bodies))
    return [*patches, Patch(segment.path.name, start, BLOCK_HEADER, header)], Wiped(len(offsets), size)


def _erased(row: np.void, *, expired: bool) -> NDArray[np.void]:
    """Its number is left, and that of a profile that it founded: neither is given again.

    Of an event the keyed hash of its message id is left, too, so that it does not come in again when it is resent.
    """
    left = np.zeros((), ROW)
    left["sequence"], left["kind"] = row["sequence"], Kind.ERASED
    if row["kind"] == Kind.IDENTIFIER or (row["kind"] == Kind.ERASED and row["profile"]):
        left["profile"] = row["profile"]
    elif (row["kind"] < _FACTS and row["line"] == 0) or row["kind"] == Kind.ERASED:
        left["id_low"], left["id_high"] = row["id_low"], row["id_high"]
    if row["kind"] == Kind.ERASED:
        left["flags"] = row["flags"]
    elif expired and row["kind"] < _FACTS:
        left["flags"] = Flag.EXPIRED
    return left


def _index_patches(segment: Segment, index: Index, erased: Words) -> list[Patch]:
    """Take the entries of these rows out of an index file, in place, so that whoever has it mapped goes on reading.

    If a key keeps other rows, the entry repeats one of those; else it goes over to the key before, whose reader finds
    an erased row there and skips it.  The arrays stay sorted after each byte.
    """
    name, content = segment.path.with_suffix(".index").name, index.content
    patches, changed = list[Patch](), content
    for keys_at, rows_at, keys, rows in index.pairs():
        for at, word in _taken_out(keys, rows, np.isin(rows, erased), keys_at, rows_at):
            patches.append(Patch(name, at, 8, word))
            changed[at : at + 8] = word
    if patches:
        checksum = crc32(memoryview(changed)[8:-4]).to_bytes(4, "little")
        patches.append(Patch(name, len(changed) - 4, 4, checksum))
    return patches


def _taken_out(
    keys: Words, rows: Words, gone: NDArray[np.bool_], keys_at: int, rows_at: int
) -> Iterator[tuple[int, bytes]]:
    for key in np.unique(keys[gone]).tolist():
        first, last = np.searchsorted(keys, np.uint64(key), "left"), np.searchsorted(keys, np.uint64(key), "right")
        here = np.arange(first, last)
        kept = here[~gone[first:last]]
        before = _key_before(keys, gone, int(first))
        for i in here[gone[first:last]].tolist():
            if len(kept):
                yield rows_at + 8 * i, rows[kept[0]].tobytes()
            elif key:
                yield keys_at + 8 * i, before.to_bytes(8, "little")


def _key_before(keys: Words, gone: NDArray[np.bool_], first: int) -> int:
    kept = np.flatnonzero(~gone[:first])
    return int(keys[kept[-1]]) if len(kept) else 0
