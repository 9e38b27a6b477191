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

__all__ = ["NEW", "ROOT_BYTES", "ROOT_FILE", "given_root", "root_key"]

ROOT_BYTES: Final = 32
ROOT_FILE: Final = "root.key"
NEW: Final = "GENOM_NEW_KEY"
"""How the names begin that give another root key, to change it to."""
_SALT: Final = "root.salt"
_SHORTEST: Final = 12  # characters of a passphrase


def root_key(directory: Path, environment: Mapping[str, str] = os.environ, *, first: bool = True) -> bytes:
    """The root key of a directory of keys; one is made at the `first` use alone, when nothing lies under another.

    Raises BadConfiguration if it is missing, or what names it cannot be used.

    >>> from tempfile import mkdtemp
    >>> here = Path(mkdtemp())
    >>> root_key(here, {}) == root_key(here, {}), len(root_key(here, {"GENOM_KEY": "00" * 32}))
    (True, 32)
    """
    if (given := given_root(directory, environment)) is not None:
        return given
    if first and not (directory / ROOT_FILE).exists():
        write_private(directory / ROOT_FILE, os.urandom(ROOT_BYTES))
    return _read(directory / ROOT_FILE, "it is the key of all keys")


def given_root(directory: Path, environment: Mapping[str, str], name: str = "GENOM_KEY") -> bytes | None:
    """The root key that the environment gives, by names that begin so; None if it gives none.

    Raises BadConfiguration if it cannot be used.
    """
    if given := environment.get(f"{name}_FILE"):
        return _read(Path(given), f"{name}_FILE names it")
    if given := environment.get(name):
        return _digits(given, name)
    if given := environment.get(f"{name}_PASSPHRASE"):
        return _stretched(given, directory / _SALT, f"{name}_PASSPHRASE")
    return None


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


def _digits(text: str, name: str) -> bytes:
    try:
        content = bytes.fromhex(text.strip())
    except ValueError:
        content = b""
    if len(content) != ROOT_BYTES:
        raise BadConfiguration(
            f"{name} cannot be used.", why="it must be 64 hexadecimal digits", fix="make one: openssl rand -hex 32"
        )
    return content


def _stretched(passphrase: str, salt: Path, name: str) -> bytes:
    if len(passphrase) < _SHORTEST:
        raise BadConfiguration(
            f"{name} cannot be used.",
            why=f"it has fewer than {_SHORTEST} characters",
            fix="take a longer one",
        )
    if not salt.exists():
        write_private(salt, os.urandom(16))
    return hashlib.scrypt(passphrase.encode(), salt=salt.read_bytes(), n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=32)
