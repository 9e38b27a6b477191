"""A tar stream within the frames of a backup; its last member lists all others with their hashes."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import msgspec

from genom.app.backups.day_keys import BackupKeys, words_of
from genom.app.backups.frames import FrameReader, FrameWriter
from genom.app.backups.head import Head, content_key
from genom.errors import BadRequest, Corrupt
from genom.typed import from_json

__all__ = ["ArchiveWriter", "Manifest", "damaged", "members"]

_MANIFEST: Final = "manifest.json"
_LARGEST: Final = 1 << 40  # bytes of a member


class Manifest(msgspec.Struct, frozen=True):
    """The last member: what the backup holds."""

    format: int
    made_at: int  # unix ms, UTC
    journal_last: int  # sequence of the newest row
    ledger_entries: int
    files: dict[str, str]  # name → SHA-256
    holds: str = "everything"  # or "ledgers"


class ArchiveWriter:
    """Writes members, and at last the list of them."""

    def __init__(self, file: BinaryIO, head: Head, *, passphrase: str, secret: bytes) -> None:
        self._frames = FrameWriter(file, head, content_key(head, passphrase, secret=secret))
        self._tar = tarfile.TarFile.open(fileobj=self._frames, mode="w|", format=tarfile.PAX_FORMAT)  # type: ignore[call-overload]
        self.files: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """One file; its owner alone may read what comes of it."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o600, int(time.time())
        self._tar.addfile(member, io.BytesIO(content))
        self.files[name] = hashlib.sha256(content).hexdigest()

    def close(self, manifest: Manifest) -> None:
        """Write the list and the end."""
        self.add(_MANIFEST, msgspec.json.encode(manifest))
        self._tar.close()
        self._frames.close()


def members(
    file: BinaryIO, head: Head, *, passphrase: str, keys: BackupKeys, today: int
) -> Iterator[tuple[str, bytes] | Manifest]:
    """Name and content of each member behind the head, and at last the list, which was compared with them.

    Raises BadRequest for a backup that has ended or whose key is lost, and Corrupt for one that is cut, changed or
    under another passphrase.
    """
    key, found = content_key(head, passphrase, secret=_secret(head, keys, today)), dict[str, str]()
    manifest: Manifest | None = None
    try:
        with tarfile.open(fileobj=FrameReader(file, head, key), mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                if manifest is not None:
                    raise damaged("something stands behind its end")
                content = archive.extractfile(member) if _harmless(member) else None
                if content is None:
                    raise damaged(f"it names a place outside: {member.name[:80]!r}")
                data = content.read()
                if member.name == _MANIFEST:
                    manifest = from_json(data, Manifest)
                    continue
                found[member.name] = hashlib.sha256(data).hexdigest()
                yield member.name, data
    except (tarfile.TarError, msgspec.DecodeError) as error:
        raise damaged(str(error)) from error
    if manifest is None or found != manifest.files:
        raise damaged("its files are not those of its list")
    yield manifest


def damaged(why: str) -> Corrupt:
    """The error for a backup that does not hold what was written."""
    return Corrupt("The backup cannot be restored.", why=why, fix="take another backup", code="backup.damaged")


def _secret(head: Head, keys: BackupKeys, today: int) -> bytes:
    """The key of the backup's day; there is none for ledgers, and was none in the first format."""
    if not head.key:
        return b""
    day, where = words_of(head.day), ", ".join(map(str, keys.places))
    if head.day + keys.days <= today:
        raise BadRequest(
            f"The backup of {day} has ended.", why=f"its key is destroyed after {keys.days} days, so that those who "
            "were erased leave it", fix="take a newer backup", code="backup.ended",
        )  # fmt: skip
    if (secret := keys.find(head.key)) is None:
        raise BadRequest(
            f"The key of {day} for this backup is not there.", why=f"no whole key {head.key} lies in {where}",
            fix="name with --keys the directory that holds the keys of backups, or its mirror; without it nobody can "
            "open this backup",
            code="backup.key-lost",
        )  # fmt: skip
    return secret


def _harmless(member: tarfile.TarInfo) -> bool:
    """Whether a member is a plain file below the directory: no path tricks, no links, no devices."""
    parts = PurePosixPath(member.name).parts
    inside = bool(parts) and not PurePosixPath(member.name).is_absolute() and not {"..", "."} & set(parts)
    return member.isfile() and inside and "\\" not in member.name and "\0" not in member.name and member.size < _LARGEST
