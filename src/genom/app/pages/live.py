"""The live page's adapter: what is committed or refused while somebody looks, and the newest of the journal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.pages.liverows import accepted_row, event_rows, refused_row
from genom.app.pages.pulse import pulse_of
from genom.app.server import App
from genom.app.snippet import first_write_key, snippet
from genom.collect import BadRow
from genom.console.live import LiveRow, Totals, rows_html
from genom.web import LANGUAGES, Channel

__all__ = ["LiveEvents"]

_TICK: Final = 0.25  # seconds between two messages
_PER_TICK: Final = 40  # events shown in one; the others are counted
_BLOCKS: Final = 300  # of the journal that are looked through for them
_READ: Final = 2_000  # rows kept in memory

_Waiting = tuple[np.void, bytes] | BadRow


class LiveEvents:
    """Shows the newest events.  While nobody looks, a commit costs it one comparison."""

    def __init__(self, app: App) -> None:
        self._app, self._node = app, app.node
        self._channels = {language: Channel() for language in LANGUAGES}
        self._waiting: deque[_Waiting] = deque(maxlen=_PER_TICK)
        self._refused: deque[_Waiting] = deque(maxlen=_PER_TICK)  # of its own, so that no flood hides a refusal
        self._arrived, self._turned_away, self._timer = 0, 0, False
        self._read: dict[tuple[int, str], LiveRow] = {}  # rows of the journal never change
        app.committer.hub.on_commit.append(self._committed)
        app.committer.hub.on_refused.append(self._refuse)
        app.closing.append(self._close)

    def channel(self, language: str) -> Channel:
        """Where rows are told in a language."""
        return self._channels[language]

    async def recent(self, language: str, *, most: int, state: str, minute: bool) -> Sequence[LiveRow]:
        """The newest events of the journal and the newest refusals that are kept, or only one of both, newest first."""
        waiting: list[tuple[int, _Waiting]] = []
        after = pulse_of(self._app).minute.position if minute else 0
        if state != "accepted" and not minute:
            refused = await asyncio.to_thread(self._node.bad_rows.newest, most)
            waiting += [(bad.received_at, bad) for bad in refused]
        if state != "refused":
            waiting += [(int(row["known_at"]), (row, body)) for row, body in self._newest(most, after)]
        waiting.sort(key=lambda one: -one[0])
        rows = []
        for number, (_, one) in enumerate(waiting[:most]):
            rows.append(self._row(one, language))
            if number % 10 == 9:
                await asyncio.sleep(0)  # others have their turn
        return rows

    def snippet(self) -> str:
        """The tag with the write key that the first start made."""
        return snippet(self._node.settings.url, first_write_key(self._node.data.path))

    def totals(self) -> Totals:
        """How many there are, as the start page counts them."""
        return Totals(minute=pulse_of(self._app).events_minute(), refused=self._node.bad_rows.count())

    def _newest(self, most: int, after: int) -> list[tuple[np.void, bytes]]:
        """The newest events behind a position of the journal."""
        found: list[tuple[np.void, bytes]] = []
        for number, block in enumerate(self._node.journal.latest()):
            if number == _BLOCKS:
                break
            events = event_rows(block.rows)
            for index in events[block.rows["sequence"][events] > np.uint64(after)][::-1].tolist():
                if body := block.body(index):  # none: its person is being erased
                    found.append((block.rows[index], body))
                if len(found) == most:
                    return found
        return found

    def _committed(self, rows: NDArray[np.void], bodies: bytes) -> None:
        if not any(self._channels.values()):
            return
        events = event_rows(rows)
        self._arrived += len(events)
        for index in events[-_PER_TICK:].tolist():
            start, length = int(rows["body_start"][index]), int(rows["body_length"][index])
            self._waiting.append((rows[index], bodies[start : start + length]))
        if len(events):
            self._soon()

    def _refuse(self, rows: Sequence[BadRow]) -> None:
        if any(self._channels.values()):
            self._turned_away += len(rows)
            self._refused.extend(rows)
            self._soon()

    def _soon(self) -> None:
        if not self._timer:
            self._timer = True
            asyncio.get_running_loop().call_later(_TICK, self._tell)

    def _tell(self) -> None:
        self._timer = False
        shown = [*reversed(self._refused), *reversed(self._waiting)]
        counts = {"skipped": self._arrived - len(self._waiting), "refused": self._turned_away - len(self._refused)}
        self._waiting.clear()
        self._refused.clear()
        self._arrived = self._turned_away = 0
        for language, channel in self._channels.items():
            if channel:
                channel.say(rows_html(language, [self._row(one, language) for one in shown]), event="rows")
                for event, unshown in counts.items():
                    if unshown:
                        channel.say(str(unshown), event=event)

    def _row(self, one: _Waiting, language: str) -> LiveRow:
        if isinstance(one, BadRow):
            return refused_row(one, language=language)
        key = (int(one[0]["sequence"]), language)
        if (row := self._read.get(key)) is None:
            if len(self._read) >= _READ:
                self._read.clear()
            row = self._read[key] = accepted_row(self._node, *one, language=language)
        return row

    def _close(self) -> None:
        for channel in self._channels.values():
            channel.close()
