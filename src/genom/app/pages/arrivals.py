"""How many events each source sent in the last day, and when the newest came: counted once, then commit by commit."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.pages.liverows import event_rows
from genom.app.server import App

__all__ = ["Arrivals"]

_HOUR: Final = 3_600_000  # ms
_DAY: Final = 24  # hours
_BLOCKS: Final = 20_000  # of the journal that are counted at the first look
_TURN: Final = 50  # blocks between two turns of others
_PATIENCE: Final = 0.2  # seconds that the first look waits for the count


class Arrivals:
    """Begins to count when somebody looks first.  An event counts for the hour in which it was committed."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._hours: dict[int, Counter[int]] = defaultdict(Counter)  # hour since the epoch → source → events
        self._newest: dict[int, int] = {}  # source → unix ms
        self._counting: asyncio.Task[None] | None = None
        self._from = 0  # position of the journal behind which commits are counted as they come
        self.whole = False  # the journal was read to its begin, so a source without an event has never sent one
        self.since = 0  # unix ms; the counts are of what came later, if that is less than a day
        app.committer.hub.on_commit.append(self._committed)
        app.closing.append(self._close)

    @property
    def counted(self) -> bool:
        """Whether what came before the first look is counted."""
        return self._counting is not None and self._counting.done()

    async def look(self) -> None:
        """Begin to count, and wait a moment for it."""
        if self._counting is None:
            self._from = int(self._app.node.journal.last)
            self._counting = asyncio.create_task(self._count())
        await asyncio.wait({self._counting}, timeout=_PATIENCE)

    def of_day(self, source: int) -> int:
        """Events of a source in the last 24 hours, by whole hours."""
        first = now_ms() // _HOUR - _DAY + 1
        for hour in [hour for hour in self._hours if hour < first]:
            del self._hours[hour]
        return sum(counts[source] for counts in self._hours.values())

    def newest(self, source: int) -> int:
        """When the newest event of a source came, unix ms; 0 = none is known."""
        return self._newest.get(source, 0)

    async def _count(self) -> None:
        wanted = set(self._app.node.sources)
        for number, block in enumerate(self._app.node.journal.latest()):
            at = int(block.header.committed_at)
            if number == _BLOCKS:
                self.since = at
                return
            if at // _HOUR <= now_ms() // _HOUR - _DAY and wanted <= self._newest.keys():
                return
            rows = block.rows
            self._add(rows[rows["sequence"] <= np.uint64(self._from)], at)
            if number % _TURN == _TURN - 1:
                await asyncio.sleep(0)
        self.whole = True

    def _committed(self, rows: NDArray[np.void], _bodies: bytes) -> None:
        if self._counting is not None:
            self._add(rows[rows["sequence"] > np.uint64(self._from)], now_ms())

    def _add(self, rows: NDArray[np.void], at: int) -> None:
        counts = np.bincount(rows["source"][event_rows(rows)])
        for source in np.flatnonzero(counts).tolist():
            self._hours[at // _HOUR][source] += int(counts[source])
            self._newest[source] = max(self._newest.get(source, 0), at)

    def _close(self) -> None:
        if self._counting is not None:
            self._counting.cancel()
