"""A profile is split off its person, and a split is taken back: both are facts of the journal.

The row of a split says which links it ended and who the person was, so that exactly this can be restored, once.
"""

from __future__ import annotations

import asyncio

import msgspec
import numpy as np

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pipeline import Staged
from genom.app.server import App
from genom.errors import BadRequest
from genom.typed import from_json
from genom.words import Flag, Kind

__all__ = ["Parted", "split_off", "undo_split", "undoable"]


class Parted(msgspec.Struct, frozen=True):
    """The body of a split's row; numbers of profiles."""

    links: list[int]  # that the profile was linked with
    whole: list[int]  # all profiles of the person before


async def split_off(app: App, profile: int, *, who: str) -> list[int]:
    """Undo a profile's links; returns the persons that come of it, none if it had no link."""
    person, persons = app.node.world.people.person(profile), list[int]()
    await app.committer.submit_facts(lambda: _split(app.node, profile, persons))
    if persons:
        await _record(app.node, "person.split", person, profile, who)
    return persons


async def undo_split(app: App, profile: int, *, who: str) -> int:
    """Take a profile's last split back, once; returns the person.  Raises BadRequest if there is nothing to undo."""
    persons = list[int]()
    await app.committer.submit_facts(lambda: _rejoin(app.node, profile, persons))
    if not persons:
        raise BadRequest(
            "There is no split to undo.",
            why="the identifier was never split off, its split was undone before, or it was linked anew since",
            fix="an event of a server that names both identifiers links them again",
            code="identity.no-split",
        )
    await _record(app.node, "person.rejoined", persons[0], profile, who)
    return persons[0]


async def _record(node: Node, action: str, person: int, profile: int, who: str) -> None:
    await asyncio.to_thread(
        audit.record,
        node.catalogue,
        action,
        who=who,
        kind="person",
        name=node.public.name(person),
        at=now_ms(),
        details={"profile": node.public.name(profile)},
    )


def _split(node: Node, profile: int, persons: list[int]) -> Staged:
    """Undo a profile's links: the persons that come of it are refolded, and added to `persons`."""
    people = node.world.people
    before, parted = people.person(profile), Parted(people.partners(profile), list(people.members(profile)))
    if not parted.links:
        return node.pipeline.stage_facts()
    node.outcomes.unlearning.changing(before)
    persons += people.unlink(profile)
    _refold(node, persons, forget=[before, *persons])
    return node.pipeline.stage_facts(unlink=(profile, msgspec.json.encode(parted)))


def _rejoin(node: Node, profile: int, persons: list[int]) -> Staged:
    """Take a profile's split back: the person is refolded and added to `persons`; nothing happens if it cannot be."""
    if (parted := undoable(node, profile)) is None:
        return node.pipeline.stage_facts()
    people, pairs = node.world.people, [(profile, other) for other in parted.links]
    before = [people.person(one) for one in (profile, *parted.links)]
    node.world.pending.forget(pairs)
    for person in dict.fromkeys(before):
        node.outcomes.unlearning.changing(person)
    for pair in pairs:
        node.world.link(*pair)
    persons.append(people.person(profile))
    _refold(node, persons, forget=before)
    return node.pipeline.stage_facts(links=pairs)


def undoable(node: Node, profile: int) -> Parted | None:
    """What the profile's last split ended, if it is still the last word and nobody else has come in since.

    Devices that came in since say nothing of who uses them and are no hindrance; any other identifier is.
    """
    found = node.journal.rows_of([profile])
    splits = np.flatnonzero(found.rows["kind"] == Kind.UNLINK).tolist()
    body = node.journal.body(found.places[splits[-1]]) if splits else b""
    if not body:  # never split, or by a Genom that did not write down what it ended
        return None
    parted = from_json(body, Parted)
    together = {member for one in (profile, *parted.links) for member in node.world.people.members(one)}
    if any(node.world.profiles.known(stranger) for stranger in together - set(parted.whole)):
        return None
    return None if _said_since(node, profile, parted, int(found.rows["sequence"][splits[-1]])) else parted


def _said_since(node: Node, profile: int, parted: Parted, sequence: int) -> bool:
    """Whether a later fact links the profile with one of the others, or splits one of them off."""
    rows = node.journal.rows_of([profile, *parted.links]).rows
    rows = rows[rows["sequence"] > sequence]
    links = rows[(rows["kind"] == Kind.LINK) & (rows["flags"] & Flag.PENDING == 0)]
    pairs = {frozenset(pair) for pair in zip(links["profile"].tolist(), links["item"].tolist(), strict=True)}
    undone = {frozenset((profile, other)) for other in parted.links} & pairs
    return bool(undone) or bool((rows["kind"] == Kind.UNLINK).any())


def _refold(node: Node, persons: list[int], *, forget: list[int]) -> None:
    for person in forget:
        node.pipeline.permits.forget(person)
    for person in persons:
        node.world.refold(person, node.journal, now=now_ms())
