"""The file that keeps the state of outcomes: a checksum and MessagePack, replaced as a whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec

from genom.app.following import Followed

__all__ = ["Kept", "read_kept", "write_kept"]

_NAME: Final = "outcomes.state"
_MAGIC: Final = b"GENOMOC4"  # another number for another content: the journal then tells it anew


class Kept(msgspec.Struct):
    """Counted and open decisions at a position of the journal."""

    position: int
    counters: dict[str, dict[str, Any]]
    open: list[tuple[str, Followed, float, float]]  # number, decision, its rewards at the position
    companions: dict[str, bytes]
    refusals: int  # of the ledger when all of it was last folded from the journal's beginning


def write_kept(directory: Path, kept: Kept) -> None:
    """Replace the file; durable when it returns."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = msgspec.msgpack.encode(kept)
    scratch = directory / f"{_NAME}.new"
    with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_MAGIC + crc32(content).to_bytes(4, "little") + content)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(directory / _NAME)


def read_kept(directory: Path) -> Kept | None:
    """What the file holds, None if it is missing or damaged: then the journal tells it."""
    try:
        data = (directory / _NAME).read_bytes()
        if data[:8] != _MAGIC or crc32(data[12:]) != int.from_bytes(data[8:12], "little"):
            return None
        return msgspec.msgpack.decode(data[12:], type=Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
