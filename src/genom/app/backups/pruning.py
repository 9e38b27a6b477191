"""What goes from a directory of backups: what has ended, what a crash left, ledgers that newer ones hold as well."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import Final

from genom.app.backups.day_keys import KEPT, day_of
from genom.app.backups.head import read_head
from genom.app.backups.writing import LEDGERS
from genom.errors import UnknownFormat

__all__ = ["prune"]

_EVERY: Final = "genom-*.backup"
_LEDGERS_KEPT: Final = 2


def prune(directory: Path, *, now: int, days: int = KEPT) -> list[str]:
    """Remove the backups of a directory that have ended, and all ledgers but the two newest; returns their names."""
    ledgers = sorted(directory.glob(LEDGERS))
    every = set(directory.glob(_EVERY)).difference(ledgers)
    old = [path for path in every if _ended(path, now, days)] + ledgers[:-_LEDGERS_KEPT]
    left = [path for path in directory.glob(f"{_EVERY}.new") if _is_nobodys(path)]
    for path in (*old, *left):
        path.unlink()
    return sorted(path.name for path in old)


def _ended(path: Path, now: int, days: int) -> bool:
    """By the day that it names; one of the first format names none, and is as old as its file."""
    with path.open("rb") as file, suppress(UnknownFormat):
        if day := read_head(file).day:
            return day + days <= day_of(now)
    return path.stat().st_mtime < now / 1000 - days * 86_400


def _is_nobodys(path: Path) -> bool:
    """Whether the process that wrote it has ended."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
