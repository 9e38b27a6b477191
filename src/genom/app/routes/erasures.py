"""Erasing people, and the receipts of it."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from genom.app.access import must_be_whole
from genom.app.holders import subject_of_person
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.reading import find_person
from genom.app.server import App
from genom.errors import BadRequest, NotFound
from genom.privacy import Receipt

__all__ = ["ROUTES"]

_MOST: Final = 100
_REASON: Final = 500  # characters, as in the audit log


class Wanted(msgspec.Struct):
    """Whom to erase, and why."""

    type: str
    value: str
    reason: str = ""


class Receipts(msgspec.Struct):
    """The newest receipts, newest first."""

    erasures: list[Receipt]


async def erase(app: App, request: Request) -> Reply:
    """Erase the person with an identifier: at once for every reader, in the files in the background."""
    key = app.access.server_key(request)
    must_be_whole(key, "erase people")
    app.access.looks_up(key)
    wanted = request.as_type(Wanted)
    if len(wanted.reason) > _REASON:
        raise BadRequest("The reason is too long.", why=f"it has more than {_REASON} characters", fix="shorten it")
    person = find_person(app.node, {wanted.type: wanted.value})
    if not person:
        raise NotFound(
            "Nobody has this identifier.",
            why="no event or consent named it, or its person was erased before",
            fix="check its type and value",
            code="erasure.nobody",
        )
    subject = await asyncio.to_thread(subject_of_person, app.node, person)
    return json_reply(await app.erasing.erase(subject, who=f"key:{key.name}", reason=wanted.reason))


async def receipt(app: App, request: Request) -> Reply:
    """What has become of an erasure."""
    app.access.server_key(request)
    return json_reply(app.erasing.intents.receipt(request.parts[0]))


async def receipts(app: App, request: Request) -> Reply:
    """The newest erasures."""
    app.access.server_key(request)
    return json_reply(Receipts(app.erasing.intents.receipts(most=_MOST)))


ROUTES = [
    Route(
        "POST",
        "/v1/people:erase",
        erase,
        "Erase a person; the answer is the receipt",
        Wanted,
        Receipt,
        right="people.erase",
    ),
    Route("GET", "/v1/erasures", receipts, "The newest erasures", None, Receipts, right="erasures.read"),
    Route("GET", "/v1/erasures/{receipt}", receipt, "The receipt of an erasure", None, Receipt, right="erasures.read"),
]
