"""State files: everything that can be rebuilt from the journal, at one exact position, so that a restart is quick.

A file is a magic, a JSON header (position, version, arrays) and the arrays, in pieces that each have a checksum: so
several threads read and check it at once.  A damaged file or one of another version is not an error for the node: it is
put aside and the journal is refolded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.checksum import xxh64
from genom.errors import Corrupt
from genom.genome.threads import on_threads, threads

__all__ = ["read_state", "state_files", "state_head", "write_state", "zero_rows"]

Bytes = NDArray[np.uint8]

_MAGIC: Final = b"GENOMST2"
_BEFORE: Final = 24  # magic, length of the header, its checksum
_PIECE: Final = 1 << 23  # bytes under one checksum
_MANY: Final = 8  # pieces from which on a second thread is worth its start
_LONGEST: Final = 1 << 20  # bytes of a header
_LARGE: Final = 1 << 26  # bytes of a file from which on what was read is given back to the system
_NOWHERE: Final[Mapping[str, NDArray[Any]]] = {}


class _Piece(NamedTuple):
    """A part of one array under one checksum."""

    name: str
    start: int  # in the file
    offset: int  # in the array's bytes
    size: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a state file says of itself."""

    position: int
    version: str  # of the gene set
    arrays: Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]]
    start: int  # of the first array in the file

    def pieces(self) -> list[_Piece]:
        """All arrays in the order of the file."""
        found, start = list[_Piece](), self.start
        for name, (kind, shape) in self.arrays.items():
            size = int(np.prod(shape)) * kind.itemsize
            for offset in range(0, size, _PIECE):
                found.append(_Piece(name, start + offset, offset, min(_PIECE, size - offset)))
            start += size
        return found


def state_files(directory: Path) -> list[Path]:
    """State files, newest position first."""
    return sorted(directory.glob("*.state"), reverse=True)


def write_state(directory: Path, *, position: int, version: str, parts: Mapping[str, NDArray[Any]]) -> Path:
    """Write a state file durably; of the others only the one before it stays.

    Newer ones go too: they tell of a journal that has been put back since, and would be taken for the new one's state.
    """
    directory.mkdir(mode=0o700, exist_ok=True)
    arrays = {name: np.asarray(part, order="C") for name, part in parts.items()}
    shapes = {name: [a.dtype.str if a.dtype.names is None else a.dtype.descr, a.shape] for name, a in arrays.items()}
    header = json.dumps({"position": position, "version": version, "arrays": shapes}).encode()
    header += b" " * (-(len(header) + _BEFORE) % 64)  # arrays then begin where the processor likes them to
    path = directory / f"{position:020d}.state"
    scratch, sums = path.with_suffix(".new"), list[int]()
    with open(scratch, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(_MAGIC + len(header).to_bytes(8, "little") + _sum_of(header).tobytes() + header)
        for part in map(_bytes, arrays.values()):
            for offset in range(0, len(part), _PIECE):
                piece = part[offset : offset + _PIECE]
                file.write(_buffer(piece))
                sums.append(xxh64(piece))
        file.write(_ending(np.array(sums, np.uint64)))
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)
    older = [other for other in state_files(directory) if other.name < path.name]
    for other in state_files(directory):
        if other not in (path, *older[:1]):
            other.unlink()
    return path


def state_head(path: Path) -> Head:
    """What a state file says of itself, without a look at its arrays.  Raises Corrupt if it has no header."""
    with path.open("rb") as file:
        before = file.read(_BEFORE)
        header = file.read(min(int.from_bytes(before[8:16], "little"), _LONGEST))
    if before[:8] != _MAGIC or before[16:] != _sum_of(header).tobytes():
        raise _damaged(path)
    said = json.loads(header)
    arrays = {name: (_dtype(kind), tuple(shape)) for name, (kind, shape) in said["arrays"].items()}
    return Head(said["position"], said["version"], arrays, _BEFORE + len(header))


def read_state(
    path: Path, *, into: Mapping[str, NDArray[Any]] = _NOWHERE, alone: bool = False
) -> tuple[int, str, dict[str, NDArray[Any]]]:
    """Position, gene set version and arrays of a state file.

    An array that `into` has a place for is read there, into its first rows: a start then holds the genome only once.
    The system gets the memory back in which it kept the file, piece by piece: new memory is dear where it has none to
    hand (17 seconds of a processor for 7 GB where it was measured, and 2 with what the file gives back).
    `alone`: by one thread, so that others have a processor.
    Raises Corrupt if the file is damaged; what it was read into holds parts of it then.
    """
    head = state_head(path)
    parts = {name: _place(into.get(name), *about) for name, about in head.arrays.items()}
    pieces, flat = head.pieces(), {name: _bytes(part) for name, part in parts.items()}
    read = partial(_read, path, pieces, flat, _sums(path, head, pieces))
    if on_threads(read, 1 if alone or len(pieces) < _MANY else threads()):
        raise _damaged(path)
    return head.position, head.version, parts


