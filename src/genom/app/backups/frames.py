"""A file of encrypted frames: AES-GCM under a key that scrypt makes of a passphrase.

    magic · salt (16) · then for each frame: length (4, little endian) · ciphertext with its tag

The nonce of a frame is its number; its number and whether it is the last are bound to it, so that frames cannot be
taken away, moved or appended.
"""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genom.errors import BadRequest, Corrupt, UnknownFormat

__all__ = ["FrameReader", "FrameWriter"]

_MAGIC: Final = b"GENOMBK1"
_SALT: Final = 16
_FRAME: Final = 1 << 20  # bytes before encryption
_TAG: Final = 16


def _key(passphrase: str, salt: bytes) -> AESGCM:
    if len(passphrase) < 12:
        raise BadRequest(
            "The passphrase cannot be used.", why="it has fewer than 12 characters", fix="take a longer one"
        )
    return AESGCM(hashlib.scrypt(passphrase.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=32))


def _bound(number: int, *, last: bool) -> tuple[bytes, bytes]:
    """Nonce and what is bound to a frame."""
    return number.to_bytes(12, "little"), _MAGIC + (b"L" if last else b"F")


class FrameWriter:
    """Takes bytes, writes frames; `close` writes the last one."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file, self._waiting, self._number = file, bytearray(), 0
        salt = os.urandom(_SALT)
        self._aead = _key(passphrase, salt)
        file.write(_MAGIC + salt)

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
        nonce, bound = _bound(self._number, last=last)
        sealed = self._aead.encrypt(nonce, data, bound)
        self._file.write(len(sealed).to_bytes(4, "little") + sealed)
        self._number += 1


class FrameReader:
    """Gives the bytes back; raises Corrupt for a file that is cut, changed, or under another passphrase."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file, self._held, self._number, self._ended = file, b"", 0, False
        head = file.read(len(_MAGIC) + _SALT)
        if not head.startswith(_MAGIC[:-1]):
            raise UnknownFormat("This is no backup of Genom.", why="it begins otherwise", fix="name another file")
        if not head.startswith(_MAGIC) or len(head) < len(_MAGIC) + _SALT:
            raise UnknownFormat(
                "This backup cannot be read.", why="a newer Genom wrote it, or it is cut", fix="use a newer Genom"
            )
        self._aead = _key(passphrase, head[len(_MAGIC) :])

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
            nonce, bound = _bound(self._number, last=last)
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
