"""Reading a ledger: what it says of somebody, and one that another process writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from genom.consent.entry import ERASURE, GENESIS, Entry, Head, decode
from genom.consent.ledger_files import list_files

__all__ = ["choices_about", "entries_of"]


def choices_about(entries: Iterable[Entry], subjects: Iterable[str]) -> list[Entry]:
    """The choices of whoever has these identifiers (their hashes), in order.

    What somebody chose who had them before and was erased is not theirs.
    """
    mine, found = frozenset(subjects), list[Entry]()
    for entry in entries:
        named = mine.intersection(entry.subjects)
        if named and entry.act == ERASURE:
            found = [one for one in found if not named.issuperset(mine.intersection(one.subjects))]
        elif named:
            found.append(entry)
    return found


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
