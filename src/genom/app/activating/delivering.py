"""What is to be sent where: the node says, a worker sends and reports."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.activate import Answer, Batch, Destination, Member, State, hashed, pseudonym
from genom.app.activating.destinations import Kept, pseudonym_secret, signing_secret, stored_destinations
from genom.app.activating.outbox import Outbox, Row
from genom.app.pipeline import vault_place
from genom.app.segmenting.columns import permitted_now
from genom.errors import NotFound

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Deliveries", "Job", "Work"]

_AT_ONCE: Final = 500  # members of a batch
_DAY: Final = 86_400_000  # ms
_SHARE: Final = 20  # a look at everybody's wishes may take this part of the time


class Job(msgspec.Struct):
    """Something to do at a recipient: a batch to send, or a job to ask about."""

    url: str
    secret: str  # hexadecimal
    rounds: dict[str, int]  # to be reported with the answer
    destination: str
    batch: Batch | None = None
    job: str = ""


class Work(msgspec.Struct):
    """What is due now."""

    jobs: list[Job]


class Deliveries:
    """The destinations of a node at work."""

    def __init__(self, node: Node) -> None:
        self._node, self.outbox = node, Outbox(node.catalogue)
        self._next_look = dict[str, float]()  # by destination, monotonic seconds
        self._pseudonyms = pseudonym_secret(node)
        self.late_now: dict[str, int] = {}
        """Destination → removals that should have been confirmed, as of the last work."""
        self.held_back: dict[str, str] = {}
        """Destination → why nobody is sent there, as of the last look."""

    async def work(self, *, now: int) -> Work:
        """Settle who belongs where, and hand out what is due."""
        jobs = list[Job]()
        for kept in await self.settle(now=now):
            found = kept.destination
            joining = await asyncio.to_thread(self.outbox.joining, found.id, now=now, most=_AT_ONCE)
            allowed = self._permitted(found, np.array(joining, np.int64), now=now)  # whoever withdrew since stays here
            jobs += await asyncio.to_thread(self._due, found, now, frozenset(allowed))
        return Work(jobs)

    async def settle(self, *, now: int) -> list[Kept]:
        """Bring every destination's rows to who belongs there now, no more often than it may cost."""
        stored = await asyncio.to_thread(stored_destinations, self._node)
        for name, kept in stored.items():
            if time.monotonic() >= self._next_look.get(name, 0.0):
                await self._settle(kept, now=now)
        self.late_now = await asyncio.to_thread(self.late, now=now) if stored else {}
        return list(stored.values())

    def look_again(self) -> None:
        """The next work begins with a look at everybody's wishes."""
        self._next_look.clear()

    async def report(self, destination: str, rounds: dict[str, int], answer: Answer, *, now: int) -> int:
        """A recipient answered; returns how many rows it counted for."""
        return await asyncio.to_thread(self.outbox.report, destination, rounds, answer, now=now)

    async def _settle(self, kept: Kept, *, now: int) -> None:
        began, found = time.monotonic(), kept.destination
        people = [] if kept.removed else await self._wanted(found, now=now)
        await asyncio.to_thread(
            self.outbox.settle, found.id, people, expires=_expires(found), now=now,
            name_of=lambda person: pseudonym(self._pseudonyms, found.id, self._node.public.name(person)),
        )  # fmt: skip
        if kept.removed:
            await asyncio.to_thread(self.outbox.drop_rest, found.id)
        self._next_look[found.id] = time.monotonic() + _SHARE * (time.monotonic() - began)

    async def _wanted(self, found: Destination, *, now: int) -> list[int]:
        """Members of the segment who permit its purpose and all of the destination's, this moment."""
        node = self._node
        try:
            await node.segments.caught_up(now=now)
            segment = node.segments.shown(found.segment)
        except NotFound:
            self.held_back[found.id] = "its segment was removed"
            return []
        chosen = self._permitted(found, node.segments.members(segment, now=now), now=now)
        floor = _floor(found, node.settings.segment_floor)
        near = node.segments.too_near(segment, floor=floor, now=now)
        if not near and len(chosen) >= floor:
            self.held_back.pop(found.id, None)
            return chosen
        self.held_back[found.id] = (
            f"its segment and {near} tell apart fewer than {floor} people" if near else f"fewer than {floor} permit it"
        )
        return []

    def _permitted(self, found: Destination, people: NDArray[np.int64], *, now: int) -> list[int]:
        """Those of these people who permit all of a destination's purposes now."""
        if any(name not in self._node.purposes.bits for name in found.purposes):
            return []  # one was retired
        need = np.uint64(self._node.purposes.mask(found.purposes))
        may: list[int] = people[permitted_now(self._node, people, now=now) & need == need].tolist()
        return may

    def _due(self, found: Destination, now: int, allowed: frozenset[int]) -> list[Job]:
        rows = self.outbox.claim(
            found.id, removal=found.removal == "api", now=now, most=_AT_ONCE, allowed=allowed,
            has_address=lambda row: not found.send or any(self._addresses(found, row).values()),
        )  # fmt: skip
        secret = signing_secret(self._node, found.id).hex()
        asked: dict[str, list[Row]] = {}
        for row in rows:
            if row.pair.job:
                asked.setdefault(row.pair.job, []).append(row)
        jobs = [Job(found.url, secret, _rounds(those), destination=found.id, job=job) for job, those in asked.items()]
        for what, state in (("remove", State.LEAVING), ("add", State.WANTED)):
            those = [row for row in rows if row.pair.state is state and not row.pair.job]
            if those:
                batch = self._batch(found, what, those)
                jobs.append(Job(found.url, secret, _rounds(those), destination=found.id, batch=batch))
        return jobs

    def _batch(self, found: Destination, what: str, rows: Sequence[Row]) -> Batch:
        key = hashlib.sha256(f"{found.id} {what} {sorted(_rounds(rows).items())}".encode()).hexdigest()[:32]
        signals = dict.fromkeys(("ad_user_data", "ad_personalization"), "GRANTED") if found.signals else {}
        if what == "remove":
            members = [Member(row.id) for row in rows]
            return Batch(destination=found.id, url=found.url, what="remove", key=key, members=members)
        members = [Member(row.id, **self._addresses(found, row), consent=signals) for row in rows]
        return Batch(destination=found.id, url=found.url, what="add", key=key, members=members)

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


def _expires(found: Destination) -> int:
    return found.expires_days * _DAY if found.removal == "expiry" else 0


def _rounds(rows: Iterable[Row]) -> dict[str, int]:
    return {row.id: row.round for row in rows}
