"""What the node does a minute and an hour: its counters, noted every few seconds."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from genom.app.commit import now_ms
from genom.app.server import App

__all__ = ["PulseClock"]

_EVERY: Final = 10.0  # seconds between two notes
_MINUTE: Final = 60_000  # ms
_HOUR: Final = 60 * _MINUTE


class PulseClock:
    """Notes the counters; a note costs two look-ups."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._notes: deque[tuple[int, int, int]] = deque(maxlen=int(_HOUR / 1000 / _EVERY) + 1)
        self._note()

    def _note(self) -> None:
        self._notes.append(self._now())
        asyncio.get_running_loop().call_later(_EVERY, self._note)

    def _now(self) -> tuple[int, int, int]:
        return now_ms(), int(self._app.node.world.counts["events"]), int(self._app.counts["decisions"])

    def events_minute(self) -> int:
        """Events of the last minute."""
        return self._since(_MINUTE)[0]

    def decisions_hour(self) -> int:
        """Decisions of the last hour."""
        return self._since(_HOUR)[1]

    def minutes(self) -> tuple[tuple[int, int], ...]:
        """Begin and events of each minute of the last hour that was watched from begin to end, oldest first."""
        now = self._now()
        found: list[tuple[int, int]] = []
        end, later = now[0], now
        for at, events, decisions in reversed(self._notes):
            if end - at >= _MINUTE:
                found.append((at, later[1] - events))
                end, later = at, (at, events, decisions)
        return tuple(reversed(found))

    def _since(self, span: int) -> tuple[int, int]:
        now = self._now()
        note = next((n for n in reversed(self._notes) if now[0] - n[0] >= span), self._notes[0])
        return now[1] - note[1], now[2] - note[2]
