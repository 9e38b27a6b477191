"""A file of encrypted frames behind a head: AES-GCM under the key of the contents.

    head · then for each frame: length (4, little endian) · ciphertext with its tag

The nonce of a frame is its number; its number and whether it is the last are bound to it, so that frames cannot be
taken away, moved or appended.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genom.app.backups.head import Head
from genom.errors import Corrupt

__all__ = ["FrameReader", "FrameWriter"]

_FRAME: Final = 1 << 20  # bytes before encryption
_TAG: Final = 16


def _bound(magic: bytes, number: int, *, last: bool) -> tuple[bytes, bytes]:
    """Nonce and what is bound to a frame."""
    return number.to_bytes(12, "little"), magic + (b"L" if last else b"F")


class FrameWriter:
    """Takes bytes, writes frames; `close` writes the last one."""

    def __init__(self, file: BinaryIO, head: Head, key: AESGCM) -> None:
        self._file, self._magic, self._aead = file, head.magic, key
        self._waiting, self._number = bytearray(), 0
        file.write(head.encode())

    def write(self, data: bytes) -> int:
        """Encrypt these bytes, now or with what follows."""
        self._waiting += data
        while len(self._waiting) > _FRAME:
            self._frame(bytes(self._waiting[:_FRAME]), last=False)
            del self._waiting[:_FRAME]
        return len(data)

    def close(self) -> None:
        """Write what waits as the last frame."""
        self._frame(bytes(self._waiting), last=True)

    def _frame(self, data: bytes, *, last: bool) -> None:
        nonce, bound = _bound(self._magic, self._number, last=last)
        sealed = self._aead.encrypt(nonce, data, bound)
        self._file.write(len(sealed).to_bytes(4, "little") + sealed)
        self._number += 1


class FrameReader:
    """Gives the bytes behind the head back; raises Corrupt for a file that is cut, changed, or under another key."""

    def __init__(self, file: BinaryIO, head: Head, key: AESGCM) -> None:
        self._file, self._magic, self._aead = file, head.magic, key
        self._held, self._number, self._ended = b"", 0, False

    def read(self, size: int) -> bytes:
        """The next so many bytes, fewer only at the end."""
        parts, missing = [], size
        while missing and (self._held or self._next()):
            parts.append(self._held[:missing])
            self._held = self._held[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def _next(self) -> bool:
        if self._ended:
            return False
        size = int.from_bytes(self._file.read(4), "little")
        sealed = self._file.read(size) if _TAG <= size <= _FRAME + _TAG else b""
        for last in (False, True):
            nonce, bound = _bound(self._magic, self._number, last=last)
            try:
                self._held, self._ended = self._aead.decrypt(nonce, sealed, bound), last
            except (InvalidTag, ValueError):
                continue
            if last and self._file.read(1):
                break
            self._number += 1
            return bool(self._held) or self._next()
        raise Corrupt(
            "The backup cannot be read.",
            why="the passphrase is another, or the file was cut or changed"
            if self._number == 0
            else f"it was cut or changed behind its first {self._number} MB",
            fix="check the passphrase, or take another backup",
            code="backup.damaged",
        )
