"""Small secrets under the root key: files that say nothing to whoever has them without it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genom.errors import BadConfiguration
from genom.keys.root import root_key

__all__ = ["Root", "digits_of"]

_NONCE: Final = 12


class Root:
    """Wraps under the root key of a directory of keys.

    >>> from tempfile import mkdtemp
    >>> root = Root(Path(mkdtemp()), first=True)
    >>> root.unwrap(root.wrap(b"secret", about=b"x"), about=b"x", where=Path("x"))
    b'secret'
    """

    def __init__(self, directory: Path, *, first: bool) -> None:
        self._key = AESGCM(root_key(directory, first=first))

    def wrap(self, content: bytes, *, about: bytes) -> bytes:
        """Nonce and ciphertext, bound to what it is about."""
        nonce = os.urandom(_NONCE)
        return nonce + self._key.encrypt(nonce, content, about)

    def unwrap(self, wrapped: bytes, *, about: bytes, where: Path) -> bytes:
        """The content; raises BadConfiguration that names the file if the root key is another one."""
        try:
            return self._key.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about)
        except (InvalidTag, ValueError) as error:
            raise BadConfiguration(
                f"The keys in {where} do not open.",
                why="the root key is another than the one that they were made under",
                fix="give the right GENOM_KEY_FILE, GENOM_KEY or GENOM_KEY_PASSPHRASE, or restore keys/root.key",
            ) from error


def digits_of(text: str) -> bytes:
    """The bytes of hexadecimal digits; none of what is no such text, which then does not open."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
