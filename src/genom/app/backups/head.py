"""The head of a backup: of which day it is and under which key, and the key of its contents.

    GENOMBK2 · salt (16) · id of the key of its day (8; zeros: it has none) · its day (u32 little endian, since 1970)

The key of the contents is HKDF-SHA256 (RFC 5869) over what scrypt (RFC 7914) makes of the passphrase, followed by the
key of the day; the whole head is bound to it.  Before there were keys of days the head was `GENOMBK1 · salt`, and the
passphrase alone opened it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from genom.app.backups.day_keys import DayKey
from genom.errors import BadRequest, UnknownFormat

__all__ = ["Head", "content_key", "made_head", "read_head"]

_OLD, _NEW = b"GENOMBK1", b"GENOMBK2"
_SALT: Final = 16
_DAY: Final = Struct("<8sI")
_NONE: Final = bytes(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands in plain at the beginning."""

    magic: bytes
    salt: bytes
    key: str = ""  # id of the key of its day, hexadecimal; "" = the passphrase alone opens it
    day: int = 0  # on which it was made, days since 1970 UTC; 0 = not said

    @property
    def old(self) -> bool:
        """Whether it was written before there were keys of days."""
        return self.magic == _OLD

    def encode(self) -> bytes:
        """Its bytes."""
        rest = b"" if self.old else _DAY.pack(bytes.fromhex(self.key) or _NONE, self.day)
        return self.magic + self.salt + rest


def made_head(key: DayKey | None, *, day: int) -> Head:
    """A head with a new salt, under the key of a day or under the passphrase alone."""
    return Head(magic=_NEW, salt=os.urandom(_SALT), key=key.id if key else "", day=day)


def read_head(file: BinaryIO) -> Head:
    """The head of a backup; raises UnknownFormat for what is none.

    >>> from io import BytesIO
    >>> head = made_head(None, day=20_784)
    >>> read_head(BytesIO(head.encode())) == head
    True
    """
    magic, salt = file.read(len(_NEW)), file.read(_SALT)
    if not magic.startswith(_NEW[:-1]):
        raise UnknownFormat("This is no backup of Genom.", why="it begins otherwise", fix="name another file")
    rest = file.read(_DAY.size) if magic == _NEW else b""
    if magic not in {_OLD, _NEW} or len(salt) < _SALT or len(rest) < _DAY.size * (magic == _NEW):
        raise UnknownFormat(
            "This backup cannot be read.", why="a newer Genom wrote it, or it is cut", fix="use a newer Genom"
        )
    key, day = _DAY.unpack(rest) if rest else (_NONE, 0)
    return Head(magic=magic, salt=salt, key=key.hex() if key != _NONE else "", day=day)


def content_key(head: Head, passphrase: str, *, secret: bytes) -> AESGCM:
    """The key of the contents; `secret` is the key of the day, b"" if there is none.

    Raises BadRequest for a passphrase that is too short.
    """
    if len(passphrase) < 12:
        raise BadRequest(
            "The passphrase cannot be used.", why="it has fewer than 12 characters", fix="take a longer one"
        )
    words = passphrase.encode("utf-8", "surrogateescape")
    stretched = hashlib.scrypt(words, salt=head.salt, n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=32)
    if head.old:
        return AESGCM(stretched)
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"genom backup\0" + head.encode()).derive(stretched + secret))
