"""Destinations: define them, see who is where, and the outbox that a worker empties."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from genom.activate import Answer, Destination, Known, Outcome, read_destination
from genom.app.access import foreign_to, may_serve
from genom.app.activating.delivering import Work
from genom.app.activating.destinations import (
    Kept,
    define_destinations,
    known_now,
    remove_destination,
    signing_secret,
    stored_destinations,
)
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.segmenting.defining import rests_on
from genom.app.server import App

__all__ = ["ROUTES"]


class Shown(msgspec.Struct):
    """A destination and how many people stand where."""

    destination: dict[str, Any]
    version: int
    removed: bool
    people: dict[str, int]  # state → how many: wanted, sent, member, leaving, asked, gone
    late: int  # removals that should have been confirmed by now
    waiting: int  # people whom nobody has come to deliver for a quarter of an hour
    problems: dict[str, int]  # why the last attempt failed → people who wait for another one
    held_back: str  # why nobody is sent there; empty: whoever permits it is


class Listed(msgspec.Struct):
    """All destinations that take somebody, or that somebody still leaves."""

    destinations: list[Shown]


class Definitions(msgspec.Struct):
    """Destinations to add or change."""

    destinations: list[dict[str, Any]]


class DefinedDestination(msgspec.Struct):
    """A destination and the version that it has now."""

    id: str
    version: int
    secret: str  # hexadecimal; signs what is sent there


class Defined(msgspec.Struct):
    """What was defined."""

    destinations: list[DefinedDestination]


class Removed(msgspec.Struct):
    """What was removed."""

    removed: str


class Claim(msgspec.Struct):
    """Whose next message is asked for."""

    destination: str


class Report(msgspec.Struct):
    """What a recipient answered for rows as the claim named them."""

    destination: str
    rounds: dict[str, int]
    outcome: Outcome
    job: str = ""
    why: str = ""


class Reported(msgspec.Struct):
    """For how many it counted; the others have changed since."""

    taken: int


async def listed(app: App, request: Request) -> Reply:
    """All destinations with their numbers of people, of those that the key's purposes cover."""
    key, known = app.access.server_key(request), await asyncio.to_thread(stored_destinations, app.node)
    mine = {name: one for name, one in known.items() if not foreign_to(key, _rests_on(app, key, one.destination))}
    return json_reply(await asyncio.to_thread(_listed, app, mine))


def _rests_on(app: App, key: Key, found: Destination) -> list[str]:
    """The purposes that people are sent for, and those that their segment rests on."""
    return [*found.purposes, *(rests_on(app.node, found.segment, now=now_ms()) if key.purposes else [])]


def _listed(app: App, known: Mapping[str, Kept]) -> Listed:
    outbox, late = app.node.deliveries.outbox, app.node.deliveries.late(now=now_ms())
    counts, problems = outbox.counts(), outbox.problems()
    return Listed(
        [
            _shown(app, one, counts.get(name, {}), problems.get(name, {}), late.get(name, 0))
            for name, one in known.items()
            if not one.removed or counts.get(name, {}).keys() - {"gone"}
        ]
    )


def _shown(app: App, kept: Kept, people: dict[str, int], problems: dict[str, int], late: int) -> Shown:
    found, deliveries = kept.destination, app.node.deliveries
    return Shown(
        destination=msgspec.to_builtins(found),
        version=kept.version,
        removed=kept.removed,
        people=people,
        late=late,
        problems=problems,
        waiting=deliveries.waiting_now.get(found.id, 0),
        held_back=deliveries.held_back.get(found.id, ""),
    )


async def define(app: App, request: Request) -> Reply:
    """Add or change destinations, all or none; an equal definition keeps its version."""
    key, known = app.access.server_key(request), known_now(app.node)
    given = request.as_type(Definitions).destinations
    if key.purposes:
        _must_serve(app, key, given, known)
    kept = await asyncio.to_thread(define_destinations, app.node, given, known, author=key.name, now=now_ms())
    return json_reply(Defined([_defined(app, one) for one in kept]))


def _must_serve(app: App, key: Key, given: Sequence[object], known: Known) -> None:
    """Raises NotPermitted unless the key covers what is defined, and what that would replace."""
    before = stored_destinations(app.node)
    for i, one in enumerate(given):
        found = read_destination(one, known, f"$.destinations[{i}]")
        may_serve(key, *_rests_on(app, key, found))
        if found.id in before:
            may_serve(key, *_rests_on(app, key, before[found.id].destination))


def _defined(app: App, kept: Kept) -> DefinedDestination:
    name = kept.destination.id
    return DefinedDestination(name, kept.version, signing_secret(app.node, kept.destination).hex())


async def remove(app: App, request: Request) -> Reply:
    """Give a destination up: everybody leaves it."""
    key, name = app.access.server_key(request), request.parts[0]
    if key.purposes and (old := stored_destinations(app.node).get(name)):
        may_serve(key, *_rests_on(app, key, old.destination))
    await asyncio.to_thread(remove_destination, app.node, name, author=key.name, now=now_ms())
    return json_reply(Removed(name))


async def claim(app: App, request: Request) -> Reply:
    """The next message to a destination; it is in the caller's hands for two minutes."""
    return json_reply(await app.node.deliveries.work(request.as_type(Claim).destination, now=now_ms()))


async def report(app: App, request: Request) -> Reply:
    """A recipient answered."""
    told = request.as_type(Report)
    answer = Answer(told.outcome, job=told.job[:200], why=told.why[:200])
    return json_reply(Reported(await app.node.deliveries.report(told.destination, told.rounds, answer, now=now_ms())))


ROUTES = [
    Route("GET", "/v1/destinations", listed, "Destinations outside", None, Listed, right="destinations.read"),
    Route(
        "POST", "/v1/destinations", define, "Add or change destinations", Definitions, Defined,
        right="destinations.write",
    ),
    Route(
        "DELETE", "/v1/destinations/{destination}", remove, "Give a destination up; everybody leaves it", None, Removed,
        right="destinations.write",
    ),
    Route("POST", "/v1/outbox:claim", claim, "The next message to a destination", Claim, Work, right="owner"),
    Route("POST", "/v1/outbox:report", report, "What a recipient answered", Report, Reported, right="owner"),
]  # fmt: skip
