"""What is to be sent where: the node says, a courier of the worker sends and reports."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.activate import (
    Answer,
    Batch,
    Destination,
    Member,
    State,
    hashed,
    kept_form,
    period_of,
    pseudonym,
    read_destination,
)
from genom.app.activating.destinations import (
    Kept,
    known_now,
    pseudonym_secret,
    signing_secret,
    stored_destinations,
)
from genom.app.activating.outbox import Outbox, Row
from genom.app.pipeline import vault_place
from genom.app.segmenting.columns import permitted_now
from genom.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Deliveries", "Job", "Work"]

_AT_ONCE: Final = 500  # members of a batch
_DAY: Final = 86_400_000  # ms
_SHARE: Final = 20  # a look at everybody's wishes may take this part of the time
_UNTIL: Final = 30_000  # ms within which a claimed message must be on its way
_PATIENCE: Final = 900_000  # ms within which somebody should come for what is due


class Job(msgspec.Struct):
    """One message to a recipient: a batch to send, or a job to ask about."""

    url: str
    secret: str  # hexadecimal
    rounds: dict[str, int]  # to be reported with the answer
    destination: str
    until: int  # unix ms; it must not be sent later, for people may have changed their minds
    batch: Batch | None = None
    job: str = ""


class Work(msgspec.Struct):
    """What is due now at a destination; none if nothing is."""

    job: Job | None


class _Wishes(NamedTuple):
    """Who belongs to a destination, and whether whoever is new there is taken in."""

    people: list[int]
    joins: bool


class Deliveries:
    """The destinations of a node: `settle` is the node's own work, `work` is what a courier asks for."""

    def __init__(self, node: Node) -> None:
        self._node, self.outbox = node, Outbox(node.catalogue)
        self._next_look = dict[str, float]()  # by destination, monotonic seconds
        self._pseudonyms = pseudonym_secret(node)
        self.late_now: dict[str, int] = {}
        """Destination → removals that should have been confirmed, as of the last look."""
        self.waiting_now: dict[str, int] = {}
        """Destination → people whom nobody has come to deliver for a quarter of an hour."""
        self.held_back: dict[str, str] = {}
        """Destination → why nobody new is sent there, as of the last look."""

    async def settle(self, *, now: int) -> None:
        """Bring every destination's rows to who belongs there now, no more often than it may cost."""
        stored = await asyncio.to_thread(stored_destinations, self._node)
        for name, kept in stored.items():
            if time.monotonic() >= self._next_look.get(name, 0.0):
                await self._settle(kept, now=now)
        if stored:
            self.late_now = await asyncio.to_thread(self.late, now=now)
            self.waiting_now = await asyncio.to_thread(self.outbox.waiting, since=now - _PATIENCE)

    def look_again(self) -> None:
        """The next `settle` looks at everybody's wishes."""
        self._next_look.clear()

    async def work(self, destination: str, *, now: int) -> Work:
        """The next message to a destination; who has withdrawn by this moment is not in it."""
        stored = await asyncio.to_thread(stored_destinations, self._node)
        if destination not in stored or destination not in self._next_look:
            return Work(None)  # it was not looked at since the start
        found, allowed = stored[destination].destination, list[int]()
        if not stored[destination].removed:
            joining = await asyncio.to_thread(self.outbox.joining, destination, now=now, most=_AT_ONCE)
            allowed = self._permitted(found, np.array(joining, np.int64), now=now)
        return Work(await asyncio.to_thread(self._due, found, now, frozenset(allowed)))

    async def report(self, destination: str, rounds: dict[str, int], answer: Answer, *, now: int) -> int:
        """A recipient answered; returns how many rows it counted for."""
        return await asyncio.to_thread(self.outbox.report, destination, rounds, answer, now=now)

    def corrected(self, persons: Collection[int], field: str, *, now: int) -> int:
        """A way to reach these people was corrected: each recipient of its hash hears.  Returns how many rows changed.

        Reads and writes the disk.
        """
        told = [kept.destination for kept in stored_destinations(self._node).values()]
        return sum(
            self.outbox.correct(one.id, persons, expires=_expires(one), now=now)
            for one in told
            if field in {name.split("_")[0] for name in one.send}
        )

    async def _settle(self, kept: Kept, *, now: int) -> None:
        began, found = time.monotonic(), kept.destination
        wishes = _Wishes([], joins=False) if kept.removed else await self._wishes(found, now=now)
        period = period_of(now, days=found.pseudonym_days)

        def name_of(person: int) -> str:
            return pseudonym(self._pseudonyms, found.id, self._node.public.name(person), period=period)

        await asyncio.to_thread(
            self.outbox.settle, found.id, wishes.people, joins=wishes.joins, expires=_expires(found), now=now,
            name_of=name_of, renamed=wishes.joins and (kept.version > 1 or bool(period)),
        )  # fmt: skip
        self._next_look[found.id] = time.monotonic() + _SHARE * (time.monotonic() - began)

    async def _wishes(self, found: Destination, *, now: int) -> _Wishes:
        """Members of the segment who permit its purpose and all of the destination's, this moment."""
        node = self._node
        try:
            read_destination(kept_form(found), known_now(node))
        except BadRequest as error:  # purposes or segments have changed since it was defined
            self.held_back[found.id] = error.what
            return _Wishes([], joins=False)
        if why := node.segments.unreadable.get(found.segment):
            self.held_back[found.id] = f"its segment cannot be kept up: {why}"
            return _Wishes([], joins=False)
        there = await asyncio.to_thread(self.outbox.there, found.id)
        await node.segments.caught_up(now=now)
        try:
            segment = node.segments.shown(found.segment)
        except NotFound as error:
            return self._frozen(found, error.why, there, now=now)
        if not segment.built:
            return self._frozen(found, "its segment is being built", there, now=now)
        chosen = self._permitted(found, node.segments.members(segment, now=now), now=now)
        floor = _floor(found, node.settings.segment_floor)
        if len(chosen) < (_enough(floor) if there else floor):
            self.held_back[found.id] = f"fewer than {floor} permit it"
            return _Wishes([], joins=False)
        if near := node.segments.too_near(segment, floor=floor, now=now):
            self.held_back[found.id] = f"its segment and {near} tell apart fewer than {floor} people"
            return _Wishes(chosen, joins=False)
        self.held_back.pop(found.id, None)
        return _Wishes(chosen, joins=True)

    def _frozen(self, found: Destination, why: str, there: list[int], *, now: int) -> _Wishes:
        """Nobody knows who belongs to the segment now: those who are there stay as long as they permit it."""
        self.held_back[found.id] = why
        return _Wishes(self._permitted(found, np.array(there, np.int64), now=now), joins=False)

    def _permitted(self, found: Destination, people: NDArray[np.int64], *, now: int) -> list[int]:
        """Those of these people who permit all of a destination's purposes now."""
        if any(name not in self._node.purposes.bits for name in found.purposes):
            return []  # one was retired
        need = np.uint64(self._node.purposes.mask(found.purposes))
        may: list[int] = people[permitted_now(self._node, people, now=now) & need == need].tolist()
        if found.contract == "third_party" and self._node.purposes.regions is not None:
            return [person for person in may if self._agrees(person, int(need), now=now)]
        return may

    def _agrees(self, person: int, need: int, *, now: int) -> bool:
        """Whether a person consents to all of these purposes: no third party rests on a law that would not ask."""
        return self._node.pipeline.permits.choice_of(person, now).grant & need == need

    def _due(self, found: Destination, now: int, allowed: frozenset[int]) -> Job | None:
        rows = self.outbox.claim(
            found.id, removal=found.removal == "api", now=now, most=_AT_ONCE, allowed=allowed,
            has_address=lambda row: not found.send or any(self._addresses(found, row).values()),
        )  # fmt: skip
        if not rows:
            return None
        pair = rows[0].pair
        return Job(
            url=found.url,
            secret=signing_secret(self._node, found).hex(),
            rounds={row.id: row.round for row in rows},
            destination=found.id,
            until=now + _UNTIL,
            batch=None if pair.job else self._batch(found, rows, joins=pair.state is State.WANTED),
            job=pair.job,
        )

    def _batch(self, found: Destination, rows: Sequence[Row], *, joins: bool) -> Batch:
        what: Literal["add", "remove"] = "add" if joins else "remove"
        named = f"{found.id} {what} {sorted((row.id, row.pair.since) for row in rows)}"
        signals = dict.fromkeys(("ad_user_data", "ad_personalization"), "GRANTED") if found.signals else {}
        members = [
            Member(row.id, **self._addresses(found, row), consent=signals) if joins else Member(row.id) for row in rows
        ]
        key = hashlib.sha256(named.encode()).hexdigest()[:32]
        return Batch(destination=found.id, url=found.url, what=what, key=key, members=members)

    def _addresses(self, found: Destination, row: Row) -> dict[str, str]:
        """Hashes that the destination wants, of what the vault has; they exist while they are sent."""
        if not found.send:
            return {}
        world = self._node.world
        known = dict[str, str]()
        for profile in world.people.members(row.person) if row.person else ():
            known = self._node.vault.get(vault_place(world, profile)) | known
        return {field: hashed(kind, known.get(kind, "")) for field in found.send for kind in [field.split("_")[0]]}

    def late(self, *, now: int) -> dict[str, int]:
        """Destination → removals that should have been confirmed by now; reads the disk."""
        stored = stored_destinations(self._node)
        expires = {name: _expires(kept.destination) for name, kept in stored.items()}
        return self.outbox.late(expires, now=now)


def _floor(found: Destination, least: int) -> int:
    """How many people a destination takes at least: an audience for advertising twice as many as a list.

    Source: Article 29 Working Party, Opinion 05/2014 (WP 216), on singling out.
    """
    return least if found.contract == "processor" and not found.signals else 2 * least


def _enough(floor: int) -> int:
    """How many keep a destination filled that took enough: one person more or less must not empty it and fill it."""
    return floor * 4 // 5


def _expires(found: Destination) -> int:
    return found.expires_days * _DAY if found.removal == "expiry" else 0
