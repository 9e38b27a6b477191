"""The decision log's adapter: records of the journal, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

import msgspec
import numpy as np

from genom.app.pages.labels import Labels
from genom.app.pages.pulse import pulse_of
from genom.app.server import App
from genom.console.decision_log import Decided
from genom.words import Kind

__all__ = ["DecisionRows"]

_SHOWN: Final = 50
_BLOCKS: Final = 5_000  # of the journal that are looked through for them


class _Chosen(msgspec.Struct):
    action: str


class _Recorded(msgspec.Struct):
    """What a line says of a decision; its evidence is skipped."""

    decision_id: str
    point: str
    at: int
    choices: tuple[_Chosen, ...]
    person: str = ""
    control: bool = False


_RECORD: Final = msgspec.json.Decoder(_Recorded)


class DecisionRows:
    """Reads the newest decisions."""

    def __init__(self, app: App, labels: Labels) -> None:
        self._app, self._node, self._labels = app, app.node, labels

    async def newest(self, language: str) -> Sequence[Decided]:
        """The newest decisions of the last hour, newest first."""
        found = []
        for number, body in enumerate(self._bodies()):
            if body:
                found.append(self._decided(_RECORD.decode(body), language))
            if len(found) == _SHOWN:
                break
            if number % 50 == 49:
                await asyncio.sleep(0)  # others have their turn
        return found

    def hour(self) -> int:
        """How many there were in the last hour."""
        return pulse_of(self._app).decisions_hour()

    def _bodies(self) -> Iterator[bytes]:
        """The records since the hour began; an empty one after each block, for a pause."""
        since = pulse_of(self._app).hour.position
        for number, block in enumerate(self._node.journal.latest()):
            rows = block.rows
            newer = (rows["kind"] == Kind.DECISION) & (rows["sequence"] > np.uint64(since))
            for index in np.flatnonzero(newer)[::-1].tolist():
                yield block.body(index)
            if number == _BLOCKS or block.header.first_sequence <= since:
                return
            yield b""

    def _decided(self, record: _Recorded, language: str) -> Decided:
        return Decided(
            at=record.at,
            action=self._labels.of(record.point, record.choices[0].action, language) if record.choices else "",
            point=self._labels.point(record.point, language),
            point_path=f"/decisions/{quote(record.point, safe='')}",
            person=record.person,
            control=record.control,
            href=f"/decisions/log/{record.decision_id}",
        )
