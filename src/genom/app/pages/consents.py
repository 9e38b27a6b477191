"""The history of choices by identifier: the ledger's newest entries, kept at hand for the timelines of people."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import Final

from genom.app.node import Node
from genom.app.pages.pauses import Pauses
from genom.app.permitting import subjects_of
from genom.consent import Entry, choices_about

__all__ = ["Consents"]

_KEPT: Final = 200_000  # entries; what is older stays in the ledger and is no longer on timelines


class Consents:
    """Reads the ledger once, in a thread, and follows it from then on."""

    def __init__(self, node: Node) -> None:
        self._node, self._lock = node, Lock()
        self._entries: deque[Entry] = deque()
        self._by_subject: dict[str, deque[Entry]] = {}
        self._pauses = Pauses()
        self._missed: list[Entry] = []  # written while the ledger was being read
        self._read = False
        self._reading: asyncio.Task[None] | None = None
        node.ledger.watchers.append(self._follow)

    async def ready(self) -> None:
        """Wait until the ledger has been read."""
        if self._read:
            return
        if self._reading is None:
            self._reading = asyncio.create_task(asyncio.to_thread(self._load))
        await asyncio.shield(self._reading)

    def of(self, person: int) -> list[Entry]:
        """A person's choices, oldest first; call `ready` before."""
        with self._lock:
            subjects = subjects_of(self._node.world, person)
            found = {entry.n: entry for subject in subjects for entry in self._held(subject)}
        return choices_about((found[n] for n in sorted(found)), subjects)

    def paused(self, person: int) -> dict[str, Entry]:
        """Purpose → the pause's refusal that stands, however old; call `ready` before."""
        with self._lock:
            return self._pauses.of(subjects_of(self._node.world, person))

    def _held(self, subject: str) -> Iterable[Entry]:
        return self._by_subject.get(subject, ())

    def _load(self) -> None:
        newest: deque[Entry] = deque(maxlen=_KEPT)
        pauses = Pauses()
        for entry in self._node.ledger.replay():
            newest.append(entry)
            pauses.take(entry)
        with self._lock:
            self._pauses = pauses
            for entry in newest:
                self._keep(entry)
            last = newest[-1].n if newest else 0
            for entry in self._missed:
                if entry.n > last:
                    self._add(entry)
            self._missed, self._read = [], True

    def _follow(self, entries: list[Entry]) -> None:
        """Called by the ledger in its writer's thread."""
        with self._lock:
            if not self._read:
                self._missed += entries if self._reading else []
                return
            for entry in entries:
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._pauses.take(entry)
        self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        self._entries.append(entry)
        for subject in entry.subjects:
            self._by_subject.setdefault(subject, deque()).append(entry)
        if len(self._entries) > _KEPT:
            gone = self._entries.popleft()
            for subject in gone.subjects:
                held = self._by_subject[subject]
                held.popleft()  # entries are in order, so the oldest is this one
                if not held:
                    del self._by_subject[subject]
