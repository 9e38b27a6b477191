"""One-time links to a person's own pages, for the shop's session."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

import msgspec

from genom.app import audit
from genom.app.access import must_be_whole
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.pages.who import identifiers_of
from genom.app.reading import find_person, type_named
from genom.app.server import App
from genom.errors import Forbidden, NotFound

__all__ = ["ROUTES"]

_MINUTES: Final = 15


class PortalPerson(msgspec.Struct):
    """The person who is logged in to the shop: an identifier, or `person` and the public id."""

    type: str
    value: str
    confirmed: Literal["", "login", "mail"] = ""  # a log-in just now, or a link mailed to an address known before


class PortalLink(msgspec.Struct):
    """A path that opens the person's pages once."""

    url: str
    expires_seconds: int


async def link(app: App, request: Request) -> Reply:
    """Make a link; whoever opens it first is let in as this person.

    A browser's id opens nothing as soon as a stronger identifier is linked to it.
    """
    key = app.access.server_key(request)
    must_be_whole(key, "open a person's own pages")
    app.access.looks_up(key)
    wanted = request.as_type(PortalPerson)
    kind = wanted.type if wanted.type == "person" else type_named(wanted.type)
    person = find_person(app.node, {kind: wanted.value})
    if not person:
        raise NotFound(
            "Nobody has this identifier.", why="no event or consent named it", fix="check its type and value"
        )
    if kind == "anonymous_id" and _is_known_better(app, person):
        raise Forbidden(
            "This browser belongs to somebody who has an account.",
            why="whoever knows a browser's id would see the whole account",
            fix="let them log in, and ask with the account's identifier",
            code="portal.log-in",
        )
    name, now = app.node.public.name(person), now_ms()
    token = await asyncio.to_thread(
        app.sessions.make_link, "portal", name, now=now, minutes=_MINUTES, confirmed=wanted.confirmed
    )
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "person.link_made", who=f"key:{key.name}", kind="person", name=name, at=now
    )
    return json_reply(PortalLink(f"{app.node.settings.public_url.rstrip('/')}/me/enter?token={token}", _MINUTES * 60))


def _is_known_better(app: App, person: int) -> bool:
    """Whether the person has any identifier beside those of browsers."""
    found = app.node.journal.rows_of(app.node.world.people.members(person))
    return any(kind != "anonymous_id" for _, kind, _ in identifiers_of(app.node, found))


ROUTES = [
    Route(
        "POST",
        "/v1/portal-links",
        link,
        "Make a one-time link to a person's own pages",
        PortalPerson,
        PortalLink,
        right="people.change",
    )
]
