"""One-time links to a person's own pages, for the shop's session."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.reading import find_person, type_named
from genom.app.server import App
from genom.errors import NotFound

__all__ = ["ROUTES"]

_MINUTES: Final = 15


class PortalPerson(msgspec.Struct):
    """The person who is logged in to the shop: an identifier, or `person` and the public id."""

    type: str
    value: str


class PortalLink(msgspec.Struct):
    """A path that opens the person's pages once."""

    url: str
    expires_seconds: int


async def link(app: App, request: Request) -> Reply:
    """Make a link; whoever opens it first is let in as this person."""
    app.access.server_key(request)
    wanted = request.as_type(PortalPerson)
    kind = wanted.type if wanted.type == "person" else type_named(wanted.type)
    person = find_person(app.node, {kind: wanted.value})
    if not person:
        raise NotFound(
            "Nobody has this identifier.", why="no event or consent named it", fix="check its type and value"
        )
    name, now = app.node.public.name(person), now_ms()
    token = await asyncio.to_thread(app.sessions.make_link, "portal", name, now=now, minutes=_MINUTES)
    return json_reply(PortalLink(f"/me/enter?token={token}", _MINUTES * 60))


ROUTES = [
    Route("POST", "/v1/portal-links", link, "Make a one-time link to a person's own pages", PortalPerson, PortalLink)
]
