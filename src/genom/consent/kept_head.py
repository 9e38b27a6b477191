"""The ledger's end, kept beside the ledger: whoever opens a ledger that is shorter than this finds out.

It is written after the entries are on the disk and before anybody hears of them, without waiting for the disk: the
system keeps what was written when the process is killed, and brings it to the disk within seconds.  So the kept end
is never ahead of the ledger, a crash leaves it behind at most, and a choice costs no second wait.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Final, Self

from genom.consent.entry import Head
from genom.consent.ledger_files import sync
from genom.durable import sync_directory

__all__ = ["KeptHead"]

_PLACE: Final = 512  # bytes, a sector; there are two, written in turn, so that a torn one leaves the one before
_DIGITS: Final = 20


class KeptHead:
    """A small file such as `DIR/ledger.head`; one process writes it.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, KeptHead(Path(place) / "head") as kept:
    ...     kept.keep(Head(1, "ab" * 32)), kept.keep(Head(2, "cd" * 32))
    ...     KeptHead(Path(place) / "head").head.number
    (None, None)
    2
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        found = [(head, place) for place in (0, 1) if (head := self._read(place)) is not None]
        newest = max(found, default=None)
        self.head = newest[0] if newest else None  # None: nothing whole is kept
        self._last = newest[1] if newest else 1

    def keep(self, head: Head) -> None:
        """The ledger ends here from now on; makes the file, durably, if there is none."""
        if self._descriptor < 0:
            self._open()
        self._last = 1 - self._last
        os.pwrite(self._descriptor, _written(head), self._last * _PLACE)
        self.head = head

    def close(self) -> None:
        """Let the file go; what is kept is on the disk then."""
        if self._descriptor >= 0:
            sync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        new = not self._path.exists()
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        if new:
            os.pwrite(self._descriptor, b"\n" * 2 * _PLACE, 0)  # its room, so that no later write needs any
            os.fsync(self._descriptor)
            sync_directory(self._path.parent)

    def _read(self, place: int) -> Head | None:
        try:
            content = self._path.read_bytes()[place * _PLACE :][:_PLACE]
        except FileNotFoundError:
            return None
        number, digest = content[:_DIGITS], content[_DIGITS + 1 : _DIGITS + 65]
        if not number.isdigit() or not digest.isascii():
            return None
        head = Head(int(number), digest.decode())
        return head if content == _written(head) else None


def _written(head: Head) -> bytes:
    line = f"{head.number:0{_DIGITS}d} {head.hash}"
    return f"{line} {zlib.crc32(line.encode()):08x}".ljust(_PLACE - 1).encode() + b"\n"
