"""Restoring: unpacked into a new directory, checked, and whoever was erased since is erased before anybody is served.

The ledger of choices and erasures is kept apart and newer than the backup (`--ledger`): it must continue the backup's,
and every erasure in it is carried out on the restored directory.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from genom.app.backups.frames import FrameReader
from genom.app.backups.writing import MANIFEST, Manifest
from genom.app.client import offline
from genom.app.holders import subject_of_person
from genom.app.journals import open_journal, open_slots
from genom.app.server import App
from genom.consent import ERASURE, Entry, entries_of
from genom.errors import BadRequest, Corrupt
from genom.settings import load_settings

__all__ = ["Restored", "check_backup", "restore"]

_LARGEST: Final = 1 << 40  # bytes of a member


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored."""

    files: int
    journal_last: int
    entries: int  # of the ledger, the newer one if there was one
    erased: int  # people who were erased since the backup was made


def check_backup(path: Path, *, passphrase: str) -> Restored:
    """Restore a backup into a directory that is thrown away, and read all of it; raises what `restore` raises."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        return restore(path, Path(scratch) / "checked", passphrase=passphrase)


def restore(
    path: Path, directory: Path, *, passphrase: str, ledger: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Restored:  # fmt: skip
    """Restore a backup into a new directory.

    Raises BadRequest if the directory has something in it or the ledger does not continue the backup's, and Corrupt for
    a backup that is cut, changed or under another passphrase; then nothing is left of it.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BadRequest(f"{directory} is not empty.", why="nothing is replaced", fix="name a new directory")
    existed = directory.exists()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        manifest = _unpack(path, directory, passphrase, progress)
        entries = list(entries_of(directory / "ledger"))
        newer = _newer(entries, ledger) if ledger else []
        if ledger:
            _replace_ledger(directory, ledger)
        progress("journal")
        settings = load_settings(directory)
        slots = open_slots(directory, settings)
        journal = open_journal(directory, slots, settings, now=0)  # every block is checked
        last = journal.last
        journal.close()
        if last != manifest.journal_last:
            raise _damaged(f"its journal ends at row {last}, and {manifest.journal_last} were written")
        erased = asyncio.run(_erase_again(directory, newer, progress)) if newer else 0
    except BaseException:
        shutil.rmtree(directory) if not existed else _empty(directory)
        raise
    return Restored(files=len(manifest.files), journal_last=last, entries=len(entries) + len(newer), erased=erased)


def _unpack(path: Path, directory: Path, passphrase: str, progress: Callable[[str], None]) -> Manifest:
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    with path.open("rb") as file:
        try:
            with tarfile.open(fileobj=FrameReader(file, passphrase), mode="r|") as archive:  # type: ignore[call-overload]
                for member in archive:
                    if manifest is not None:
                        raise _damaged("something stands behind its end")
                    content = archive.extractfile(member) if _harmless(member) else None
                    if content is None:
                        raise _damaged(f"it names a place outside: {member.name[:80]!r}")
                    progress(member.name)
                    data = content.read()
                    if member.name == MANIFEST:
                        manifest = msgspec.json.decode(data, type=Manifest)
                        continue
                    found[member.name] = hashlib.sha256(data).hexdigest()
                    _write(directory / member.name, data)
        except (tarfile.TarError, msgspec.DecodeError) as error:
            raise _damaged(str(error)) from error
    if manifest is None or found != manifest.files:
        raise _damaged("its files are not those of its list")
    return manifest


def _harmless(member: tarfile.TarInfo) -> bool:
    """Whether a member is a plain file below the directory: no path tricks, no links, no devices."""
    parts = PurePosixPath(member.name).parts
    inside = bool(parts) and not PurePosixPath(member.name).is_absolute() and not {"..", "."} & set(parts)
    return member.isfile() and inside and "\\" not in member.name and "\0" not in member.name and member.size < _LARGEST


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _newer(entries: list[Entry], ledger: Path) -> list[Entry]:
    """What the ledger that was kept apart has beyond the backup's; proven by its chain."""
    kept = list(entries_of(ledger))
    if len(kept) < len(entries) or (entries and kept[len(entries) - 1].hash != entries[-1].hash):
        raise BadRequest(
            "The ledger does not continue that of the backup.",
            why=f"entry {len(entries)} of the backup is not among its {len(kept)} entries",
            fix="name the ledger directory of the same node, from the time of the backup or later",
            code="restore.other-ledger",
        )
    return kept[len(entries) :]


def _replace_ledger(directory: Path, ledger: Path) -> None:
    shutil.rmtree(directory / "ledger")
    (directory / "ledger").mkdir(mode=0o700)
    for path in sorted(ledger.glob("*.jsonl")):
        content = path.read_bytes()
        _write(directory / "ledger" / path.name, content[: content.rfind(b"\n") + 1])


async def _erase_again(directory: Path, newer: list[Entry], progress: Callable[[str], None]) -> int:
    """Whom the newer ledger says to have been erased; returns how many people that were."""
    async with offline(directory) as app:
        erased = 0
        for entry in newer:
            if entry.act == ERASURE:
                progress("an erasure")
                erased += await _erase_one(app, entry)
        await app.erasing.finish()
        return erased


async def _erase_one(app: App, entry: Entry) -> int:
    profiles = app.node.world.profiles
    numbers = {f"{high:016x}{low:016x}": n for n in range(1, profiles.count + 1) for low, high in [profiles.hash_of(n)]}
    found = {app.node.world.people.person(numbers[token]) for token in entry.subjects if token in numbers}
    for person in found:
        subject = subject_of_person(app.node, person)
        await app.erasing.erase(subject, who="cli", reason="restored from before the erasure", at=entry.at)
    return len(found)


def _empty(directory: Path) -> None:
    for path in directory.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _damaged(why: str) -> Corrupt:
    return Corrupt("The backup cannot be restored.", why=why, fix="take another backup", code="backup.damaged")
