"""Small secrets under the root key: files that say nothing to whoever has them without it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genom.errors import BadConfiguration
from genom.keys.root import root_key

__all__ = ["BETWEEN", "Root", "other_root", "unwrapped", "wrapped"]

BETWEEN: Final = ","
"""Stands between two wrappings of the same content."""
_NONCE: Final = 12


class Root:
    """Wraps under the root key of a directory of keys.

    >>> from tempfile import mkdtemp
    >>> root = Root(Path(mkdtemp()), first=True)
    >>> root.unwrap(root.wrap(b"secret", about=b"x"), about=b"x", where=Path("x"))
    b'secret'
    """

    def __init__(self, directory: Path, *, first: bool) -> None:
        self._directory = directory
        self._key = root_key(directory, first=first)

    def wrap(self, content: bytes, *, about: bytes) -> str:
        """The content under the root key of now, bound to what it is about, as a text."""
        self._key = root_key(self._directory, first=False)
        return wrapped(self._key, content, about=about)

    def unwrap(self, text: str, *, about: bytes, where: Path) -> bytes:
        """The content; raises BadConfiguration that names the file if the root key is another one.

        Another process may have changed the root key, and with it the file that the text is from: it is read again.
        """
        if (content := unwrapped(self._key, text, about=about)) is None:
            self._key = root_key(self._directory, first=False)
            content = unwrapped(self._key, text, about=about)
        if content is None:
            raise other_root(where)
        return content


def wrapped(root: bytes, content: bytes, *, about: bytes) -> str:
    """Nonce and ciphertext under a root key, hexadecimal."""
    nonce = os.urandom(_NONCE)
    return (nonce + AESGCM(root).encrypt(nonce, content, about)).hex()


def unwrapped(root: bytes, text: str, *, about: bytes) -> bytes | None:
    """What a root key opens of a text; None if it opens nothing.

    While the root key is changed, a text holds two wrappings, one under each.
    """
    for part in text.split(BETWEEN):
        with suppress(InvalidTag, ValueError):
            sealed = bytes.fromhex(part)
            return AESGCM(root).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
    return None


def other_root(where: Path) -> BadConfiguration:
    """The error for a file that lies under another root key."""
    return BadConfiguration(
        f"The keys in {where} do not open.",
        why="the root key is another than the one that they were made under",
        fix="give the right GENOM_KEY_FILE, GENOM_KEY or GENOM_KEY_PASSPHRASE (after a restore, that of the time of "
        "the backup), or restore keys/root.key",
    )
