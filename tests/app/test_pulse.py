"""The figures of the last minute and hour are those of a minute and an hour, whenever they are asked for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from genom.app.pages import pulse
from genom.app.pages.pulse import PulseClock

RATE = 100  # events a second; a decision for each two, a row for each half


class Source:
    """Counters that grow evenly, and a clock that is read by the second."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seconds = 0
        patch.setattr(pulse, "now_ms", lambda: 1_772_452_800_000 + self.seconds * 1_000)

    @property
    def app(self) -> Any:
        node = SimpleNamespace(world=SimpleNamespace(counts=Count(self, RATE)), journal=Last(self))
        return SimpleNamespace(node=node, counts=Count(self, RATE // 2))


class Count:
    def __init__(self, source: Source, rate: int) -> None:
        self._source, self._rate = source, rate

    def __getitem__(self, _: str) -> int:
        return self._source.seconds * self._rate


class Last:
    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def last(self) -> int:
        return self._source.seconds * 2 * RATE


def test_a_steady_rate_is_told_as_it_is_at_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(monkeypatch)

    async def watched() -> None:
        clock = PulseClock(source.app)
        for second in range(1, 2 * 3_600):
            source.seconds = second
            if second % 10 == 0:
                clock._note()
            assert clock.events_minute() == RATE * min(second, 60)
            assert clock.decisions_hour() == RATE // 2 * min(second, 3_600)
            assert clock.minute.position == 2 * RATE * max(0, second - 60)

    asyncio.run(watched())
