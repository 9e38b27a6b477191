"""What must be on the disk before anybody relies on it."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["sync_directory"]


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
