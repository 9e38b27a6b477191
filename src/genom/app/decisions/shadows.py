"""What versions in shadow would have chosen, against what was shown: a fold of their records in the journal.

They count for nothing else: no outcome, no share of control, no lesson.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

import msgspec
import numpy as np

from genom.decide import DecisionRecord, Learned, Model, Point, decode_record
from genom.learn.online import LARGEST_REWARD, Sums
from genom.learn.ridge import fit_ridge
from genom.typed import from_msgpack
from genom.words import Kind

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Compared", "Difference", "Shadows"]

log = logging.getLogger("genom.shadows")

_RECENT: Final = 20  # differences that are listed
_PAIRS: Final = 200  # of actions that are counted apart
_NAME: Final = "shadows.state"


class Difference(msgspec.Struct, frozen=True):
    """A decision that would have been another."""

    decision: str  # id of the record in shadow
    live: str  # id of what was decided
    shown: str
    instead: str  # what the shadow would have shown
    at: int  # unix ms, UTC


class Compared(msgspec.Struct):
    """A version in shadow against what was live, from its first decision on."""

    version: int
    since: int  # unix ms, UTC
    decisions: int = 0
    neutral: int = 0  # without permission or candidate
    compared: int = 0  # beside a live decision, neither of them drawn at random as a control
    agreed: int = 0  # of the compared
    actions: dict[str, int] = {}  # what it would have shown
    pairs: dict[str, dict[str, int]] = {}  # shown → instead → how often, where they differ
    recent: list[Difference] = []  # the newest first

    def count(self, record: DecisionRecord) -> None:
        """One more decision in shadow."""
        beside, action = record.shadow, record.choices[0].action
        self.decisions += 1
        self.neutral += record.evidence is None
        if action in self.actions or len(self.actions) < _PAIRS:
            self.actions[action] = self.actions.get(action, 0) + 1
        if beside is None or not beside.decision or record.control or beside.control:
            return
        self.compared += 1
        if action == beside.action:
            self.agreed += 1
            return
        if beside.action in self.pairs or len(self.pairs) < _PAIRS:
            others = self.pairs.setdefault(beside.action, {})
            if action in others or len(others) < _PAIRS:
                others[action] = others.get(action, 0) + 1
        found = Difference(record.decision_id, beside.decision, beside.action, action, record.at)
        self.recent = [found, *self.recent[: _RECENT - 1]]


class _Kept(msgspec.Struct):
    """Everything at a position of the journal."""

    position: int
    compared: dict[str, Compared]


class Shadows:
    """The comparisons, by point."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._path = node.data.path / "models" / "online" / _NAME
        self._compared: dict[str, Compared] = {}
        self._untaught: dict[str, tuple[Point, Learned]] = {}
        self._failed: set[tuple[str, int]] = set()
        if node.shadows:
            self._restore()

    def of(self, point: Point) -> Compared | None:
        """How a version in shadow has done so far; None before its first decision."""
        found = self._compared.get(point.id)
        return found if found is not None and found.version == point.version else None

    def take(self, record: DecisionRecord) -> None:
        """A record was written."""
        found = self._compared.get(record.point)
        if found is None or found.version != record.point_version:
            found = self._compared[record.point] = Compared(record.point_version, record.at)
        found.count(record)

    def failed(self, point: Point, error: Exception) -> None:
        """A version in shadow could not decide: that is told once, and nobody waits for it."""
        if (point.id, point.version) not in self._failed:
            self._failed.add((point.id, point.version))
            log.error("a version in shadow cannot decide", exc_info=error, extra={"point": point.id})

    def learned(self, point: Point) -> Model:
        """What is known for a learned version: the live one's statistics if they fit, else nothing yet."""
        live = self._node.points.get(point.id)
        if live is not None and (live.model, live.features, live.reward) == ("learned", point.features, point.reward):
            return self._node.outcomes.learned(live)
        kept = self._untaught.get(point.id)
        if kept is None or kept[0] is not point:
            kept = self._untaught[point.id] = point, _untaught(point)
        return kept[1]

    def save(self) -> None:
        """Keep the comparisons with the journal's end; only when all of it is durable and taken."""
        if not self._node.shadows:
            return
        content = msgspec.msgpack.encode(_Kept(self._node.journal.last, self._compared))
        scratch = self._path.with_name(f"{_NAME}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(crc32(content).to_bytes(4, "little") + content)
            scratch.rename(self._path)
        except OSError as error:
            log.error("comparisons could not be saved; a start reads the journal instead", extra={"why": str(error)})

    def _restore(self) -> None:
        kept = _read(self._path)
        position = 0
        if kept is not None and kept.position <= self._node.journal.last:
            position, self._compared = kept.position, kept.compared
        for block in self._node.journal.blocks(position + 1):
            for index in np.flatnonzero((block.rows["kind"] == Kind.SHADOW) & (block.rows["sequence"] > position)):
                if body := block.body(int(index)):  # none: its person is being erased
                    self.take(decode_record(body))


def _read(path: Path) -> _Kept | None:
    """What the file holds, None if it is missing or damaged: then the journal tells it."""
    try:
        data = path.read_bytes()
        if crc32(data[4:]) != int.from_bytes(data[:4], "little"):
            return None
        return from_msgpack(data[4:], _Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _untaught(point: Point) -> Learned:
    """A version whose features or reward nobody has learned from: it has no preference."""
    ridge = fit_ridge(Sums(len(point.features)))
    return Learned(
        places=ridge.places,
        coefficients=ridge.coefficients,
        pooled=ridge.pooled,
        deviation=ridge.deviation,
        ceiling=LARGEST_REWARD if point.reward is not None and point.reward.value == "amount" else 1.0,
        signature="",
    )
