"""The decision log's adapter: records of the journal, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

import msgspec
import numpy as np

from genom.app.decisions.following import CONTROL, POLICY
from genom.app.pages.labels import Labels
from genom.app.pages.pulse import pulse_of
from genom.app.server import App
from genom.console.decision_log import Decided, Sought
from genom.typed import json_decoder
from genom.words import Kind

__all__ = ["DecisionRows"]

_SHOWN: Final = 50
_BLOCKS: Final = 5_000  # of the journal that are looked through for them
_LOOKED_AT: Final = 20_000  # records that are opened for those of one arm


class _Chosen(msgspec.Struct):
    action: str


class _Weighed(msgspec.Struct):
    """That something was weighed, and not what."""


class _Recorded(msgspec.Struct):
    """What a line says of a decision; its evidence is skipped."""

    decision_id: str
    point: str
    at: int
    choices: tuple[_Chosen, ...]
    person: str = ""
    control: bool = False
    evidence: _Weighed | None = None  # None: nothing was weighed, so it counts for no arm

    def fits(self, sought: Sought) -> bool:
        """Whether it is one of those sought; an experiment's arm is the action that it chose."""
        if sought.point and sought.point != self.point:
            return False
        if not sought.arm:
            return True
        if self.evidence is None:
            return False
        if sought.arm in {CONTROL, POLICY}:
            return self.control == (sought.arm == CONTROL)
        return bool(self.choices) and self.choices[0].action == sought.arm


_RECORD: Final = json_decoder(_Recorded)


class DecisionRows:
    """Reads the newest decisions."""

    def __init__(self, app: App, labels: Labels) -> None:
        self._app, self._node, self._labels = app, app.node, labels

    async def newest(self, language: str, sought: Sought) -> Sequence[Decided]:
        """The newest decisions, newest first: of the last hour, or of a point whenever they were made."""
        found = []
        for number, body in enumerate(self._bodies(since=0 if sought.point else pulse_of(self._app).hour.position)):
            if body and (record := _RECORD.decode(body)).fits(sought):
                found.append(self._decided(record, language))
            if len(found) == _SHOWN or number == _LOOKED_AT:
                break
            if number % 50 == 49:
                await asyncio.sleep(0)  # others have their turn
        return found

    def named(self, sought: Sought, language: str) -> tuple[str, str]:
        """What people call the point and the arm."""
        arm = self._labels.arm(sought.point, sought.arm, language) if sought.arm else ""
        return self._labels.point(sought.point, language), arm

    def hour(self) -> int:
        """How many there were in the last hour."""
        return pulse_of(self._app).decisions_hour()

    def _bodies(self, *, since: int) -> Iterator[bytes]:
        """The records after a position of the journal; an empty one after each block, for a pause."""
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
