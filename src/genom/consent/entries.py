"""Reading a ledger that another process writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genom.consent.entry import GENESIS, Entry, Head, decode
from genom.consent.ledger_files import list_files

__all__ = ["entries_of"]


def entries_of(directory: Path) -> Iterator[Entry]:
    """All whole entries of a ledger's directory, in order; a line that is still being written ends them.

    Changes nothing.  Raises Corrupt at the first entry that is not as it was written.
    """
    head = GENESIS
    for path in list_files(directory):
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    return
                entry = decode(line[:-1], where=f"{path}, line {number}", after=head)
                head = Head(entry.n, entry.hash)
                yield entry
