"""State files: everything that can be rebuilt from the journal, at one exact position, so that a restart is quick.

A file is a magic, a JSON header (position, version, arrays) and the arrays, with one CRC-32 over all of it.
A damaged file or one of another version is not an error for the node: it is put aside and the journal is refolded.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genom.errors import Corrupt

__all__ = ["let_go", "read_state", "state_files", "state_version", "write_state", "zero_rows"]

_MAGIC: Final = b"GENOMST1"
_CHUNK: Final = 1 << 24
_DONTNEED: Final = 4
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
_LARGE: Final = 1 << 26  # bytes from which on an array is not copied into memory before it is taken in


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
    header += b" " * (-len(header) % 64)  # arrays then begin where the processor likes them to
    path, crc = directory / f"{position:020d}.state", 0
    scratch = path.with_suffix(".new")
    with open(scratch, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        for piece in [_MAGIC + len(header).to_bytes(8, "little") + header, *map(_bytes, arrays.values())]:
            file.write(piece)
            crc = crc32(piece, crc)
        file.write(crc.to_bytes(4, "little"))
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)
    older = [other for other in state_files(directory) if other.name < path.name]
    for other in state_files(directory):
        if other not in (path, *older[:1]):
            other.unlink()
    return path


def read_state(path: Path) -> tuple[int, str, dict[str, NDArray[Any]]]:
    """Position, gene set version and arrays of a state file; large arrays are views of a private map of the file.

    Raises Corrupt if the file is damaged.
    """
    data = np.memmap(path, np.uint8, "c") if path.stat().st_size > 20 else np.zeros(20, np.uint8)
    if bytes(data[:8]) != _MAGIC or _checksum(data[:-4]) != int.from_bytes(bytes(data[-4:]), "little"):
        raise Corrupt(
            f"The state file {path.name} is damaged.",
            why="its bytes do not match its checksum",
            fix="delete it: the node rebuilds it from the journal",
            code="storage.state-corrupt",
        )
    length = int.from_bytes(bytes(data[8:16]), "little")
    header, start = json.loads(bytes(data[16 : 16 + length])), 16 + length
    parts: dict[str, NDArray[Any]] = {}
    for name, (kind, shape) in header["arrays"].items():
        dtype = np.dtype(kind if isinstance(kind, str) else [_field(f) for f in kind])
        size = int(np.prod(shape)) * dtype.itemsize
        held = data[start : start + size]
        parts[name] = (held if size >= _LARGE else np.array(held)).view(dtype).reshape(shape)
        start += size
    return header["position"], header["version"], parts


def zero_rows(path: Path, chosen: Callable[[str, NDArray[Any]], NDArray[np.int64]]) -> None:
    """Overwrite rows of a state file's arrays with zeros, in place; `chosen` tells the rows of each array by its name.

    Who reads it meanwhile, or after a crash in the middle, finds a damaged file and takes another or the journal.
    Raises Corrupt if the file is damaged.
    """
    read_state(path)
    data = np.memmap(path, np.uint8, "r+")
    length = int.from_bytes(bytes(data[8:16]), "little")
    start = 16 + length
    for name, (kind, shape) in json.loads(bytes(data[16:start]))["arrays"].items():
        dtype = np.dtype(kind if isinstance(kind, str) else [_field(f) for f in kind])
        size = int(np.prod(shape)) * dtype.itemsize
        if rows := chosen(name, data[start : start + size].view(dtype).reshape(shape)).tolist():
            wide = size // shape[0]
            for row in rows:
                data[start + row * wide : start + (row + 1) * wide] = 0
        start += size
    data[-4:] = np.frombuffer(_checksum(data[:-4]).to_bytes(4, "little"), np.uint8)
    data.flush()


def state_version(path: Path) -> str:
    """The gene set version that a state file is of, without a look at its content.

    Raises Corrupt if it has no header.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(16)[8:], "little")
            return str(json.loads(file.read(min(length, 1 << 20)))["version"])
    except (OSError, ValueError, KeyError) as error:
        raise Corrupt(f"{path.name} has no header.", why=repr(error), fix="delete it") from error


def _field(field: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(part) if isinstance(part, list) else part for part in field)


def _bytes(array: NDArray[Any]) -> bytes:
    """The memory of an array, without a copy."""
    return cast("bytes", memoryview(array.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]  # an array is a buffer


def _checksum(data: NDArray[np.uint8]) -> int:
    crc = 0
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        crc = crc32(_bytes(chunk), crc)
        let_go(chunk)
    return crc


def let_go(part: NDArray[Any]) -> None:
    """Give back the memory of a part that is a view of the file; what was changed in it is forgotten.

    Source: madvise(2), MADV_DONTNEED.
    """
    if isinstance(part, np.memmap) and _LIBC is not None:
        page = mmap.PAGESIZE
        first, last = -(-part.ctypes.data // page) * page, (part.ctypes.data + part.nbytes) // page * page
        if first < last:
            _LIBC.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _DONTNEED)
