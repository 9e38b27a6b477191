"""Recording choices: the ledger first, then the memory that reads look at; both before anybody hears that it is done.

No erasure comes between the two: in the ledger as in memory a choice is before it or after it.
One way for the API, the person's own pages and whatever else lets people choose.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from genom.app.batch import Batch
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.permitting import holder_of, subjects_of
from genom.app.pipeline import Staged
from genom.app.reading import find_person
from genom.app.server import App
from genom.consent import (
    BANNER,
    CHOICE,
    ENDED,
    LIFTED,
    MINOR,
    OF_AGE,
    REGION,
    RESTRICTION,
    RESTRICTION_LIFTED,
    Entry,
    take,
)
from genom.errors import Gone
from genom.words import Source

__all__ = [
    "Chosen",
    "record_browsers_objection",
    "record_choices",
    "record_entries",
    "record_minor",
    "record_region",
    "record_restriction",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A person's choice for one purpose."""

    person: int
    purpose: str
    granted: bool
    mechanism: str  # how it was made, such as "api" or "portal"
    evidence: str = ""  # the signal as it came
    act: str = CHOICE  # of the ledger: OBJECTION and ENDED go with `granted=False`
    at: int = 0  # unix ms; when it was made, if that was before it is recorded
    late: bool = False  # it is only heard of now: what was chosen since `at` stands
    message: str = ""  # keyed hash of the id that its sender gave it, hex
    source: str = ""  # LIFTED with `granted=False`: their refusal ends, and they have no choice


async def record_choices(app: App, choices: Sequence[Chosen], *, actor: str) -> None:
    """Record choices, all or none; they act on every read that begins after this returns.

    One whose message came before is on record already, and what was chosen since stands; so does what was chosen since
    a late one was made.
    Raises Gone if somebody of these was erased meanwhile.
    """
    node, now = app.node, now_ms()
    async with node.choosing:
        choices = _newest(node, _new(node, choices))
        entries = [
            Entry(
                at=min(one.at or now, now), subjects=_subjects(node, one.person), purpose=one.purpose,
                granted=one.granted, text=node.purposes.text_hash(one.purpose), mechanism=one.mechanism[:40],
                source=one.source, actor=actor, act=one.act, evidence=one.evidence,
                message=one.message,
            )
            for one in choices
        ]  # fmt: skip
        await _append(app, entries)
        for one, entry in zip(choices, entries, strict=True):
            _take_in(node, one, entry)
    await _follow(app, [one.person for one in choices], now=now)
    app.counts["consents"] += len(choices)


def _new(node: Node, choices: Sequence[Chosen]) -> list[Chosen]:
    """Those that did not come before, nor earlier among them."""
    first = {one.message: one for one in reversed(choices) if one.message}
    return [
        one
        for one in choices
        if not one.message or (first[one.message] is one and one.message not in node.choices.heard)
    ]


def _newest(node: Node, choices: Sequence[Chosen]) -> Sequence[Chosen]:
    """Those that no later choice has replaced, the late ones in the order in which they were made."""
    if not any(one.late for one in choices):
        return choices
    late = sorted((one for one in choices if one.late and not _replaced(node, one)), key=lambda one: one.at)
    return [*late, *(one for one in choices if not one.late)]


def _replaced(node: Node, one: Chosen) -> bool:
    members = node.world.people.members(node.world.people.person(one.person))
    return node.choices.when(members, node.purposes.bit(one.purpose)) > one.at


def _take_in(node: Node, one: Chosen, entry: Entry) -> None:
    node.choices.heard.add(entry.message)
    person = node.world.people.person(one.person)  # a link may have come meanwhile
    node.outcomes.unlearning.choosing(person, entry)
    members, bit = node.world.people.members(person), node.purposes.bit(one.purpose)
    if one.act == ENDED:
        node.choices.end(members, bit)
    elif one.source == LIFTED:
        node.choices.forget(members, bit)
    else:
        said = one.mechanism == BANNER and one.act == CHOICE
        node.choices.record(members, bit, one.granted, at=entry.at, banner=said)
    node.pipeline.permits.forget(person)


