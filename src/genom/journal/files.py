"""A journal's directory: names, segments created with their space reserved, and what a crash left behind."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genom.durable import sync_directory, write_all
from genom.errors import Busy
from genom.journal.layout import pack_segment_header

__all__ = [
    "begin_segment",
    "drop_leftovers",
    "index_path",
    "reserve_segment",
    "room",
    "segment_numbers",
    "segment_path",
]


def segment_path(directory: Path, number: int) -> Path:
    """Where the segment with this number lies."""
    return directory / f"{number:010d}.journal"


def index_path(segment: Path) -> Path:
    """Where the index of a sealed segment lies."""
    return segment.with_suffix(".index")


def segment_numbers(directory: Path) -> list[int]:
    """Numbers of the segments, ascending; other files (a copy that somebody made) are not looked at."""
    return sorted(int(path.stem) for path in directory.glob("*.journal") if re.fullmatch("[0-9]{10}", path.stem))


@contextmanager
def room(what: str) -> Iterator[None]:
    """Turn the error of a full disk into Busy; others pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Busy(
            "There is no room for more events.",
            why=f"{what}: {error.strerror}",
            fix="free some space; the node goes on by itself",
            code="journal.disk-full",
        ) from error


def reserve_segment(directory: Path, number: int, *, size: int) -> None:
    """Create a file with all its space, for `begin_segment`.

    Raises Busy if the disk has no room; nothing is left behind then.
    """
    path = _reserved_path(directory, number)
    with room(f"{size:,} bytes could not be reserved on disk"):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.posix_fallocate(handle, 0, size)
                os.fdatasync(handle)
            finally:
                os.close(handle)
        except OSError:
            path.unlink(missing_ok=True)
            raise


def begin_segment(directory: Path, number: int, *, first_sequence: int, now: int) -> None:
    """Turn a reserved file into the segment that is written next; it has its name only when its header is on disk.

    Raises Busy if the disk has no room; the file stays reserved then.
    """
    reserved = _reserved_path(directory, number)
    handle = os.open(reserved, os.O_RDWR)
    try:
        with room("the header of a journal file could not be written"):
            write_all(handle, pack_segment_header(number, first_sequence, now), at=0)
            os.fdatasync(handle)
    finally:
        os.close(handle)
    reserved.rename(segment_path(directory, number))
    sync_directory(directory)


def drop_leftovers(directory: Path) -> None:
    """Remove what a run that ended left half-made: reserved segments and unfinished indexes."""
    for pattern in ("*.reserved", "*.index.new"):
        for path in directory.glob(pattern):
            path.unlink()


def _reserved_path(directory: Path, number: int) -> Path:
    return directory / f"{number:010d}.reserved"
