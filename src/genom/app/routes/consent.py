"""Consent: record a choice; it acts on the next read."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.permitting import subjects_of
from genom.app.server import App
from genom.consent import Entry
from genom.errors import BadRequest

__all__ = ["ROUTES"]


class Given(msgspec.Struct):
    """A person's choice for one purpose."""

    type: str
    value: str
    purpose: str
    granted: bool
    mechanism: str = "api"


class Many(msgspec.Struct):
    """Several choices in one request."""

    consents: list[Given]


class Recorded(msgspec.Struct):
    """What was recorded."""

    person: str
    purpose: str
    granted: bool


async def consent(app: App, request: Request) -> Reply:
    """Record one choice, or several as {"consents": [...]}."""
    key = app.access.server_key(request)
    many = request.as_type(msgspec.Raw)
    given = _given(bytes(many))
    for one in given:
        app.node.purposes.bit(one.purpose)
        if not one.type or not one.value or len(one.value) > 256 or len(one.type) > 40:
            raise BadRequest("The identifier cannot be used.", why="type and value must not be empty or too long", fix="correct them")
    recorded = await _record(app, given, actor=key.name)
    return json_reply(recorded[0] if len(recorded) == 1 and not _is_many(bytes(many)) else {"recorded": len(recorded)})


def _is_many(body: bytes) -> bool:
    return b'"consents"' in body


def _given(body: bytes) -> list[Given]:
    try:
        if _is_many(body):
            return msgspec.json.decode(body, type=Many).consents
        return [msgspec.json.decode(body, type=Given)]
    except msgspec.DecodeError as error:
        raise BadRequest("The body cannot be used.", why=str(error), fix="see /openapi.json for its form") from error


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
        person = node.world.people.person(person)
        node.choices.record(node.world.people.members(person), node.purposes.bit(one.purpose), one.granted)
        node.pipeline.permits.forget(person)
    app.counts["consents"] += len(given)
    return [Recorded(node.public.name(p), one.purpose, one.granted) for one, p in zip(given, persons, strict=True)]


ROUTES = [Route("POST", "/v1/consent", consent, "Record a choice", Given, Recorded)]
