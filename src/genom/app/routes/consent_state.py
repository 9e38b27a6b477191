"""How somebody's consents stand: until when they count, and from when on the person may be asked again."""

from __future__ import annotations

import msgspec

from genom.app.asking_again import Stands, stands_of
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.reading import find_person, rfc3339, type_named
from genom.app.routes.people import Identifier
from genom.app.server import App

__all__ = ["ROUTES"]


class Standing(msgspec.Struct, omit_defaults=True):
    """How a purpose stands for the person."""

    purpose: str
    state: str  # granted, expired, refused, open (never asked) or not_needed
    may_ask: bool  # whether a banner may ask for it now
    since: str | msgspec.UnsetType = msgspec.UNSET  # when it was granted or refused
    valid_until: str | msgspec.UnsetType = msgspec.UNSET  # when the grant runs out, or did
    ask_again_after: str | msgspec.UnsetType = msgspec.UNSET  # from when on a banner may ask


class Stood(msgspec.Struct):
    """How all purposes stand."""

    purposes: list[Standing]


async def state(app: App, request: Request) -> Reply:
    """How consents stand of whoever has an identifier; of nobody known everything is open."""
    key = app.access.server_key(request)
    app.access.looks_up(key)
    wanted = request.as_type(Identifier)
    person = find_person(app.node, {type_named(wanted.type): wanted.value})
    return _told(app, request, key, person)


async def of_person(app: App, request: Request) -> Reply:
    """How a person's consents stand."""
    key = app.access.server_key(request)
    return _told(app, request, key, app.access.person(key, request.parts[0]))


def _told(app: App, request: Request, key: Key, person: int) -> Reply:
    """All purposes, or those of a key that is limited to some."""
    now = now_ms()
    if person:
        app.access.reads(request, key, app.node.public.name(person), "consents")
    stands = stands_of(app.node, person, now=now, purposes=key.purposes or None)
    return json_reply(Stood([_standing(one, now) for one in stands]))


def _standing(one: Stands, now: int) -> Standing:
    told = Standing(one.purpose, one.state, may_ask=0 < one.ask_from <= now)
    told.since = rfc3339(one.since) if one.since else msgspec.UNSET
    told.valid_until = rfc3339(one.until) if one.until else msgspec.UNSET
    told.ask_again_after = rfc3339(one.ask_from) if one.ask_from and one.state != "open" else msgspec.UNSET
    return told


ROUTES = [
    Route(
        "POST", "/v1/consent:state", state, "Until when consents count, and when to ask again", Identifier, Stood,
        right="people.read",
    ),
    Route(
        "GET", "/v1/people/{person}/consent", of_person, "How a person's consents stand", gives=Stood,
        right="people.read",
    ),
]  # fmt: skip
