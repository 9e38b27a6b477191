"""Consent: record a choice; it acts on the next read."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.permitting import subjects_of
from genom.app.reading import type_named
from genom.app.server import App
from genom.consent import Entry
from genom.errors import BadRequest

__all__ = ["ROUTES"]

_LONGEST: Final = 256  # characters of an identifier, as in collection


class Given(msgspec.Struct):
    """A person's choice for one purpose."""

    type: str
    value: str
    purpose: str
    granted: bool
    mechanism: str = "api"


class _Body(msgspec.Struct):
    """Several choices in one request, or none if it is one choice by itself."""

    consents: list[Given] | msgspec.UnsetType = msgspec.UNSET


class Recorded(msgspec.Struct):
    """What was recorded."""

    person: str
    purpose: str
    granted: bool


async def consent(app: App, request: Request) -> Reply:
    """Record one choice, or several as {"consents": [...]}."""
    key = app.access.server_key(request)
    several = request.as_type(_Body).consents
    given = [request.as_type(Given)] if several is msgspec.UNSET else several
    for one in given:
        if app.node.purposes.bit(one.purpose) & app.node.purposes.fixed and not one.granted:
            raise BadRequest(
                f"The purpose {one.purpose!r} cannot be refused.",
                why="the service itself rests on it, and it needs no consent",
                fix="leave it out; erasure ends it",
                code="consent.not-objectable",
            )
        one.type = type_named(one.type)
        if not 0 < len(one.value) <= _LONGEST:
            raise BadRequest(
                "The identifier cannot be used.",
                why=f"its value must have 1 to {_LONGEST} characters",
                fix="correct it",
            )
    recorded = await _record(app, given, actor=key.name)
    return json_reply(recorded[0] if several is msgspec.UNSET else {"recorded": len(recorded)})


async def _record(app: App, given: list[Given], *, actor: str) -> list[Recorded]:
    """Ledger first, then the memory that reads look at; both before the answer."""
    node, now = app.node, now_ms()
    identifiers = [(one.type, one.value) for one in given]
    await app.committer.submit_facts(lambda: node.pipeline.stage_facts(identifiers))
    persons = [node.world.people.person(node.world.profiles.find(*identifier)) for identifier in identifiers]
    entries = [
        Entry(
            at=now, subjects=subjects_of(node.world, person), purpose=one.purpose, granted=one.granted,
            text=node.purposes.text_hash(one.purpose), mechanism=one.mechanism[:40], source="", actor=actor,
        )
        for one, person in zip(given, persons, strict=True)
    ]  # fmt: skip
    try:
        await asyncio.to_thread(node.ledger.append, entries)
    except OSError as error:  # what reached the disk is unknown
        app.committer.end(error)
    for one, person in zip(given, persons, strict=True):
        now_person = node.world.people.person(person)  # a link may have come meanwhile
        node.choices.record(node.world.people.members(now_person), node.purposes.bit(one.purpose), one.granted)
        node.pipeline.permits.forget(now_person)
    app.counts["consents"] += len(given)
    return [Recorded(node.public.name(p), one.purpose, one.granted) for one, p in zip(given, persons, strict=True)]


ROUTES = [Route("POST", "/v1/consent", consent, "Record a choice", Given, Recorded)]
