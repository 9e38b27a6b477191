"""The vault: names, e-mail addresses and phone numbers, encrypted, in a file of their own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import quote

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from genom.durable import empty_log
from genom.errors import Busy, Corrupt, UnknownFormat

__all__ = ["Vault", "opened_values"]

_FORMAT: Final = 1
_NONCE_BYTES: Final = 12
_OPEN: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS direct (
    profile INTEGER NOT NULL,
    type TEXT NOT NULL,
    value BLOB NOT NULL,  -- nonce, then the value under AES-GCM; bound to profile and type
    PRIMARY KEY (profile, type)
) WITHOUT ROWID;
"""


class Vault:
    """Direct identifiers by profile; every method may be called from any thread.

    >>> from tempfile import mkdtemp
    >>> vault = Vault(Path(mkdtemp()) / "vault.sqlite", bytes(32))
    >>> vault.put({7: {"email": "ada@example.org"}})
    >>> vault.get(7), vault.get(8)
    ({'email': 'ada@example.org'}, {})
    """

    def __init__(self, path: Path, key: bytes) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its side files the same mode
        self._path = path
        self._lock = Lock()
        self._aead = _aead_of(key)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.changes = 0  # grows with what is put and erased
        self._check_format()
        self._database.executescript(f"{_OPEN} PRAGMA user_version = {_FORMAT};")

    def put(self, values: Mapping[int, Mapping[str, str]]) -> None:
        """Keep values by profile and type, durably and all at once; a value replaces the former one.

        Raises Busy if the disk has no room; then nothing was changed.
        """
        rows = [(p, t, self._seal(p, t, value)) for p, of_profile in values.items() for t, value in of_profile.items()]
        with self._lock, self._transaction() as database:
            database.executemany("INSERT OR REPLACE INTO direct VALUES (?, ?, ?)", rows)
        self.changes += 1

    def get(self, profile: int) -> dict[str, str]:
        """All values of a profile by type."""
        with self._lock:
            rows = self._database.execute("SELECT type, value FROM direct WHERE profile = ?", (profile,)).fetchall()
        return {name: self._open(profile, name, sealed) for name, sealed in rows}

    def erase(self, profile: int) -> None:
        """Overwrite all values of a profile, in the write-ahead log as well.

        Raises Busy if the log is in use; the values are deleted by then, and erasing once more empties it.
        """
        with self._lock:
            with self._transaction() as database:
                database.execute("DELETE FROM direct WHERE profile = ?", (profile,))
            empty_log(self._database)
        self.changes += 1

    def places(self, kind: str) -> NDArray[np.int64]:
        """Of which profiles it keeps a value of a type; reads beside whoever writes, and no value.

        >>> from tempfile import mkdtemp
        >>> vault = Vault(Path(mkdtemp()) / "vault.sqlite", bytes(32))
        >>> vault.put({7: {"email": "ada@example.org"}, 8: {"phone": "+4930123"}})
        >>> vault.places("email").tolist()
        [7]
        """
        with closing(sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True, timeout=10)) as database:
            found = database.execute("SELECT profile FROM direct WHERE type = ?", (kind,))
            return np.fromiter((place for (place,) in found), np.int64)

    def count(self) -> int:
        """Values in the vault."""
        with self._lock:
            row: tuple[int] = self._database.execute("SELECT count(*) FROM direct").fetchone()
        return row[0]

    def close(self) -> None:
        """Close the file; the vault cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def _check_format(self) -> None:
        try:
            found = self._database.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise Corrupt(f"The vault {self._path} cannot be read.", why=str(error), fix="restore a backup") from error
        if found > _FORMAT:
            raise UnknownFormat(
                f"The vault {self._path} cannot be read.",
                why=f"it has format {found}, this Genom knows {_FORMAT}",
                fix="start the Genom that wrote it, or a newer one",
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield self._database
            self._database.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise Busy("The vault cannot be written now.", why=str(error), fix=f"make room at {self._path}") from error
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def _seal(self, profile: int, name: str, value: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, value.encode("utf-8", "surrogatepass"), _bound_to(profile, name))

    def _open(self, profile: int, name: str, sealed: bytes) -> str:
        try:
            return _unsealed(self._aead, profile, name, sealed).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError) as error:
            raise Corrupt(
                f"A value in the vault {self._path} cannot be read.",
                why=f"{name!r} of profile {profile} was changed, or was written under another key",
                fix="restore the vault and the keys from one backup",
            ) from error


def opened_values(path: Path, key: bytes) -> Iterator[tuple[int, str, bytes | None]]:
    """Profile, type and value of all that a vault holds, None for what this key does not open; it only reads.

    Another process may have the vault open meanwhile.  Raises sqlite3.Error for a file that cannot be read.
    """
    aead = _aead_of(key)
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)) as database:
        for profile, name, sealed in database.execute("SELECT profile, type, value FROM direct"):
            try:
                yield profile, name, _unsealed(aead, profile, name, sealed)
            except (InvalidTag, ValueError):
                yield profile, name, None


def _aead_of(key: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"genom vault 1").derive(key))


def _unsealed(aead: AESGCM, profile: int, name: str, sealed: bytes) -> bytes:
    return aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(profile, name))


def _bound_to(profile: int, name: str) -> bytes:
    return f"{profile}\0{name}".encode("utf-8", "surrogatepass")
