"""Who has paused everything: the refusals of pauses that still stand, of all of the ledger, however long ago."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from genom.consent import ERASURE, Entry

__all__ = ["PAUSED", "PAUSED_GRANT", "Pauses"]

PAUSED: Final = "portal pause"  # `source` of a pause's refusal where nothing had been agreed to
PAUSED_GRANT: Final = "portal pause of a consent"  # where the person had agreed to the text that the entry names


class Pauses:
    """The pause's entry by identifier and purpose, as long as no newer choice replaces it.

    >>> pauses = Pauses()
    >>> entry = Entry(at=0, subjects=("ab",), purpose="email", granted=False, text="cd", source=PAUSED)
    >>> pauses.take(entry)
    >>> list(pauses.of(["ab"])), pauses.take(Entry(at=1, subjects=("ab",), purpose="email", granted=True, text="cd"))
    (['email'], None)
    >>> pauses.of(["ab"])
    {}
    """

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Entry]] = {}  # identifier's hash → purpose → entry

    def take(self, entry: Entry) -> None:
        """Follow the ledger by one entry."""
        for subject in entry.subjects:
            if entry.act == ERASURE:  # whoever comes with the identifier again has paused nothing
                self._held.pop(subject, None)
            elif entry.source in {PAUSED, PAUSED_GRANT}:
                self._held.setdefault(subject, {})[entry.purpose] = entry
            elif (held := self._held.get(subject)) and held.pop(entry.purpose, None) and not held:
                del self._held[subject]

    def of(self, subjects: Iterable[str]) -> dict[str, Entry]:
        """Purpose → the newest pause's refusal that stands for any of these identifiers."""
        found: dict[str, Entry] = {}
        for subject in subjects:
            for purpose, entry in self._held.get(subject, {}).items():
                if purpose not in found or found[purpose].n < entry.n:
                    found[purpose] = entry
        return found
