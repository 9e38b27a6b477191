"""The ledger's directory: numbered files that only their owner may read, and the end of the last one."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import NamedTuple

from genom.durable import sync_directory

__all__ = ["Tail", "create_file", "list_files", "open_directory", "sync", "tail_of"]


class Tail(NamedTuple):
    """The end of a file of lines."""

    line: bytes  # the last whole line, without its line break
    end: int  # bytes up to and with the last line break
    torn: bytes  # what follows it: a line that was not written to its end


def open_directory(directory: Path) -> None:
    """Make the directory if needed, readable by its owner alone."""
    if not directory.is_dir():
        directory.mkdir(mode=0o700, parents=True)
        sync_directory(directory.parent)
    directory.chmod(0o700)


def list_files(directory: Path) -> list[Path]:
    """The ledger's files, oldest first."""
    return sorted(path for path in directory.glob("*.jsonl") if path.stem.isdigit())


def create_file(directory: Path, number: int) -> Path:
    """A new, empty, private file whose name is durable."""
    path = directory / f"{number:06d}.jsonl"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    sync_directory(directory)
    return path


def sync(descriptor: int) -> None:
    """Wait until the file's content is on the disk."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:  # macOS
        os.fsync(descriptor)


def tail_of(path: Path) -> Tail:
    """The end of a file, found without reading the whole of it."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return Tail(b"", 0, b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            end = content.rfind(b"\n") + 1
            start = content.rfind(b"\n", 0, max(end - 1, 0)) + 1
            return Tail(content[start : max(end - 1, 0)], end, content[end:])
