"""The file that keeps the state of outcomes: a checksum and MessagePack, replaced as a whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec

from genom.typed import from_msgpack

__all__ = ["Kept", "read_kept", "write_kept"]

_NAME: Final = "outcomes.state"
_MAGIC: Final = b"GENOMOC7"  # another number for another content: the journal then tells it anew


class Kept(msgspec.Struct):
    """Counted decisions at a position of the journal, and where those begin that are still open.

    Open ones are many and soon closed; a start reads them again from the journal, which reward windows bound.
    """

    position: int
    since: int  # the first sequence at which the record of an open decision can stand
    known: list[tuple[str, str]]  # point, signature: all decisions by these rules are counted
    oldest: list[tuple[str, str, str]]  # point, signature, hex number of the oldest open decision; earlier: counted
    counters: list[tuple[str, str, dict[str, Any]]]  # point, measured signature, what was counted
    lessons: list[tuple[str, str, dict[str, Any]]]  # point, learned signature, what was learned
    companions: dict[str, bytes]
    refusals: int  # of the ledger when all of it was last folded from the journal's beginning
    agreed_at: int = 0  # unix ms; grants that ran out later are still in what was learned
    law: str = ""  # what the regions of the purposes ask for; another law tells the journal anew


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
        return from_msgpack(data[12:], Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
