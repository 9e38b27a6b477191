"""`genom backup`, `genom restore`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from genom.app.backups.restoring import check_backup, restore
from genom.app.backups.writing import back_up, prune
from genom.errors import BadRequest

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
    out: Annotated[Path, typer.Option(help="A new file, or a directory that keeps backups for 30 days.")],
    check: Annotated[bool, typer.Option(help="Restore it into a scratch directory and read all of it.")] = True,
    data: Data = _DIRECTORY,
) -> None:
    """Write an encrypted backup, also while the node runs; GENOM_BACKUP_PASSPHRASE holds the passphrase."""
    passphrase, now = _passphrase(), time.time_ns() // 1_000_000
    written = back_up(data, out, passphrase=passphrase, now=now, progress=_progress())
    print(
        f"{written.path}: {written.files} files, {written.bytes:,} bytes, journal up to row {written.journal_last:,}."
    )
    if check:
        check_backup(written.path, passphrase=passphrase)
        print("It was restored into a scratch directory and read: it is whole.")
    for name in prune(out, now=now) if out.is_dir() else ():
        print(f"{name} was older than 30 days and is removed.")


def _restore(
    backup: Annotated[Path, typer.Argument(help="The backup.")],
    ledger: Annotated[
        Path | None, typer.Option(help="The newer ledger directory: choices and erasures since the backup.")
    ] = None,
    data: Data = _DIRECTORY,
) -> None:
    """Restore a backup into a new directory; whom was erased since is erased again before anything is served."""
    done = restore(backup, data, passphrase=_passphrase(), ledger=ledger, progress=_progress())
    print(
        f"{data}: {done.files} files, journal up to row {done.journal_last:,}, {done.entries:,} entries of the ledger."
    )
    if ledger is None:
        print("Without --ledger nobody knows of choices and erasures since: name the newest ledger if you have it.")
    else:
        print(f"{done.erased} people were erased since the backup, and are erased here.")
