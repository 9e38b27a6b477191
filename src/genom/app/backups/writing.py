"""Writing a backup while a node runs: everything that cannot be computed again, in an order that fits together.

What is learned goes first, then the journal up to its last whole block, then what the journal relies on and what is
written before it: ledger, vault, catalogue.  State files, segments and snapshots are left out: a start makes them anew.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from genom.app.backups.frames import FrameWriter
from genom.app.journals import read_journal
from genom.app.state_lock import no_state_is_written
from genom.errors import BadRequest

__all__ = ["DAYS", "MANIFEST", "Manifest", "Written", "back_up", "prune"]

MANIFEST: Final = "manifest.json"
DAYS: Final = 30  # after which a backup is removed
_BEFORE: Final = ("models/**/*",)
_AFTER: Final = ("badrows/*.jsonl", "keys/*", "keys.json", "*.yaml")
_DATABASES: Final = ("vault.sqlite", "catalogue.sqlite")
_NAME: Final = "genom-*.backup"


class Manifest(msgspec.Struct, frozen=True):
    """The last member: what the backup holds."""

    format: int
    made_at: int  # unix ms, UTC
    journal_last: int  # sequence of the newest row
    ledger_entries: int
    files: dict[str, str]  # name → SHA-256


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written."""

    path: Path
    bytes: int
    files: int
    journal_last: int


class _Archive:
    """A tar stream into encrypted frames, and the hash of each file."""

    def __init__(self, out: FrameWriter) -> None:
        self._tar = tarfile.TarFile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT)  # type: ignore[call-overload]
        self.files: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """One file; its owner alone may read what comes of it."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o600, int(time.time())
        self._tar.addfile(member, io.BytesIO(content))
        self.files[name] = hashlib.sha256(content).hexdigest()

    def close(self) -> None:
        self._tar.close()


def back_up(
    directory: Path, out: Path, *, passphrase: str, now: int, progress: Callable[[str], None] = lambda _: None
) -> Written:
    """Write a backup of a data directory; a node may run, an erasure waits or is waited for.

    `out` is a new file, or a directory that keeps backups for 30 days.  Raises BadRequest if it exists.
    """
    if out.is_dir():
        out /= f"genom-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now / 1000))}.backup"
    if out.exists():
        raise BadRequest(f"{out} exists.", why="it would be replaced", fix="name another file")
    if not (directory / "journal").is_dir():
        raise BadRequest(f"{directory} is no data directory.", why="it has no journal", fix="check --data")
    scratch = out.with_name(out.name + ".new")
    try:
        with (
            open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file,
            no_state_is_written(directory),
        ):
            frames = FrameWriter(file, passphrase)
            archive = _Archive(frames)
            last = 0
            for name, content, known in _contents(directory):
                progress(name)
                archive.add(name, content)
                last = known
            entries = sum(content.count(b"\n") for content in _ledger(directory))
            manifest = Manifest(1, now, last, entries, dict(archive.files))
            archive.add(MANIFEST, msgspec.json.encode(manifest))
            archive.close()
            frames.close()
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(out)
    finally:
        scratch.unlink(missing_ok=True)
    return Written(path=out, bytes=out.stat().st_size, files=len(archive.files), journal_last=last)


def prune(directory: Path, *, now: int) -> list[str]:
    """Remove the backups of a directory that are older than 30 days; returns their names."""
    old = [path for path in directory.glob(_NAME) if path.stat().st_mtime < now / 1000 - DAYS * 86_400]
    for path in old:
        path.unlink()
    return sorted(path.name for path in old)


def _contents(directory: Path) -> Iterator[tuple[str, bytes, int]]:
    """Name and content of each file, and the sequence of the journal's newest row as far as it is known."""
    for path in _files(directory, _BEFORE):
        yield str(path.relative_to(directory)), path.read_bytes(), 0
    journal = read_journal(directory)
    try:
        last = journal.last
        for path, end in journal.extents():
            with path.open("rb") as file:
                yield f"journal/{path.name}", file.read(end), last
    finally:
        journal.close()
    for number, content in enumerate(_ledger(directory), 1):
        yield f"ledger/{number:06d}.jsonl", content, last
    for name in _DATABASES:
        yield name, _database(directory / name), last
    for path in _files(directory, _AFTER):
        yield str(path.relative_to(directory)), path.read_bytes(), last


def _files(directory: Path, patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in directory.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not path.name.endswith(".new"))


def _ledger(directory: Path) -> Iterator[bytes]:
    """The ledger's files up to their last whole lines."""
    for path in sorted((directory / "ledger").glob("*.jsonl")):
        content = path.read_bytes()
        yield content[: content.rfind(b"\n") + 1]


def _database(path: Path) -> bytes:
    """A consistent copy of a database that others write."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        copy = Path(scratch) / "copy.sqlite"
        source = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        return copy.read_bytes()
