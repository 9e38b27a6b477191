"""A key for each day, for what is kept some days and then forgotten: with the key the day is gone in every copy.

Backups hold the keys of their day beside the files; what they hold is gone with them.
"""

from __future__ import annotations

import os
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genom.errors import BadConfiguration
from genom.keys.private import write_private
from genom.keys.wrapped import Root
from genom.typed import from_json

__all__ = ["DayKeys", "about_day"]

_FILE: Final = "days.json"
_UNDER_ROOT: Final = (_FILE, "epochs.json", "secrets.json")  # with one of them there, the root key is, or was lost
_NONCE: Final = 12


class DayKeys:
    """The file `days.json` of a directory of keys: day → key under the root key.

    >>> from tempfile import mkdtemp
    >>> days = DayKeys(Path(mkdtemp()))
    >>> line = days.seal("2026-11-27", b"a row")
    >>> days.open("2026-11-27", line), days.open("2026-11-28", line)
    (b'a row', None)
    >>> days.end(["2026-11-27"])
    >>> days.open("2026-11-27", line)
    """

    def __init__(self, directory: Path) -> None:
        self._path, self._lock = directory / _FILE, Lock()
        self._root = Root(directory, first=not any((directory / name).exists() for name in _UNDER_ROOT))
        self._wrapped = self._stored()
        self._known = {day: self._opened(day, wrapped) for day, wrapped in self._wrapped.items()}

    def seal(self, day: str, content: bytes) -> bytes:
        """The content on one line of base64, under the day's key, which is made at its first use."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._of(day).encrypt(nonce, content, day.encode())
        return b2a_base64(sealed, newline=False)

    def open(self, day: str, line: bytes) -> bytes | None:
        """The content; None if the day's key was destroyed, or the line is damaged."""
        key = self._known.get(day)
        try:
            sealed = a2b_base64(line, strict_mode=True)
            return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], day.encode()) if key else None
        except (Error, InvalidTag, ValueError):
            return None

    def end(self, days: list[str]) -> None:
        """Destroy the keys of days; what they sealed is lost in every copy."""
        with self._lock:
            if not any(day in self._wrapped for day in days):
                return
            self._wrapped = {day: key for day, key in self._wrapped.items() if day not in days}
            self._known = {day: key for day, key in self._known.items() if day not in days}
            self._write(shred=True)

    def days(self) -> list[str]:
        """The days that have a key, oldest first."""
        return sorted(self._known)

    @contextmanager
    def written_elsewhere(self) -> Iterator[None]:
        """Whoever changes the root key writes the file inside; no key is made or ended meanwhile."""
        with self._lock:
            yield
            self._wrapped = self._stored()

    def _of(self, day: str) -> AESGCM:
        with self._lock:
            if day not in self._known:
                secret = os.urandom(32)
                self._wrapped[day] = self._root.wrap(secret, about=about_day(day))
                self._write()
                self._known[day] = AESGCM(secret)
            return self._known[day]

    def _opened(self, day: str, wrapped: str) -> AESGCM:
        return AESGCM(self._root.unwrap(wrapped, about=about_day(day), where=self._path))

    def _stored(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            return from_json(self._path.read_bytes(), dict[str, str])
        except (msgspec.DecodeError, OSError) as error:
            raise BadConfiguration(
                f"The keys in {self._path} cannot be read.", why=str(error)[:200],
                fix="restore the directory of keys, or remove the file: refused events of the past days are lost then",
            ) from error  # fmt: skip

    def _write(self, *, shred: bool = False) -> None:
        write_private(self._path, msgspec.json.encode(self._wrapped), shred=shred)


def about_day(day: str) -> bytes:
    """What the key of a day is bound to."""
    return f"day {day}".encode()