def _place(given: NDArray[Any] | None, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if given is None or given.dtype != kind or given.shape[1:] != shape[1:] or len(given) < shape[0]:
        return np.empty(shape, kind)
    return given[: shape[0]]


def _read(  # noqa: PLR0917 -- bound by `partial`
    path: Path, pieces: list[_Piece], flat: Mapping[str, Bytes], sums: NDArray[np.uint64], n: int, parts: int
) -> int:
    """Read and check the n-th share of the pieces; returns how many are damaged."""
    wrong, first, last = 0, n * len(pieces) // parts, (n + 1) * len(pieces) // parts
    with path.open("rb", buffering=0) as file:
        gives = hasattr(os, "posix_fadvise") and os.fstat(file.fileno()).st_size >= _LARGE
        for piece, expected in zip(pieces[first:last], sums[first:last].tolist(), strict=True):
            target = flat[piece.name][piece.offset : piece.offset + piece.size]
            wrong += not _filled(file, target, piece.start) or xxh64(target) != expected
            if gives:  # from the first on: a page that the last piece had only a part of goes with this one
                begin, end = pieces[first].start, piece.start + piece.size
                os.posix_fadvise(file.fileno(), begin, end - begin, os.POSIX_FADV_DONTNEED)
    return wrong


def _filled(file: FileIO, target: Bytes, start: int) -> bool:
    file.seek(start)
    done = 0
    while done < len(target) and (count := file.readinto(_buffer(target[done:]))):
        done += count
    return done == len(target)


def _sums(path: Path, head: Head, pieces: list[_Piece]) -> NDArray[np.uint64]:
    """The checksums at the end of a file.  Raises Corrupt."""
    length = 8 * len(pieces)
    with path.open("rb") as file:
        file.seek(pieces[-1].start + pieces[-1].size if pieces else head.start)
        found = file.read(length + 9)  # one more than there should be
    if len(found) != length + 8 or found[length:] != _sum_of(found[:length]).tobytes():
        raise _damaged(path)
    return np.frombuffer(found[:length], np.uint64)


def zero_rows(path: Path, chosen: Callable[[str, NDArray[Any]], NDArray[np.int64]]) -> None:
    """Overwrite rows of a state file's arrays with zeros, in place; `chosen` tells the rows of each array by its name.

    Who reads it meanwhile, or after a crash in the middle, finds a damaged file and takes another or the journal.
    Raises Corrupt if the file is damaged.
    """
    head, data = state_head(path), np.memmap(path, np.uint8, "r+")
    pieces = head.pieces()
    if _sums_of(data, pieces).tolist() != _sums(path, head, pieces).tolist():
        raise _damaged(path)
    start = head.start
    for name, (kind, shape) in head.arrays.items():
        size = int(np.prod(shape)) * kind.itemsize
        if rows := chosen(name, data[start : start + size].view(kind).reshape(shape)).tolist():
            wide = size // shape[0]
            for row in rows:
                data[start + row * wide : start + (row + 1) * wide] = 0
        start += size
    data[start:] = np.frombuffer(_ending(_sums_of(data, pieces)), np.uint8)
    data.flush()


def _sums_of(data: Bytes, pieces: list[_Piece]) -> NDArray[np.uint64]:
    return np.array([xxh64(data[piece.start : piece.start + piece.size]) for piece in pieces], np.uint64)


def _ending(sums: NDArray[np.uint64]) -> bytes:
    """The checksums of the pieces, and that of these."""
    return sums.tobytes() + _sum_of(sums.tobytes()).tobytes()


def _sum_of(content: bytes) -> NDArray[np.uint64]:
    return np.array([xxh64(np.frombuffer(content, np.uint8))], "<u8")


def _dtype(kind: Any) -> np.dtype[Any]:
    return np.dtype(kind if isinstance(kind, str) else [_field(field) for field in kind])


def _field(field: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(part) if isinstance(part, list) else part for part in field)


def _bytes(array: NDArray[Any]) -> Bytes:
    """The memory of an array, without a copy."""
    return array.reshape(-1).view(np.uint8)


def _buffer(array: Bytes) -> memoryview:
    return memoryview(array)  # type: ignore[arg-type]  # an array is a buffer


def _damaged(path: Path) -> Corrupt:
    return Corrupt(
        f"The state file {path.name} is damaged.",
        why="its bytes do not match their checksums",
        fix="delete it: the node rebuilds it from the journal",
        code="storage.state-corrupt",
    )
