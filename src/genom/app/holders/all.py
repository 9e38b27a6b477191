"""All holders of a node, in the order in which an erasure asks them, and whom it asks them about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from genom.app.holders.catalogue import CatalogueHolder
from genom.app.holders.consents import ConsentHolder
from genom.app.holders.destinations import DestinationHolder
from genom.app.holders.genome import GenomeHolder
from genom.app.holders.journal import JournalHolder
from genom.app.holders.keys import KeyHolder
from genom.app.holders.models import ModelHolder
from genom.app.holders.outcomes import OutcomeHolder
from genom.app.holders.rejected import RejectedHolder
from genom.app.holders.requests import RequestHolder
from genom.app.holders.segments import SegmentHolder
from genom.app.holders.vault import VaultHolder
from genom.app.looks import Looks
from genom.app.node import Node
from genom.app.pages.sessions import Sessions
from genom.app.permitting import names_of, subjects_of
from genom.app.pipeline import vault_place
from genom.app.reading import find_person, type_named
from genom.app.rights.requests import Requests
from genom.privacy import Holder, Subject
from genom.words import DIRECT_TYPES, Identifier, Kind

__all__ = ["NOT_PERSONAL", "all_holders", "subject_of_identifier", "subject_of_person", "whole"]


NOT_PERSONAL: Final[Mapping[str, str]] = {
    "ledger.head": "how long the ledger is, and the hash of its last entry",
    "keys.json": "the first keys of programs",
    "keys/secrets.json": "keys behind hashes; they say nothing of anybody without the stores",
    "keys/days.json": "keys of the days of refused events",
    "keys/signing.key": "the key that signs receipts",
    "lock": "who holds the directory",
    "lock.state": "who writes files that an erasure waits for",
    "restore.unfinished": "that a backup is being restored",
    "node.json": "process and address of the node",
    "imports/*": "how far files are imported that were interrupted: numbers, and a hash of each file",
    "*.yaml": "what the operator configures",
    "*.yaml.new": "the same, while it is written",
}
"""Files of a data directory that no holder owns, and why they need none."""


def all_holders(node: Node, sessions: Sessions, requests: Requests, looks: Looks) -> list[Holder]:
    """Who keeps personal data.

    What learned from the person's rows unlearns them first; then memory forgets, then the rows go.
    """
    return [
        OutcomeHolder(node),
        ModelHolder(node),
        ConsentHolder(node),
        GenomeHolder(node),
        SegmentHolder(node),
        KeyHolder(node),
        JournalHolder(node),
        VaultHolder(node),
        RejectedHolder(node),
        DestinationHolder(node),
        RequestHolder(requests),
        CatalogueHolder(node, sessions, looks),
    ]


def subject_of_person(node: Node, person: int) -> Subject:
    """A person as all holders know them; reads the journal and the vault."""
    world = node.world
    members = world.people.members(person)
    found, known = node.journal.rows_of(members), set[Identifier]()
    for index in (found.rows["kind"] == Kind.IDENTIFIER).nonzero()[0].tolist():
        body = msgspec.json.decode(node.journal.body(found.places[index]) or b"{}")
        if body.get("type") not in DIRECT_TYPES and "value" in body:
            known.add(Identifier(body["type"], body["value"]))
    for profile in members:
        known |= {Identifier(*one) for one in node.vault.get(vault_place(world, profile)).items()}
    return Subject(
        person=person,
        profiles=members,
        public=tuple(node.public.name(profile) for profile in members),
        tokens=subjects_of(world, person),
        identifiers=tuple(sorted(known)),
    )


def subject_of_identifier(node: Node, kind: str, value: str) -> Subject:
    """Whom an identifier names; where it names nobody, what may stand under its hash or its value.

    Reads the journal and the vault.  Raises BadRequest for a type that no event can have.
    """
    if person := find_person(node, {kind: value}):
        return subject_of_person(node, person)
    if kind == "person":  # a public id of nobody
        return Subject(person=0, profiles=(), public=(), tokens=(), identifiers=())
    named = type_named(kind), value
    return Subject(
        person=0, profiles=(), public=(), tokens=names_of(node.world, [named]), identifiers=(Identifier(*named),)
    )


def whole(node: Node, subject: Subject) -> Subject:
    """The subject with whoever was linked to the person since; the same if nobody was."""
    world = node.world
    persons = {world.people.person(one) for one in subject.profiles if world.profiles.exists(one)}
    if all(set(world.people.members(person)) <= set(subject.profiles) for person in persons):
        return subject
    parts = [subject, *(subject_of_person(node, person) for person in sorted(persons))]
    named = {
        profile: (public, token)
        for part in parts
        for profile, public, token in zip(part.profiles, part.public, part.tokens, strict=True)
    }
    return Subject(
        person=subject.person,
        profiles=tuple(named),
        public=tuple(public for public, _ in named.values()),
        tokens=tuple(token for _, token in named.values()),
        identifiers=tuple(sorted({identifier for part in parts for identifier in part.identifiers})),
    )
