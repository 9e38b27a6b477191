"""Laying the members of a backup into a directory, as their owner alone may read them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from genom.app.backups.archive import Manifest, damaged, members
from genom.app.backups.day_keys import BackupKeys, day_of
from genom.app.backups.head import Head, read_head

__all__ = ["unpack", "write_file"]


def unpack(
    path: Path, directory: Path, *, passphrase: str, keys: BackupKeys | None, now: int,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Manifest, Head]:  # fmt: skip
    """Write all members below a directory; raises what `members` raises."""
    with path.open("rb") as file:
        head = read_head(file)
        keys = keys or BackupKeys([])
        for member in members(file, head, passphrase=passphrase, keys=keys, today=day_of(now)):
            if isinstance(member, Manifest):
                return member, head
            progress(member[0])
            write_file(directory / member[0], member[1])
    raise damaged("it has no end")


def write_file(path: Path, data: bytes) -> None:
    """Write a file durably."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
