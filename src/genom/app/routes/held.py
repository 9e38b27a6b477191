"""Where something is held of a person or of an identifier, without what it says."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app.access import must_be_whole, reason_of
from genom.app.holders import subject_of_identifier
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App
from genom.privacy import Found

__all__ = ["ROUTES"]


class Named(msgspec.Struct):
    """An identifier, or a public id as `person`."""

    type: str
    value: str


class Stored(msgspec.Struct):
    """What a store has."""

    store: str
    found: list[Found]


class Held(msgspec.Struct):
    """What there is, store by store; those that have nothing are left out."""

    person: str | None  # whom the identifier names; none = nobody
    stores: list[Stored]


async def find(app: App, request: Request) -> Reply:
    """What each store holds of a person, by what it is and how often; also of an identifier that names nobody."""
    key = app.access.server_key(request)
    must_be_whole(key, "ask every store")
    app.access.looks_up(key)
    reason_of(request, key)
    wanted = request.as_type(Named)
    subject = await asyncio.to_thread(subject_of_identifier, app.node, wanted.type, wanted.value)
    person = app.node.public.name(subject.person) if subject.person else None
    if person:
        app.access.reads(request, key, person, "held")
    stores = await asyncio.to_thread(
        lambda: [Stored(one.name, list(one.find(subject))) for one in app.erasing.holders]
    )  # fmt: skip
    return json_reply(Held(person, [one for one in stores if one.found]))


ROUTES = [
    Route("POST", "/v1/people:find", find, "What each store holds of a person", Named, Held, right="people.find"),
]
