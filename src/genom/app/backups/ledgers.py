"""The newer ledgers that a restore takes along: a file of `genom backup --ledgers`, or a copied ledger directory.

They must continue the ledger of the backup, which the chain of their entries proves.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from genom.app.backups.archive import Manifest
from genom.app.backups.head import read_head
from genom.app.backups.unpacking import unpack, write_file
from genom.consent import Entry, entries_of
from genom.errors import BadRequest, counted

__all__ = ["take_ledgers"]

_SCRATCH: Final = ".ledgers"


def take_ledgers(directory: Path, given: Path, *, of: Manifest, passphrase: str, now: int) -> list[Entry]:
    """Put newer ledgers in the place of the restored one; returns the entries that the backup did not have.

    Raises BadRequest if they are older than the backup, of another installation, or no ledgers, and Corrupt if they
    were cut or changed.
    """
    scratch = directory / _SCRATCH
    made_at = _copy(given, scratch, passphrase, now)
    had, kept = list(entries_of(directory / "ledger")), list(entries_of(scratch / "ledger"))
    shorter = len(kept) < len(had) and kept == had[: len(kept)]
    if shorter or 0 < made_at < of.made_at:
        raise BadRequest(
            "The ledgers are older than the backup.",
            why=f"they end at entry {len(kept):,}, and the backup knows {len(had):,}"
            if shorter
            else "they were written before it, so nobody knows what came since",
            fix="name the newest ledgers that you have", code="restore.older-ledgers",
        )  # fmt: skip
    if had != kept[: len(had)]:
        raise BadRequest(
            "The ledgers do not continue that of the backup.",
            why=f"they are of another installation: they do not begin with what the backup has, "
            f"{counted(len(had), 'entry', 'entries')}",
            fix="name ledgers of the same node, from the time of the backup or later", code="restore.other-ledger",
        )  # fmt: skip
    shutil.rmtree(directory / "ledger", ignore_errors=True)
    (scratch / "ledger").rename(directory / "ledger")
    shutil.rmtree(scratch)
    return kept[len(had) :]


def _copy(given: Path, scratch: Path, passphrase: str, now: int) -> int:
    """Lay ledgers beside; returns when their backup was made (unix ms), 0 for a directory."""
    (scratch / "ledger").mkdir(mode=0o700, parents=True)
    if given.is_file():
        with given.open("rb") as file:
            if read_head(file).key:
                raise _none(given, "it is a backup of everything")
        manifest, _ = unpack(given, scratch, passphrase=passphrase, keys=None, now=now)
        if manifest.holds != "ledgers":
            raise _none(given, "it is an old backup of everything")
        return manifest.made_at
    files = sorted(given.glob("*.jsonl"))
    if not files:
        raise _none(given, "there is no such file, nor a directory with files of a ledger")
    for path in files:
        content = path.read_bytes()
        write_file(scratch / "ledger" / path.name, content[: content.rfind(b"\n") + 1])
    return 0


def _none(given: Path, why: str) -> BadRequest:
    return BadRequest(
        f"{given} holds no ledgers.", why=why,
        fix="name a file that `genom backup --ledgers` wrote, or a copy of a directory `ledger`",
        code="restore.no-ledgers",
    )  # fmt: skip
