"""What must be on the disk, or gone from it, before anybody relies on it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from genom.errors import Busy

__all__ = ["empty_log", "sync_directory", "write_all"]


def sync_directory(directory: Path) -> None:
    """Wait until the names in a directory are on the disk.

    Raises OSError.

    >>> sync_directory(Path("."))
    """
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes, *, at: int) -> None:
    """Write all of the data at a place in a file, however many calls it takes.

    Raises OSError; some of it may have been written then.

    >>> import tempfile
    >>> with tempfile.TemporaryFile() as file:
    ...     write_all(file.fileno(), b"both", at=2)
    ...     file.read()
    b'\\x00\\x00both'
    """
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, at)
        view, at = view[written:], at + written


def empty_log(database: sqlite3.Connection) -> None:
    """Write what waits in the write-ahead log of an SQLite database into its file, and leave the log empty.

    Until then what a transaction has deleted may still stand in both.

    Raises Busy if somebody reads an older state of the database for longer than the connection's patience.

    Source: https://sqlite.org/pragma.html#pragma_wal_checkpoint

    >>> empty_log(sqlite3.connect(":memory:"))
    """
    try:
        busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise _log_in_use(str(error)) from error
    if busy:
        raise _log_in_use("somebody reads an older state of it")


def _log_in_use(why: str) -> Busy:
    return Busy("The write-ahead log of a database cannot be emptied now.", why=why, fix="it is tried again")
