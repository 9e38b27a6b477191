"""`genom scan`: hits as JSON lines on the output, progress beside it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from genom.errors import BadRequest
from genom.privacy import scan

__all__ = ["scan_directory"]

FOUND: Final = 3  # exit status
_EVERY: Final = 1.0  # seconds between two lines of progress


def scan_directory(directory: Path, texts: list[str]) -> int:
    """Print every hit; returns the exit status.  Works while a node serves the directory.

    Raises BadRequest for a directory that does not exist and a text that is too short.
    """
    if not directory.is_dir():
        raise BadRequest(f"There is no directory {directory}.", why="nothing can be searched", fix="check --data")
    told, status = time.monotonic(), 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            print(f"scan: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB", file=sys.stderr)

    for hit in scan(directory, texts, progress=progress):
        print(msgspec.json.encode(hit).decode(), flush=True)
        status = FOUND
    print("scan: found" if status else "scan: nothing found", file=sys.stderr)
    return status
