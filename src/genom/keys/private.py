"""Files that their owner alone may read, and files of which nothing may stay."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from genom.durable import sync_directory

__all__ = ["overwrite", "shred", "write_private"]

_CHUNK: Final = 1 << 24  # bytes written at once


def write_private(path: Path, content: bytes, *, shred: bool = False) -> None:
    """Write a file durably, readable by the owner alone, whole or not at all; its directory is made if need be.

    `shred`: what stood in its place is overwritten on the disk, once the new file is durable.
    """
    old = os.open(path, os.O_RDWR) if shred and path.exists() else -1
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)
    sync_directory(path.parent)
    if old >= 0:
        os.pwrite(old, bytes(os.fstat(old).st_size), 0)
        os.fsync(old)
        os.close(old)


def overwrite(path: Path) -> None:
    """Zeros in place of a file's bytes, durably; the file keeps its length."""
    with path.open("r+b") as file:
        for start in range(0, left := path.stat().st_size, _CHUNK):
            file.write(bytes(min(_CHUNK, left - start)))
        file.flush()
        os.fsync(file.fileno())


def shred(path: Path) -> None:
    """Overwrite a file, then remove it; one that is gone already is none to shred."""
    try:
        overwrite(path)
        path.unlink()
    except FileNotFoundError:
        return
