"""Writing a backup while a node runs: of everything under the key of its day, or of the ledgers alone, often."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from genom.app.backups.archive import ArchiveWriter, Manifest, members
from genom.app.backups.contents import everything, ledger_files
from genom.app.backups.day_keys import BackupKeys, day_of, keys_of
from genom.app.backups.head import made_head, read_head
from genom.app.state_lock import no_state_is_written
from genom.durable import sync_directory
from genom.errors import BadRequest
from genom.settings import load_settings

__all__ = ["LEDGERS", "Written", "back_up", "back_up_ledgers"]

LEDGERS: Final = "genom-ledgers-*.backup"
_FORMAT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written."""

    path: Path
    bytes: int
    files: int
    journal_last: int
    entries: int  # of the ledger
    day: int  # days since 1970, UTC


def back_up(
    directory: Path, out: Path, *, passphrase: str, now: int, keys: BackupKeys | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Written:  # fmt: skip
    """Write a backup of a data directory; a node may run, an erasure waits or is waited for.

    `out` is a new file, or a directory that keeps backups.  The key of the day is durable wherever it belongs before
    anything is written.  Raises BadRequest if the file exists or the key cannot be kept.
    """
    out = _place(directory, out, "genom", now)
    key = (keys or keys_of(directory, load_settings(directory))).of_day(day_of(now))
    with _whole_file(out) as file, no_state_is_written(directory):
        archive = ArchiveWriter(file, made_head(key, day=key.day), passphrase=passphrase, secret=key.secret)
        last = entries = 0
        for name, content, known in everything(directory):
            progress(name)
            archive.add(name, content)
            last = known
            entries += content.count(b"\n") if name.startswith("ledger/") else 0
        archive.close(Manifest(_FORMAT, now, last, entries, dict(archive.files)))
    files, size = len(archive.files), out.stat().st_size
    return Written(path=out, bytes=size, files=files, journal_last=last, entries=entries, day=key.day)


def back_up_ledgers(directory: Path, out: Path, *, passphrase: str, now: int) -> Written:
    """Write the ledgers alone, which is quick; they are under the passphrase alone, for their proofs must last.

    In a directory they must continue the newest that it has: BadRequest says if they are shorter than it, or others.
    """
    among = out if out.is_dir() else None
    out = _place(directory, out, "genom-ledgers", now)
    before = max(among.glob(LEDGERS), default=None) if among else None
    files = dict(ledger_files(directory))
    if before:
        _must_continue(files, before, passphrase, now)
    entries = sum(content.count(b"\n") for content in files.values())
    with _whole_file(out) as file:
        archive = ArchiveWriter(file, made_head(None, day=day_of(now)), passphrase=passphrase, secret=b"")
        for name, content in files.items():
            archive.add(name, content)
        archive.close(Manifest(_FORMAT, now, 0, entries, dict(archive.files), "ledgers"))
    size, day = out.stat().st_size, day_of(now)
    return Written(path=out, bytes=size, files=len(files), journal_last=0, entries=entries, day=day)


def _must_continue(files: dict[str, bytes], before: Path, passphrase: str, now: int) -> None:
    """A ledger that lost entries, or another one, must not come in the place of what still has them."""
    with before.open("rb") as file:
        head = read_head(file)
        for member in members(file, head, passphrase=passphrase, keys=BackupKeys([]), today=day_of(now)):
            if isinstance(member, tuple) and not files.get(member[0], b"").startswith(member[1]):
                raise BadRequest(
                    "The ledgers do not continue those of the newest backup.",
                    why=f"{member[0]} does not begin with what {before} holds: it lost entries, or is of another node",
                    fix="keep that file; restore the ledger from it, or name another directory for this node",
                    code="backup.other-ledger",
                )


def _place(directory: Path, out: Path, name: str, now: int) -> Path:
    """The file to write, which must be new."""
    if out.is_dir():
        out /= f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now / 1000))}.backup"
    if out.exists():
        raise BadRequest(f"{out} exists.", why="it would be replaced", fix="name another file")
    if not out.parent.is_dir():
        raise BadRequest(f"There is no directory {out.parent}.", why="the backup has no place", fix="make it first")
    if not (directory / "journal").is_dir():
        raise BadRequest(f"{directory} is no data directory.", why="it has no journal", fix="check --data")
    return out


@contextmanager
def _whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file that has its name once it is whole and durable; a crash leaves `….new`, which nobody holds then."""
    scratch = out.with_name(out.name + ".new")
    try:
        with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
            scratch.rename(out)
        sync_directory(out.parent)
    finally:
        scratch.unlink(missing_ok=True)
