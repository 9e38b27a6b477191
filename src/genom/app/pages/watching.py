"""Who watches which person: a page is told that something changed, and then reads it anew through the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from starlette.responses import Response

from genom.app.permitting import subjects_of
from genom.app.reading import person_number
from genom.app.server import App
from genom.consent import Entry
from genom.console import Visit
from genom.errors import Busy
from genom.web import Channel, stream_reply

__all__ = ["Watching"]


class Watching:
    """A channel for each person whose page is open; nothing is sent but that there is news."""

    def __init__(self, app: App) -> None:
        self._app, self._node = app, app.node
        self._channels: dict[int, Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        app.committer.hub.on_commit.append(self._committed)
        app.node.ledger.watchers.append(self._chosen)
        app.closing.append(self._close)

    async def stream(self, visit: Visit) -> Response:
        """The stream of one person's page.  Raises NotFound, or Busy if too many pages show the person."""
        self._loop = asyncio.get_running_loop()
        person = person_number(self._node, visit.part("person"))
        self._channels = {known: channel for known, channel in self._channels.items() if channel}
        reply = stream_reply(self._channels.setdefault(person, Channel()), may_go_on=visit.signed_in)
        if reply is None:
            raise Busy("Too many pages show this person.", why="each keeps a connection", fix="close some of them")
        return reply

    def _committed(self, rows: NDArray[np.void], _bodies: bytes) -> None:
        if any(self._channels.values()):
            people = self._node.world.people
            touched = {people.person(profile) for profile in np.unique(rows["profile"]).tolist()}
            self._tell(person for person in self._channels if people.person(person) in touched)

    def _chosen(self, entries: list[Entry]) -> None:
        """Called in the ledger's thread, a moment before the choice is in memory."""
        loop = self._loop
        if loop is not None and any(self._channels.values()) and not loop.is_closed():
            loop.call_soon_threadsafe(self._tell_subjects, {name for entry in entries for name in entry.subjects})

    def _tell_subjects(self, subjects: set[str]) -> None:
        self._tell(
            person for person in self._channels if not subjects.isdisjoint(subjects_of(self._node.world, person))
        )

    def _close(self) -> None:
        for channel in self._channels.values():
            channel.close()

    def _tell(self, persons: Iterable[int]) -> None:
        for person in list(persons):
            if channel := self._channels.get(person):
                channel.say("", event="changed")
