"""Retention: events and records of decisions whose storage windows have passed are overwritten in the journal.

An event goes when every purpose that it serves has let go of its category of data, the record of a decision when the
purpose of the decision has.  Read windows end before storage windows do, so that genome and models have let go of such
an event by then.  What is about to be overwritten is counted in the catalogue first: a start after a crash finds the
rest of it, and the audit log tells all of it, once.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app import audit
from genom.app.catalogue import forget
from genom.app.forgetting import CATEGORIES
from genom.consent import DECISION_DAYS, STORED, Purposes
from genom.decide import decode_record
from genom.genome import DAY
from genom.words import Kind

if TYPE_CHECKING:
    from genom.app.node import Node
    from genom.journal import Block, Journal

__all__ = ["EXPIRED", "Expired", "Retention", "Stored", "expired_rows", "shortest", "stored_of"]

EXPIRED: Final = "events.expired"
_RUN: Final = "retention.run"  # what is being overwritten: when that began, and what it comes to
_FACTS: Final = int(Kind.IDENTIFIER)  # kinds from here on are no events
_DECIDED: Final = (int(Kind.DECISION), int(Kind.SHADOW))
_PAUSE: Final = 0.002  # seconds after some blocks, so that commits get the disk


@dataclass(frozen=True, slots=True)
class Stored:
    """How long things are stored."""

    events: Mapping[int, NDArray[np.int64]]  # bit of a purpose → ms by kind of row, 0 = until erasure
    decisions: Mapping[str, int]  # purpose of a decision → ms


@dataclass(slots=True)
class Expired:
    """Rows whose time has passed, and what they are."""

    parts: list[NDArray[np.uint64]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # events and decisions by category

    @property
    def sequences(self) -> NDArray[np.uint64]:
        """The rows; lines of events are among them."""
        return np.concatenate([np.zeros(0, np.uint64), *self.parts])

    @property
    def events(self) -> int:
        """How many events; the other rows are their lines, and records of decisions."""
        return self.counts.total() - self.counts["records"]

    def add(self, rows: NDArray[np.void], *, category: str = "") -> None:
        """Take in rows; without a category that of each kind."""
        self.parts.append(rows["sequence"].copy())
        kinds, numbers = np.unique(rows["kind"][rows["line"] == 0], return_counts=True)
        for kind, number in zip(kinds.tolist(), numbers.tolist(), strict=True):
            self.counts[category or CATEGORIES[kind]] += number


def stored_of(purposes: Purposes) -> Stored:
    """The storage windows that purposes declare."""
    events = {}
    for one in purposes.every:
        days = [one.storage_days(category) or 0 for category in CATEGORIES]
        if any(days):
            events[one.mask] = np.array(days, np.int64) * DAY
    return Stored(events, {one.name: one.decision_days * DAY for one in purposes.every})


def shortest(purposes: Purposes) -> int:
    """The shortest time (ms) for which an event may be stored; 0 = until erasure.

    What became of decisions before cannot be told from the journal any more.
    """
    days = (one.storage_days(category) for one in purposes.every for category in STORED)
    return min((one for one in days if one), default=0) * DAY


def expired_rows(
    journal: Journal, stored: Stored, *, now: int, spared: Iterable[int] = (), open_: Iterable[int] = (),
    until: int | None = None,
) -> Expired:  # fmt: skip
    """What nobody may keep any longer at the begin of today (UTC), without the rows of spared profiles.

    An event that serves a purpose without a window for its category, or none at all, stays; so do records of decisions
    that are `open_`: their outcomes are still counted.
    """
    today, kept, following = now // DAY * DAY, np.array(sorted(spared), np.uint64), np.array(sorted(open_), np.uint64)
    found, latest = Expired(), today - min(stored.decisions.values(), default=0)
    for block in journal.blocks():
        decides = bool(stored.decisions) and block.header.committed_at < latest
        if (until is not None and block.header.first_sequence > until) or not (stored.events or decides):
            break
        rows = block.rows
        if stored.events:
            events = rows[(rows["kind"] < _FACTS) & ~np.isin(rows["profile"], kept)]
            found.add(events[_passed(events, stored.events, today)])
        if decides:
            places = np.flatnonzero(np.isin(rows["kind"], _DECIDED) & (rows["ts"] < latest))
            places = places[~np.isin(rows["profile"][places], kept) & ~np.isin(rows["decision"][places], following)]
            found.add(rows[list(_records(block, places, stored.decisions, today))], category="records")
    return found


def _passed(rows: NDArray[np.void], stored: Mapping[int, NDArray[np.int64]], today: int) -> NDArray[np.bool_]:
    """Which events every purpose has let go of."""
    masks, window = rows["mask"] | rows["assumed"], np.zeros(len(rows), np.int64)
    passes = (masks != 0) & (masks & ~np.uint64(sum(stored)) == 0)
    for bit, by_kind in stored.items():
        serves, mine = masks & np.uint64(bit) != 0, by_kind[rows["kind"]]
        passes &= ~serves | (mine > 0)
        window = np.where(serves, np.maximum(window, mine), window)
    return np.asarray(passes & (rows["ts"] + window < today))


def _records(block: Block, places: NDArray[np.intp], stored: Mapping[str, int], today: int) -> Iterator[int]:
    """Which of these records of decisions have passed: their purpose stands within, and is read only if it matters."""
    longest = max(stored.values())
    for place in places.tolist():
        passed = today - int(block.rows["ts"][place])
        if passed <= longest:
            body = block.body(place)
            window = stored.get(decode_record(body).purpose, DECISION_DAYS * DAY) if body else longest
            if passed <= window:
                continue
        yield place


class Retention:
    """Overwrites once a day what nobody may keep any longer."""

    def __init__(self, node: Node, *, clock: Callable[[], int]) -> None:
        self._node, self._clock, self._day = node, clock, -1
        self._stored = stored_of(node.purposes)
        self._going_on = node.catalogue.get(_RUN) is not None  # a crash ended the last one
        self.ended = 0  # unix ms; when the last one did
        self.overwritten = 0  # rows, since the start
        self.waiting = 0  # rows that are still to be overwritten by the one under way

    @property
    def due(self) -> bool:
        """Whether a day has begun since the last time, or a crash ended that."""
        return self._going_on or self._clock() // DAY != self._day

    async def tend(self) -> int:
        """Overwrite what is due; returns how many events that were.  People who have their data restricted keep all."""
        if not self.due:
            return 0
        node = self._node
        run = await asyncio.to_thread(node.catalogue.get, _RUN)
        now = run["at"] if run else self._clock()  # what a crash ended is ended as it was counted
        people = node.world.people
        spared = {one for held in node.choices.restricted_profiles() for one in people.members(people.person(held))}
        found = await asyncio.to_thread(
            expired_rows, node.journal, self._stored, now=now, spared=spared, open_=[*node.outcomes.open],
            until=node.world.position,
        )  # fmt: skip
        if run or len(found.sequences):
            run = run or {"at": now, "rows": len(found.sequences), "counts": dict(found.counts)}
            await asyncio.to_thread(self._overwrite, found.sequences, run)
        self._day, self._going_on, self.ended = now // DAY, False, self._clock()
        return found.events

    def _overwrite(self, sequences: NDArray[np.uint64], run: dict[str, Any]) -> None:
        catalogue = self._node.catalogue
        catalogue.put(_RUN, run)
        self._going_on = True
        self.waiting, before = len(sequences), self.overwritten

        def progress(rows: int) -> None:
            self.overwritten, self.waiting = before + rows, len(sequences) - rows
            time.sleep(_PAUSE)

        self._node.journal.erase_rows(sequences, expired=True, progress=progress)
        events = sum(number for name, number in run["counts"].items() if name != "records")
        with catalogue.begin() as connection:  # told once, and no longer under way from then on
            audit.append(
                connection, EXPIRED, who="node", kind="journal", name="", at=run["at"],
                details={"events": events, "rows": run["rows"], **run["counts"]},
            )  # fmt: skip
            forget(connection, _RUN)
