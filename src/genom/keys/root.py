"""The key that opens all others: a file beside them, or what the operator keeps elsewhere.

`GENOM_KEY_FILE` names a file of 32 bytes, `GENOM_KEY` is 64 hexadecimal digits, `GENOM_KEY_PASSPHRASE` is stretched by
scrypt (RFC 7914); without any of them a file `root.key` is made in the directory of keys at its first use.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from genom.errors import BadConfiguration
from genom.keys.private import write_private

__all__ = ["ROOT_BYTES", "root_key"]

ROOT_BYTES: Final = 32
_FILE, _SALT = "root.key", "root.salt"
_SHORTEST: Final = 12  # characters of a passphrase


def root_key(directory: Path, environment: Mapping[str, str] = os.environ, *, first: bool = True) -> bytes:
    """The root key of a directory of keys; one is made at the `first` use alone, when nothing lies under another.

    Raises BadConfiguration if it is missing, or what names it cannot be used.

    >>> from tempfile import mkdtemp
    >>> here = Path(mkdtemp())
    >>> root_key(here, {}) == root_key(here, {}), len(root_key(here, {"GENOM_KEY": "00" * 32}))
    (True, 32)
    """
    if given := environment.get("GENOM_KEY_FILE"):
        return _read(Path(given), "GENOM_KEY_FILE names it")
    if given := environment.get("GENOM_KEY"):
        return _digits(given)
    if given := environment.get("GENOM_KEY_PASSPHRASE"):
        return _stretched(given, directory / _SALT)
    if first and not (directory / _FILE).exists():
        write_private(directory / _FILE, os.urandom(ROOT_BYTES))
    return _read(directory / _FILE, "it is the key of all keys")


def _read(path: Path, why: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadConfiguration(
            f"The key {path} cannot be read.", why=f"{why}; {error.strerror}", fix="put the file back, or mount it"
        ) from error
    if len(content) != ROOT_BYTES:
        raise BadConfiguration(
            f"The key {path} cannot be used.", why=f"it has {len(content)} bytes instead of {ROOT_BYTES}",
            fix="restore it from where keys are kept",
        )  # fmt: skip
    return content


def _digits(text: str) -> bytes:
    try:
        content = bytes.fromhex(text.strip())
    except ValueError:
        content = b""
    if len(content) != ROOT_BYTES:
        raise BadConfiguration(
            "GENOM_KEY cannot be used.", why="it must be 64 hexadecimal digits", fix="make one: openssl rand -hex 32"
        )
    return content


def _stretched(passphrase: str, salt: Path) -> bytes:
    if len(passphrase) < _SHORTEST:
        raise BadConfiguration(
            "GENOM_KEY_PASSPHRASE cannot be used.",
            why=f"it has fewer than {_SHORTEST} characters",
            fix="take a longer one",
        )
    if not salt.exists():
        write_private(salt, os.urandom(16))
    return hashlib.scrypt(passphrase.encode(), salt=salt.read_bytes(), n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=32)
