"""Restoring: unpacked into a new directory, checked, and whoever was erased since is erased before anybody is served.

The ledgers of choices and erasures are kept apart and newer than the backup (`--ledgers`): they must continue the
backup's, and every erasure in them is carried out on the restored directory.  Until that is done no node opens it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from genom.app.backups.archive import Manifest, damaged
from genom.app.backups.day_keys import BackupKeys, keys_of
from genom.app.backups.ledgers import take_ledgers
from genom.app.backups.unpacking import unpack, write_file
from genom.app.client import offline
from genom.app.directory import RESTORING
from genom.app.holders import subject_of_person
from genom.app.journals import open_journal, open_slots
from genom.app.ledgers import keep_end
from genom.app.parting import split_off
from genom.app.server import App
from genom.app.snapshot import CHECKED, forget_checked
from genom.app.state_lock import no_state_is_written
from genom.consent import ERASURE, Entry, entries_of
from genom.durable import sync_directory
from genom.errors import BadRequest
from genom.settings import load_settings

__all__ = ["Restored", "check_backup", "check_ledgers", "restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored."""

    files: int
    journal_last: int
    made_at: int  # unix ms, UTC
    entries: int  # of the ledger, the newer one if there was one
    newer: int  # of these, entries that the backup did not have
    erased: int  # people who were erased since the backup was made
    old: bool  # whether it is of the first format, which had no keys of days


def check_backup(path: Path, directory: Path, *, passphrase: str, now: int, keys: BackupKeys | None = None) -> Restored:
    """Restore a backup into a place in its data directory that is emptied again, and read all of it.

    Nothing is left beside the backups, and what a crash leaves the next check or erasure removes.  Raises what
    `restore` raises.
    """
    keys = keys or keys_of(directory, load_settings(directory))
    with no_state_is_written(directory):
        forget_checked(directory)
        try:
            return restore(path, directory / CHECKED, passphrase=passphrase, keys=keys, now=now)
        finally:
            forget_checked(directory)


def check_ledgers(path: Path, directory: Path, *, passphrase: str, now: int) -> int:
    """Read a backup of ledgers and prove its chain; returns how many entries there are."""
    with no_state_is_written(directory):
        forget_checked(directory)
        try:
            unpack(path, directory / CHECKED, passphrase=passphrase, keys=None, now=now)
            return sum(1 for _ in entries_of(directory / CHECKED / "ledger"))
        finally:
            forget_checked(directory)


def restore(
    path: Path, directory: Path, *, passphrase: str, keys: BackupKeys, now: int, ledgers: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Restored:  # fmt: skip
    """Restore a backup into a new directory, or into one in which a restore did not end.

    Raises BadRequest if the directory has something in it, the backup has ended, its key is lost, or the ledgers do not
    continue its own, and Corrupt for a backup that is cut, changed or under another passphrase; then nothing is left.
    """
    with _filled(directory):
        manifest, head = unpack(path, directory, passphrase=passphrase, keys=keys, now=now, progress=progress)
        if manifest.holds != "everything":
            raise BadRequest(
                f"{path} holds {manifest.holds} alone.", why="there is nothing to serve in it",
                fix="name a backup of everything, and this file with --ledgers", code="restore.ledgers-alone",
            )  # fmt: skip
        newer = take_ledgers(directory, ledgers, of=manifest, passphrase=passphrase, now=now) if ledgers else []
        keep_end(directory)  # of this ledger; no backup holds the end that its node kept
        progress("journal")
        last = _checked_journal(directory, manifest)
        erased = asyncio.run(_erase_again(directory, newer, progress)) if newer else 0
        entries = sum(1 for _ in entries_of(directory / "ledger"))
    return Restored(
        files=len(manifest.files), journal_last=last, made_at=manifest.made_at, entries=entries, newer=len(newer),
        erased=erased, old=head.old,
    )  # fmt: skip


@contextmanager
def _filled(directory: Path) -> Iterator[None]:
    """The directory while it is filled: no node opens it before this ends well, and if it does not nothing is left."""
    begun = (directory / RESTORING).exists()
    if directory.exists() and not begun and (not directory.is_dir() or any(directory.iterdir())):
        raise BadRequest(f"{directory} is not empty.", why="nothing is replaced", fix="name a new directory")
    existed = directory.exists()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if begun:
        _empty(directory)
    try:
        write_file(directory / RESTORING, b"")
        sync_directory(directory)
        yield
        (directory / RESTORING).unlink()
        sync_directory(directory)
    except BaseException:
        _empty(directory) if existed else shutil.rmtree(directory)
        raise


def _checked_journal(directory: Path, manifest: Manifest) -> int:
    """The newest row of the journal, of which every block is checked."""
    settings = load_settings(directory)
    slots = open_slots(directory, settings)
    journal = open_journal(directory, slots, settings, now=0)
    last = journal.last
    journal.close()
    if last != manifest.journal_last:
        raise damaged(f"its journal ends at row {last}, and {manifest.journal_last} were written")
    return last


async def _erase_again(directory: Path, newer: list[Entry], progress: Callable[[str], None]) -> int:
    """Whom the newer ledger says to have been erased; returns how many people that were."""
    async with offline(directory, restoring=True) as app:
        profiles, erased = app.node.world.profiles, 0
        numbers = {
            f"{high:016x}{low:016x}": n for n in range(1, profiles.count + 1) for low, high in [profiles.hash_of(n)]
        }
        for entry in newer:
            if entry.act == ERASURE:
                progress("an erasure")
                erased += await _erase_one(app, entry, numbers)
        await app.erasing.finish()
        return erased


async def _erase_one(app: App, entry: Entry, numbers: dict[str, int]) -> int:
    """Erase whom an entry names, and nobody else: who is linked with them in the backup may have been split off since.

    Returns how many people of the backup that concerns.
    """
    world = app.node.world
    named = {numbers[token] for token in entry.subjects if token in numbers}
    named = {number for number in named if world.profiles.exists(number)}
    found = {world.people.person(number) for number in named}
    for person in found:
        members = set(world.people.members(person))
        for number in sorted(members & named) if members - named else ():
            await split_off(app, number, who="cli")
    for person in sorted({world.people.person(number) for number in named}):
        subject = subject_of_person(app.node, person)
        await app.erasing.erase(subject, who="cli", reason="restored from before the erasure", at=entry.at)
    return len(found)


def _empty(directory: Path) -> None:
    """All but the mark goes first, so that a crash in between still says what this was."""
    for path in sorted(directory.iterdir(), key=lambda path: path.name == RESTORING):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
