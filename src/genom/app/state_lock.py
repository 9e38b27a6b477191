"""Who writes state files, or overwrites what they are folded from: one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["no_state_is_written"]


@contextmanager
def no_state_is_written(directory: Path) -> Iterator[int]:
    """Nobody else writes a state file inside: one that was begun before is waited for.

    Yields the descriptor of the lock: a process that inherits it holds the lock, too.
    """
    name = directory / "lock.state"
    with open(name, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
