"""Who looked at whom: each reader of a person's data is on record once an hour, with what was read and why.

Reads must not wait for the disk: what was seen is written a second later, all at once, into the audit log.  The person
sees it on their own pages and in the copy of everything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from threading import Lock
from typing import Final, NamedTuple

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.app.commit import now_ms

__all__ = ["SEEN", "Looks"]

log = logging.getLogger("genom.looks")

SEEN: Final = "person.seen"
_AGAIN: Final = 3_600_000  # ms after which the same reader is on record again
_REMEMBERED: Final = 100_000  # readers and what they read


class _Look(NamedTuple):
    who: str
    person: str  # public id
    what: str
    reason: str


class Looks:
    """Remembers what is on record, and keeps what is not yet."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[_Look, int] = {}
        self._waiting: list[tuple[_Look, int]] = []
        self._writing = Lock()

    def saw(self, person: str, *, who: str, what: str, reason: str = "") -> None:
        """Somebody reads something of a person; who reads a list of people is noted by `list_reads`."""
        look, now = _Look(who, person, what, reason[: audit.REASON_LONGEST]), now_ms()
        if now - self._known.get(look, -_AGAIN) < _AGAIN:
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[look] = now
        self._waiting.append((look, now))

    def write(self) -> int:
        """Put what waits on record; durable when it returns.  Returns how many rows there were."""
        with self._writing:  # what another thread took must be there as well when this returns
            waiting, self._waiting = self._waiting, []
            if waiting:
                with self._catalogue.begin() as connection:
                    for look, at in waiting:
                        audit.append(
                            connection, SEEN, who=look.who, kind="person", name=look.person, at=at, reason=look.reason,
                            details={"what": look.what},
                        )  # fmt: skip
        return len(waiting)

    def forget(self, public: Sequence[str]) -> None:
        """Nobody is known any more to have looked at people with these public ids; what waits is written still."""
        self._known = {look: at for look, at in self._known.items() if look.person not in public}

    async def run(self) -> None:
        """Write every second, until cancelled."""
        while True:
            await asyncio.sleep(1)
            try:
                await asyncio.to_thread(self.write)
            except Exception:
                log.exception("who looked could not be put on record")
