"""Files that their owner alone may read."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_private"]


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
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    if old >= 0:
        os.pwrite(old, bytes(os.fstat(old).st_size), 0)
        os.fsync(old)
        os.close(old)