async def record_restriction(app: App, person: int, *, on: bool, actor: str, mechanism: str) -> None:
    """From now on a person's data are stored and nothing else, or they may be used as the person chose again."""
    act, choices = RESTRICTION if on else RESTRICTION_LIFTED, app.node.choices
    await _record_act(app, person, act, partial(choices.restrict, on=on), actor=actor, mechanism=mechanism)


async def record_minor(app: App, person: int, *, on: bool, actor: str, mechanism: str) -> None:
    """The person is known to be a minor, or is of age; nobody works that out from what they do."""
    act, choices = MINOR if on else OF_AGE, app.node.choices
    await _record_act(app, person, act, partial(choices.note_minor, on=on), actor=actor, mechanism=mechanism)


async def record_region(app: App, person: int, region: str, *, actor: str, mechanism: str) -> None:
    """The person is in a region from now on, or in none that is known; a stricter law acts on the next read."""
    node = app.node
    at = max(now_ms(), node.choices.grounds.since(node.world.people.members(person)))  # also if the clock went back
    place = partial(node.choices.grounds.place, region=region, at=at)
    await _record_act(app, person, REGION, place, actor=actor, mechanism=mechanism, region=region, at=at)


async def _record_act(
    app: App, person: int, act: str, fold: Callable[[Sequence[int]], None], *, actor: str, mechanism: str,
    region: str = "", at: int = 0,
) -> None:  # fmt: skip
    node, now = app.node, now_ms()
    async with node.choosing:
        entry = Entry(
            at=at or now, subjects=_subjects(node, person), purpose="", granted=False, text="",
            mechanism=mechanism[:40], actor=actor, act=act, region=region,
        )  # fmt: skip
        await _append(app, [entry])
        person = node.world.people.person(person)
        node.outcomes.unlearning.choosing(person, entry)
        fold(node.world.people.members(person))
        node.pipeline.permits.forget(person)
    await _follow(app, [person], now=now)


async def record_browsers_objection(
    app: App, ids: Mapping[str, str], source: Source, *, server: bool, objection: str
) -> None:
    """Whoever has these identifiers objects by a header with something else than events: as at collection."""
    node = app.node

    def stage() -> Staged:
        person = find_person(node, ids)  # who is known by now, if anybody still is
        node.pipeline.permits.refuse_sale([person], Batch([], source, server, objection), now=now_ms())
        return node.pipeline.stage_facts()

    await app.committer.submit_facts(stage)
    if person := find_person(node, ids):
        await _follow(app, [person], now=now_ms())


async def record_entries(app: App, person: int, entries: list[Entry]) -> None:
    """Record what somebody else has recorded of a person, with its own times; it folds as at a start."""
    node, profile_of = app.node, partial(holder_of, app.node.world)
    async with node.choosing:
        _subjects(node, person)  # who is there still
        await _append(app, entries)
        for entry in entries:
            node.outcomes.unlearning.choosing(person, entry)
            take(node.choices, entry, purposes=node.purposes, profile_of=profile_of)
        node.pipeline.permits.forget(person)
    await _follow(app, [person], now=now_ms())


def _subjects(node: Node, person: int) -> tuple[str, ...]:
    """The ledger's names for a person; raises Gone for one who was erased before the turn of their choice came."""
    if not node.world.people.person(person):
        raise Gone(
            "This person was erased.", why="it happened before the choice was recorded",
            fix="record it again if it is of whoever has the identifier now",
        )  # fmt: skip
    return subjects_of(node.world, person)


async def _append(app: App, entries: list[Entry]) -> None:
    try:
        await asyncio.to_thread(app.node.ledger.append, entries)
    except OSError as error:  # what reached the disk is unknown
        app.committer.end(error)


async def _follow(app: App, persons: Sequence[int], *, now: int) -> None:
    """What rests on permissions learns of the change before anybody hears that it is done."""
    node = app.node
    node.segments.permissions_changed([node.world.people.person(person) for person in persons], now=now)
    if node.outcomes.unlearning.waits:
        await app.committer.between(node.outcomes.agree)
