"""`genom accept-ledger`: going on with a ledger from which entries are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from genom.app.ledgers import accept_ledger
from genom.errors import counted

__all__ = ["add_commands"]

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
_DIRECTORY: Final = Path("genom-data")


def add_commands(cli: typer.Typer) -> None:
    """Add it."""
    cli.command("accept-ledger")(_accept)


def _accept(
    reason: Annotated[str, typer.Option(help="Why there is no better one; it stands in the audit log.")],
    data: Data = _DIRECTORY,
) -> None:
    """Take the consent ledger as it is although entries are missing at its end, and put that on record."""
    entries, acknowledged = accept_ledger(data, reason=reason)
    known = "nobody knows how many were acknowledged"
    if acknowledged is not None:
        known = counted(acknowledged, "was acknowledged", "were acknowledged")
    print(f"The ledger with {counted(entries, 'entry', 'entries')} is taken as it is; {known}.")
    if acknowledged is None or acknowledged > entries:
        print("Withdrawals, objections and erasures may be missing: ask those who remember them, and record them anew.")
