"""`genom backup`, `genom restore`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from genom.app.backups.day_keys import BackupKeys, beside, day_of, keys_of, words_of
from genom.app.backups.pruning import prune
from genom.app.backups.restoring import check_backup, check_ledgers, restore
from genom.app.backups.writing import back_up, back_up_ledgers
from genom.app.reading import rfc3339
from genom.errors import BadRequest, counted
from genom.settings import load_settings

__all__ = ["PASSPHRASE", "add_commands"]

PASSPHRASE: Final = "GENOM_BACKUP_PASSPHRASE"  # noqa: S105 -- the name of a variable
Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
_DIRECTORY: Final = Path("genom-data")


def add_commands(cli: typer.Typer) -> None:
    """Add them."""
    cli.command("backup")(_backup)
    cli.command("restore")(_restore)


def _passphrase() -> str:
    found = os.environ.get(PASSPHRASE, "")
    if not found:
        raise BadRequest(
            "There is no passphrase for the backup.",
            why=f"the environment variable {PASSPHRASE} is empty",
            fix="set it to 12 characters or more, and keep it apart from the backups",
        )
    return found


def _progress() -> Callable[[str], None]:
    told = time.monotonic()

    def tell(name: str) -> None:
        nonlocal told
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            print(f"… {name}", file=sys.stderr)

    return tell


def _backup(
    out: Annotated[Path, typer.Option(help="A new file, or a directory that keeps backups until they have ended.")],
    ledgers: Annotated[
        bool, typer.Option("--ledgers", help="Choices and erasures alone: small, to be written every few minutes.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Restore it into a scratch place and read all of it.")] = True,
    data: Data = _DIRECTORY,
) -> None:
    """Write an encrypted backup, also while the node runs; GENOM_BACKUP_PASSPHRASE holds the passphrase."""
    passphrase, now = _passphrase(), time.time_ns() // 1_000_000
    if ledgers:
        _write_ledgers(data, out, passphrase, now, check=check)
    else:
        _write_everything(data, out, passphrase, now, check=check)
    if out.is_dir():
        for name in prune(out, now=now, days=load_settings(data).backup_days):
            print(f"{name} is removed: its days are over, or newer ledgers hold what it held.")


def _write_everything(data: Path, out: Path, passphrase: str, now: int, *, check: bool) -> None:
    keys = keys_of(data, load_settings(data))
    written = back_up(data, out, passphrase=passphrase, now=now, keys=keys, progress=_progress())
    print(
        f"{written.path}: {written.files} files, {written.bytes:,} bytes, journal up to row {written.journal_last:,}."
    )
    print(f"It ends on {words_of(written.day + keys.days)}; until then it opens with the passphrase and the key of its")
    print(f"day in {' and '.join(map(str, keys.places))}: without that key nobody can open it.")
    if len(keys.places) == 1:
        _warn("The keys are in one place alone: name a second one, on another disk, in the setting backup_keys.")
    if check:
        check_backup(written.path, data, passphrase=passphrase, now=now, keys=keys)
        print("It was restored into a scratch place and read: it is whole.")
    _end_keys(keys, day_of(now))


def _write_ledgers(data: Path, out: Path, passphrase: str, now: int, *, check: bool) -> None:
    written = back_up_ledgers(data, out, passphrase=passphrase, now=now)
    print(f"{written.path}: {counted(written.entries, 'entry', 'entries')} of the ledger, {written.bytes:,} bytes.")
    if check:
        check_ledgers(written.path, data, passphrase=passphrase, now=now)
        print("It was read, and its chain holds.")


def _end_keys(keys: BackupKeys, today: int) -> None:
    ended = keys.end(today)
    for name in ended.destroyed:
        print(f"The key {name} is destroyed: no backup of its day opens any more.")
    for path in keys.to_come(today):
        _warn(f"{path} is of a day to come: if the clock was wrong, remove it and its backups by hand.")
    if ended.unreachable:
        raise BadRequest(
            "The backup is written, and keys that have ended could not be destroyed everywhere.",
            why="; ".join(ended.unreachable), fix="make the directory writable, and run `genom backup` again",
            code="backup.keys-unreachable",
        )  # fmt: skip


def _restore(
    backup: Annotated[Path, typer.Argument(help="The backup.")],
    ledgers: Annotated[
        Path | None,
        typer.Option(help="The newest ledgers: a file of `genom backup --ledgers`, or a copied ledger directory."),
    ] = None,
    without_ledgers: Annotated[
        bool, typer.Option("--without-ledgers", help="There are none: what was chosen and erased since is not known.")
    ] = False,
    keys: Annotated[
        list[Path] | None,
        typer.Option(help="A directory with the keys of backups; may be given again.", show_default="DIR-backup-keys"),
    ] = None,
    data: Data = _DIRECTORY,
) -> None:
    """Restore a backup into a new directory; whom was erased since is erased again before anything is served."""
    if (ledgers is None) != without_ledgers:
        raise BadRequest(
            "Whom to erase again is not said.",
            why="people may have been erased, or have withdrawn, since the backup; the newest ledgers know of them",
            fix="name them with --ledgers; only if there are none, say --without-ledgers",
            code="restore.no-ledgers",
        )
    now = time.time_ns() // 1_000_000
    done = restore(
        backup, data, passphrase=_passphrase(), keys=BackupKeys(keys or [beside(data)]), now=now, ledgers=ledgers,
        progress=_progress(),
    )  # fmt: skip
    print(f"{data}: {done.files} files of {rfc3339(done.made_at)}, journal up to row {done.journal_last:,}.")
    if done.old:
        _warn("An older Genom wrote this backup: it has no key of its day, so it never ends by itself. Make a new one,")
        _warn("and delete this one and its copies: those who were erased stay in them.")
    if without_ledgers:
        _warn("Without the ledgers nobody knows of choices and erasures since: ask those who remember them.")
    else:
        print(
            f"The ledger has {counted(done.entries, 'entry', 'entries')}, {done.newer:,} of them newer than the backup."
        )
        one, many = "person was erased since the backup, and is", "people were erased since the backup, and are"
        print(f"{counted(done.erased, one, many)} erased here.")


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
