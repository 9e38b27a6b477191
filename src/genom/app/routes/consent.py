"""Consent: record a choice; it acts on the next read."""

from __future__ import annotations

from typing import Final

import msgspec

from genom.app.access import may_serve, must_be_whole
from genom.app.consenting import Chosen, record_choices, record_minor, record_region
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.node import Node
from genom.app.permitting import names_of
from genom.app.reading import find_person, instant, type_named
from genom.app.server import App
from genom.consent import BANNER
from genom.errors import BadRequest, Gone, NotFound

__all__ = ["ROUTES"]

_LONGEST: Final = 256  # characters of an identifier, as in collection


class Given(msgspec.Struct):
    """A person's choice for one purpose."""

    type: str
    value: str
    purpose: str
    granted: bool
    mechanism: str = "api"
    messageId: str = ""  # of this choice: sent again with it, it is recorded once
    at: str = ""  # when it was made, if that was earlier: what the person has chosen since stands


class _Body(msgspec.Struct):
    """Several choices in one request, or none if it is one choice by itself."""

    consents: list[Given] | msgspec.UnsetType = msgspec.UNSET


class Recorded(msgspec.Struct):
    """What was recorded."""

    person: str
    purpose: str
    granted: bool


class Age(msgspec.Struct):
    """Whether somebody is known to be a minor."""

    type: str
    value: str
    minor: bool


class Noted(msgspec.Struct):
    """What was noted."""

    person: str
    minor: bool


class Lives(msgspec.Struct):
    """In which country somebody is; null: nobody knows."""

    type: str
    value: str
    country: str | None


class Placed(msgspec.Struct):
    """Which region's law counts for somebody from now on; null: the strictest of all."""

    person: str
    region: str | None


async def consent(app: App, request: Request) -> Reply:
    """Record one choice, or several as {"consents": [...]}.

    One with a `messageId` that came before is not recorded again, so that who got no answer can send it anew.
    One with a time that lies before a choice that is on record, or before an erasure that ended it, changes nothing.
    A key for purposes records none about others, refusals no more than grants: a refusal outlives even an erasure.
    """
    key = app.access.server_key(request)
    several = request.as_type(_Body).consents
    given = [request.as_type(Given)] if several is msgspec.UNSET else several
    for one in given:
        may_serve(key, one.purpose)
        if app.node.purposes.bit(one.purpose) & app.node.purposes.fixed and not one.granted:
            raise BadRequest(
                f"The purpose {one.purpose!r} cannot be refused.",
                why="the service itself rests on it, and it needs no consent",
                fix="leave it out; erasure ends it",
                code="consent.not-objectable",
            )
        if one.mechanism == BANNER:
            raise BadRequest(
                f"The mechanism {BANNER!r} cannot be given.",
                why="a TC string takes back what another one refused, and no other choice may pass for one",
                fix="send the string to POST /v1/consent/tc, or name another mechanism",
                code="consent.mechanism-reserved",
            )
        one.type = _usable(one.type, one.value)
    counting = [one for one in given if not _ended(app.node, one)]
    if given and not counting and several is msgspec.UNSET:
        raise Gone("This choice was made before the person was erased.", why="an erasure ends what was granted",
                   fix="send what they chose since")  # fmt: skip
    recorded = await _record(app, counting, actor=key.name, source=key.source) if counting else []
    return json_reply(recorded[0] if several is msgspec.UNSET else {"recorded": len(recorded)})


def _ended(node: Node, one: Given) -> bool:
    """Whether it is a grant of before its person's erasure: the identifier names nobody by it."""
    if not (one.at and one.granted):
        return False
    (subject,) = names_of(node.world, [(one.type, one.value)])
    return instant(one.at) <= node.choices.erased.get(subject, -1)


def _usable(kind: str, value: str) -> str:
    """The type of an identifier; raises BadRequest for one that cannot be used."""
    if not 0 < len(value) <= _LONGEST:
        raise BadRequest(
            "The identifier cannot be used.", why=f"its value must have 1 to {_LONGEST} characters", fix="correct it"
        )
    return type_named(kind)


async def _record(app: App, given: list[Given], *, actor: str, source: int) -> list[Recorded]:
    node, identifiers = app.node, [(one.type, one.value) for one in given]
    await app.committer.submit_facts(lambda: node.pipeline.stage_facts(identifiers))
    persons = [node.world.people.person(node.world.profiles.find(*identifier)) for identifier in identifiers]
    chosen = [
        Chosen(
            person=person,
            purpose=one.purpose,
            granted=one.granted,
            mechanism=one.mechanism,
            message=_message(node, one.messageId, source),
            at=instant(one.at) if one.at else 0,
            late=bool(one.at),
        )
        for one, person in zip(given, persons, strict=True)
    ]
    await record_choices(app, chosen, actor=actor)
    return [Recorded(node.public.name(p), one.purpose, one.granted) for one, p in zip(given, persons, strict=True)]


def _message(node: Node, given: str, source: int) -> str:
    """An id as the ledger has it: each source numbers its choices by itself, apart from its events."""
    if not given:
        return ""
    (low, high), *_ = node.world.dedupe.keys([b"choice\0%d\0%s" % (source, given.encode())]).tolist()
    return f"{high:016x}{low:016x}"


async def minor(app: App, request: Request) -> Reply:
    """Note that a person is a minor, or that they are of age: the shop knows it, Genom never works it out."""
    key, wanted = app.access.server_key(request), request.as_type(Age)
    must_be_whole(key, "note who is a minor")
    app.access.looks_up(key)
    person = find_person(app.node, {wanted.type: wanted.value})
    if not person:
        raise NotFound("Nobody has this identifier.", why="no event or consent named it", fix="check type and value")
    await record_minor(app, person, on=wanted.minor, actor=key.name, mechanism="api")
    return json_reply(Noted(app.node.public.name(person), wanted.minor))


async def region(app: App, request: Request) -> Reply:
    """Note in which country a person is, and so which law counts; a country that the table lacks has the strictest."""
    key, wanted, node = app.access.server_key(request), request.as_type(Lives), app.node
    must_be_whole(key, "note where people are")
    if (regions := node.purposes.regions) is None:
        raise BadRequest(
            "Nobody has a region here.",
            why="purposes.yaml has no table of countries, so the strictest legal basis counts for everybody",
            fix="add the part 'regions' to purposes.yaml and start again",
            code="consent.no-regions",
        )
    identifier = _usable(wanted.type, wanted.value), wanted.value
    await app.committer.submit_facts(lambda: node.pipeline.stage_facts([identifier]))
    person, found = node.world.people.person(node.world.profiles.find(*identifier)), regions.region_of(wanted.country)
    await record_region(app, person, found, actor=key.name, mechanism="api")
    return json_reply(Placed(node.public.name(person), found or None))


ROUTES = [
    Route(
        "POST", "/v1/consent/region", region, "Note in which country a person is", Lives, Placed, right="people.change"
    ),
    Route("POST", "/v1/consent/minor", minor, "Note that a person is a minor", Age, Noted, right="people.change"),
    Route("POST", "/v1/consent", consent, "Record a choice", Given, Recorded, right="people.change"),
]
