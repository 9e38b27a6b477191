"""Overwriting files of the journal so that a crash at any moment leaves them as before or as wanted.

What will be written where is made durable first, in one file beside the segments (the *intent*); whoever opens the
directory for writing does it again before anything is checked.  Readers who meet a half-written place wait for it.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from zlib import crc32

from genom.durable import sync_directory, write_all
from genom.errors import Busy, Corrupt
from genom.journal.files import room

__all__ = ["Patch", "carry_out", "redo", "settled"]

_MAGIC: Final = b"GENOMIN1"
_PATCH: Final = struct.Struct("<20sQII")  # file, offset, length, bytes that follow (0: zeros)
_PATIENCE: Final = 30.0  # seconds; a step of an erasure takes milliseconds

T = TypeVar("T")


class Patch(NamedTuple):
    """Bytes to be written at one place."""

    file: str
    offset: int
    length: int
    content: bytes = b""  # nothing: zeros


def carry_out(directory: Path, patches: Sequence[Patch]) -> None:
    """Write all of them; durable on return.  Raises Busy, with nothing changed, if there is no room for the intent."""
    path = _path(directory)
    scratch = path.with_suffix(".intent.new")
    with room("the intent of an erasure could not be written"):
        try:
            with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(_packed(patches))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            scratch.unlink(missing_ok=True)
            raise
    scratch.rename(path)
    sync_directory(directory)
    _apply(directory, patches)


def redo(directory: Path) -> bool:
    """Finish what a crash interrupted; whether there was something.

    An intent that is not whole was never begun: its name is given when its content is on disk.
    """
    _path(directory).with_suffix(".intent.new").unlink(missing_ok=True)
    try:
        patches = _unpacked(_path(directory).read_bytes())
    except FileNotFoundError:
        return False
    _apply(directory, patches)
    return True


def settled(directory: Path, attempt: Callable[[], T | None]) -> T | None:
    """What an attempt to read finds; again and again while an erasure overwrites what it reads.

    Raises Busy if an erasure was interrupted and nobody finishes it.
    """
    found, end = attempt(), time.monotonic() + _PATIENCE
    while found is None:
        under_way = _path(directory).exists()
        if under_way and time.monotonic() > end:
            raise Busy(
                "The journal cannot be read now.",
                why="an erasure was interrupted in the middle",
                fix="start the node on this directory: it finishes the erasure; then try again",
                code="journal.erasing",
            )
        if under_way:
            time.sleep(0.002)
        found = attempt()
        if not under_way:  # it may have ended between the first attempt and the look
            break
    return found


def _path(directory: Path) -> Path:
    return directory / "erase.intent"


def _apply(directory: Path, patches: Sequence[Patch]) -> None:
    files = dict.fromkeys(patch.file for patch in patches)
    for name in files:
        if (directory / name).exists():  # an index may have been deleted since
            _overwrite(directory / name, [patch for patch in patches if patch.file == name])
    _path(directory).unlink()
    sync_directory(directory)


def _overwrite(path: Path, patches: Sequence[Patch]) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        for patch in patches:
            write_all(handle, patch.content or bytes(patch.length), at=patch.offset)
        os.fdatasync(handle)
    finally:
        os.close(handle)


def _packed(patches: Sequence[Patch]) -> bytes:
    parts = [
        part
        for patch in patches
        for part in (
            _PATCH.pack(patch.file.encode(), patch.offset, patch.length, len(patch.content)),
            patch.content,
        )
    ]
    content = b"".join(parts)
    return _MAGIC + content + crc32(content).to_bytes(4, "little")


def _unpacked(data: bytes) -> list[Patch]:
    content = data[8:-4]
    if data[:8] != _MAGIC or crc32(content) != int.from_bytes(data[-4:], "little"):
        raise Corrupt(
            "The journal's file erase.intent is damaged.",
            why="it does not match its checksum, and an erasure may have stopped in the middle",
            fix="restore the journal directory from a backup; nothing was changed",
        )
    patches, at = list[Patch](), 0
    while at < len(content):
        name, offset, length, given = _PATCH.unpack_from(content, at)
        at += _PATCH.size
        patches.append(Patch(name.rstrip(b"\0").decode(), offset, length, content[at : at + given]))
        at += given
    return patches
