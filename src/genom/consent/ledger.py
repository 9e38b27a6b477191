"""The consent ledger: every choice, appended, chained by hashes, durable before it is acknowledged."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Final, Self

from genom.consent.entry import GENESIS, Entry, Head, damaged, decode, encode, sealed
from genom.consent.kept_head import KeptHead
from genom.consent.ledger_files import Tail, create_file, list_files, open_directory, sync, tail_of
from genom.errors import Busy, Corrupt, counted

__all__ = ["Ledger"]

FILE_BYTES: Final = 64 * 1024 * 1024
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_FIX: Final = (
    "put the newest copy of the ledger in its place, or restore a backup with `genom restore --ledgers`; only if there "
    "is none, say `genom accept-ledger`"
)


class Ledger:
    """The ledger in a directory of its own, such as `DIR/ledger`; one process writes it.

    Opening proves the last entry and cuts a line that was never written to its end; `replay` proves all.
    What `kept` tells of the ledger's end must stand in it: opening raises Corrupt, with nothing changed, if entries
    were taken off the end, and `replay` if others came in their place.
    """

    def __init__(self, directory: Path, *, file_bytes: int = FILE_BYTES, kept: KeptHead | None = None) -> None:
        self._kept = kept
        self._acknowledged = GENESIS if kept is None or kept.head is None else kept.head  # by whoever wrote before
        if self._acknowledged.number and not list_files(directory):
            raise _shorter(directory, 0, self._acknowledged)
        open_directory(directory)
        self._directory = directory
        self._file_bytes = file_bytes
        self._lock = Lock()
        self._files = list_files(directory) or [create_file(directory, 1)]
        self._descriptor = -1
        self.torn = 0  # unfinished lines that opening cut off
        self.watchers: list[Callable[[list[Entry]], None]] = []  # told of what was written, in the writer's thread
        self.head = self._find_head()
        self._open_last()

    def append(self, records: Sequence[Entry]) -> list[Entry]:
        """Write records for good, all or none; they come back numbered and chained.

        Raises Busy if there is no room; nothing of them remains then. An OSError means that nobody knows what
        reached the disk: the ledger takes nothing more, and the node ends and starts anew from its files.
        """
        if not records:
            return []
        with self._lock:
            self._must_be_whole()
            entries = _chain(records, self.head)
            data = b"".join(map(encode, entries))
            if self._size and self._size + len(data) > self._file_bytes:
                self._rotate()
            self._write(data)
            self.head = Head(entries[-1].n, entries[-1].hash)
            if self._kept is not None:
                self._kept.keep(self.head)  # in the same turn, so that it never goes back
        for watcher in self.watchers:
            watcher(entries)
        return entries

    def replay(self) -> Iterator[Entry]:
        """All entries up to now, in their order; raises Corrupt at the first that is not as it was written."""
        last, head = self.head, GENESIS
        for path in list(self._files):
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if head == last:
                        return
                    entry = _read(line, f"{path}, line {number}", head)
                    head = Head(entry.n, entry.hash)
                    if entry.n == self._acknowledged.number and head != self._acknowledged:
                        raise _another(str(path), entry.n)
                    yield entry
        if head != last:
            raise damaged(str(self._files[-1]), f"it ends at entry {head.number}, and {last.number} were written")

    def keep_head(self) -> None:
        """Keep the present end, once `replay` has proven what stands before it."""
        with self._lock:
            if self._kept is not None and self._kept.head != self.head:
                self._kept.keep(self.head)

    def close(self) -> None:
        """Let the files go; everything acknowledged is on the disk already."""
        with self._lock:
            if self._kept is not None:
                self._kept.close()
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _find_head(self) -> Head:
        """The end of the chain; the last file is empty if the process ended right after making it."""
        head, torn = GENESIS, list[tuple[Path, Tail]]()
        for path in reversed(self._files):
            tail = tail_of(path)
            if tail.torn:
                torn.append((path, tail))
            if tail.end:
                entry = decode(tail.line, where=f"the last line of {path}")
                head = Head(entry.n, entry.hash)
                break
        for path, tail in torn:
            self._must_be_torn(path, tail.torn)
        if head.number < self._acknowledged.number:
            raise _shorter(self._directory, head.number, self._acknowledged)
        for path, tail in torn:
            self._cut(path, tail.end)
        return head

    def _must_be_torn(self, path: Path, torn: bytes) -> None:
        """A line without an end was never acknowledged; a whole one behind which the end is wrong was."""
        if path != self._files[-1]:
            raise damaged(f"the end of {path}", "its last line has no end although later files exist")
        if _is_entry(torn[:-1]):
            raise damaged(f"the end of {path}", "the line break after its last entry was changed")

    def _cut(self, path: Path, end: int) -> None:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, end)
            sync(descriptor)
        finally:
            os.close(descriptor)
        self.torn += 1

    def _open_last(self) -> None:
        descriptor = os.open(self._files[-1], os.O_WRONLY | os.O_APPEND)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._whole = True  # the file ends where `_size` says, and all of it is on the disk

    def _must_be_whole(self) -> None:
        if self._descriptor < 0:
            raise ValueError("the consent ledger is closed")
        if not self._whole:
            raise OSError(errno.EIO, "the consent ledger failed to write before; restart the node")

    def _rotate(self) -> None:
        try:
            path = create_file(self._directory, int(self._files[-1].stem) + 1)
        except OSError as error:
            raise _translated(error, self._directory) from error
        self._files.append(path)
        self._open_last()

    def _write(self, data: bytes) -> None:
        self._whole = False
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            sync(self._descriptor)
            self._whole = error.errno in _NO_ROOM
            raise _translated(error, self._directory) from error
        sync(self._descriptor)  # never tried again: after a failure the kernel may have dropped the pages
        self._size += len(data)
        self._whole = True


def _chain(records: Sequence[Entry], head: Head) -> list[Entry]:
    entries = []
    for record in records:
        entry = sealed(record, head)
        head = Head(entry.n, entry.hash)
        entries.append(entry)
    return entries


def _read(line: bytes, where: str, after: Head) -> Entry:
    if not line.endswith(b"\n"):
        raise damaged(where, "the line has no end")
    return decode(line[:-1], where=where, after=after)


def _is_entry(line: bytes) -> bool:
    try:
        decode(line, where="")
    except Corrupt:
        return False
    return True


def _shorter(directory: Path, has: int, acknowledged: Head) -> Corrupt:
    return Corrupt(
        f"Entries are missing at the end of the consent ledger in {directory}.",
        why=f"it has {counted(has, 'entry', 'entries')}, and {acknowledged.number:,} were acknowledged: the others may "
        "be withdrawals, objections and erasures",
        fix=_FIX,
        code="consent.ledger-shorter",
    )


def _another(path: str, number: int) -> Corrupt:
    return Corrupt(
        f"Entry {number:,} in {path} is another than the one that was acknowledged.",
        why="the consent ledger was replaced by that of another installation, or written anew from an older copy",
        fix=_FIX,
        code="consent.ledger-replaced",
    )


def _translated(error: OSError, directory: Path) -> Exception:
    """No room is a matter of waiting; everything else ends the node."""
    if error.errno not in _NO_ROOM:
        return error
    return Busy(
        "The choice was not recorded: there is no room for the consent ledger.",
        why=f"the disk that holds {directory} is full",
        fix="free some space there; then the same call goes through",
        code="consent.no-room",
    )
