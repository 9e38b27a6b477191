"""Keys of epochs: each wraps the data keys of its time, and the root key wraps them; a rotation ends one for good."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genom.errors import BadConfiguration
from genom.keys.private import write_private
from genom.keys.wrapped import Root
from genom.typed import from_json

__all__ = ["Epochs", "about_epoch"]

_FILE: Final = "epochs.json"
_NONCE: Final = 12


class _Epoch(msgspec.Struct):
    number: int
    made_at: int  # unix ms, UTC
    wrapped: str  # the key under the root key


class Epochs:
    """The file `epochs.json` of a directory of keys; the first epoch is made at its first use.

    >>> from tempfile import mkdtemp
    >>> epochs = Epochs(Path(mkdtemp()))
    >>> wrapped = epochs.wrap(epochs.newest, b"k" * 32, about=b"7")
    >>> epochs.unwrap(epochs.newest, wrapped, about=b"7") == b"k" * 32, epochs.begin()
    (True, 2)
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / _FILE
        self._root = Root(directory, first=not self._path.exists())
        self._known: dict[int, AESGCM] = {}
        if not self._path.exists():
            self._write([self._made(1)])
        self._read()

    @property
    def newest(self) -> int:
        """The epoch that new keys belong to."""
        return max(self._known)

    @property
    def numbers(self) -> list[int]:
        """The epochs whose keys are still there."""
        return sorted(self._known)

    def wrap(self, epoch: int, key: bytes, *, about: bytes) -> bytes:
        """Nonce and key (60 bytes) under an epoch's key, bound to what it is about."""
        nonce = os.urandom(_NONCE)
        return nonce + self._known[epoch].encrypt(nonce, key, about)

    def unwrap(self, epoch: int, wrapped: bytes, *, about: bytes) -> bytes | None:
        """The key; None if the epoch is over, or the key was changed or belongs elsewhere."""
        if epoch not in self._known:
            self._read()  # another process may have begun it
        try:
            return self._known[epoch].decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about)
        except (KeyError, InvalidTag):
            return None

    def begin(self) -> int:
        """A new epoch, durable when this returns."""
        stored = self._stored()
        number = max(one.number for one in stored) + 1
        self._write([*stored, self._made(number)])
        self._read()
        return number

    def end_before(self, epoch: int) -> None:
        """Destroy the keys of all earlier epochs: what they wrapped is lost."""
        kept = [one for one in self._stored() if one.number >= epoch]
        self._write(kept, shred=True)
        self._read()

    def _made(self, number: int) -> _Epoch:
        wrapped = self._root.wrap(os.urandom(32), about=about_epoch(number))
        return _Epoch(number, time.time_ns() // 1_000_000, wrapped)

    def _stored(self) -> list[_Epoch]:
        try:
            return from_json(self._path.read_bytes(), list[_Epoch])
        except (msgspec.DecodeError, OSError) as error:
            raise BadConfiguration(
                f"The keys in {self._path} cannot be read.", why=str(error)[:200], fix="restore the directory of keys"
            ) from error

    def _read(self) -> None:
        known = dict[int, AESGCM]()
        for one in self._stored():
            secret = self._root.unwrap(one.wrapped, about=about_epoch(one.number), where=self._path)
            known[one.number] = AESGCM(secret)
        self._known = known

    def _write(self, epochs: list[_Epoch], *, shred: bool = False) -> None:
        write_private(self._path, msgspec.json.encode(epochs), shred=shred)


def about_epoch(number: int) -> bytes:
    """What the key of an epoch is bound to."""
    return b"epoch %d" % number
