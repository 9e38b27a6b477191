"""The ledger of a data directory and its kept end, which must be there once it was."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.app.commit import now_ms
from genom.app.directory import open_directory
from genom.consent import GENESIS, Head, KeptHead, Ledger, entries_of
from genom.errors import Corrupt

__all__ = ["ACCEPTED", "LEDGER_HEAD", "accept_ledger", "keep_end", "ledger_proven", "open_ledger"]

LEDGER_HEAD: Final = "ledger.head"
ACCEPTED: Final = "ledger.accepted"
_KEPT: Final = "ledger_head"  # in the catalogue: that the file was made


def open_ledger(directory: Path, catalogue: Catalogue) -> Ledger:
    """The ledger, which must hold what was acknowledged.

    Raises Corrupt if entries are missing at its end, or if the file that would tell is lost.
    """
    kept = KeptHead(directory / LEDGER_HEAD)
    if kept.head is None and catalogue.get(_KEPT):
        raise Corrupt(
            f"{directory / LEDGER_HEAD} is lost or damaged.",
            why="without it nobody sees whether entries are missing at the end of the consent ledger",
            fix="compare the ledger with its newest backup, then take it as it is with `genom accept-ledger`",
            code="consent.ledger-head-lost",
        )
    return Ledger(directory / "ledger", kept=kept)


def ledger_proven(ledger: Ledger, catalogue: Catalogue) -> None:
    """The whole ledger was replayed: what it has is what is expected of it from now on."""
    ledger.keep_head()
    if not catalogue.get(_KEPT):
        catalogue.put(_KEPT, True)


def keep_end(directory: Path) -> int:
    """Take the ledger of a directory that no node holds as it is, once all of it is proven; returns its entries.

    Raises Corrupt if its chain does not hold.
    """
    end = GENESIS
    for entry in entries_of(directory / "ledger"):
        end = Head(entry.n, entry.hash)
    with KeptHead(directory / LEDGER_HEAD) as kept:
        kept.keep(end)
    return end.number


def accept_ledger(directory: Path, *, reason: str) -> tuple[int, int | None]:
    """Take a ledger as it is although entries are missing, and put it on record.

    Returns how many entries there are, and how many were acknowledged (None if nobody knows).  Raises Corrupt if its
    chain does not hold.
    """
    audit.check_reason(reason)
    data = open_directory(directory, create=False)
    try:
        had = KeptHead(directory / LEDGER_HEAD).head
        entries = sum(1 for _ in entries_of(directory / "ledger"))
        acknowledged = None if had is None else had.number
        catalogue = Catalogue(directory / "catalogue.sqlite")
        try:
            audit.record(
                catalogue, ACCEPTED, who="cli", kind="ledger", name="ledger", at=now_ms(), reason=reason,
                details={"entries": entries, "acknowledged": acknowledged},
            )  # fmt: skip
        finally:
            catalogue.close()
        (directory / LEDGER_HEAD).unlink(missing_ok=True)
        keep_end(directory)
    finally:
        data.close()
    return entries, acknowledged
