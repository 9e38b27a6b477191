"""Requests of people about their data: filing, listing, carrying out."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app.access import must_be_whole
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.rights.acting import Deed, act, hand_out
from genom.app.rights.asked import Asked
from genom.app.rights.filing import filed
from genom.app.server import App

__all__ = ["ROUTES"]


class Filing(msgspec.Struct, forbid_unknown_fields=True):
    """What a person asks for; `type` may be `person` with a public id."""

    kind: str
    type: str
    value: str
    region: str = ""  # "" = the first of deadlines.yaml
    note: str = ""
    proof: str = ""  # how it was proved already who asks


class Listed(Asked, frozen=True, kw_only=True):
    """A request, and how its date stands."""

    urgent: bool
    overdue: bool


class Requests(msgspec.Struct):
    """Requests, those that are due first on top."""

    requests: list[Listed]


async def file(app: App, request: Request) -> Reply:
    """File a request; one of the kind that is open already comes back as it is."""
    key, wanted = _whole_key(app, request), request.as_type(Filing)
    app.access.looks_up(key)
    asked = await filed(
        app, wanted.kind, wanted.type, wanted.value, via="api", who=f"key:{key.name}", region=wanted.region,
        note=wanted.note, proof=wanted.proof,
    )  # fmt: skip
    return json_reply(_listed(app, asked))


async def listed(app: App, request: Request) -> Reply:
    """Requests, the next due first; `?state=open` leaves out the closed ones."""
    _whole_key(app, request)
    given = request.parameters()
    found = await asyncio.to_thread(app.requests.listed, kind=given.get("kind", ""), state=given.get("state", ""))
    return json_reply(Requests([_listed(app, asked) for asked in found]))


async def one(app: App, request: Request) -> Reply:
    """One request."""
    _whole_key(app, request)
    return json_reply(_listed(app, await asyncio.to_thread(app.requests.get, request.parts[0])))


async def go_on(app: App, request: Request) -> Reply:
    """Ask for proof, start, extend, refuse, or do what is asked for."""
    key = _whole_key(app, request)
    return json_reply(_listed(app, await act(app, request.parts[0], request.as_type(Deed), who=f"key:{key.name}")))


async def copy(app: App, request: Request) -> Reply:
    """The copy that a request for access or portability asks for, as a ZIP file; the request is done with it."""
    key, given = _whole_key(app, request), request.parameters()
    language = "de" if given.get("language") == "de" else "en"
    packed = await hand_out(
        app, request.parts[0], who=f"key:{key.name}", language=language, proof=given.get("proof", "")
    )
    return Reply(200, packed, [(b"content-type", b"application/zip"), (b"cache-control", b"no-store")])


def _whole_key(app: App, request: Request) -> Key:
    """The key of a request; raises NotPermitted if it is limited to purposes: people ask about everything."""
    key = app.access.server_key(request)
    must_be_whole(key, "handle what people ask about their data")
    return key


def _listed(app: App, asked: Asked) -> Listed:
    now = now_ms()
    return Listed(
        **msgspec.structs.asdict(asked),
        urgent=asked.open and app.requests.deadlines.urgent(asked.due_at, now),
        overdue=asked.open and now > asked.due_at,
    )


ROUTES = [
    Route("POST", "/v1/requests", file, "File a person's request", Filing, Listed, right="requests.write"),
    Route(
        "GET", "/v1/requests", listed, "Requests by their dates", None, Requests, ("kind", "state"),
        right="requests.read",
    ),
    Route("GET", "/v1/requests/{request}", one, "One request", None, Listed, right="requests.read"),
    Route("POST", "/v1/requests/{request}", go_on, "Let a request go on", Deed, Listed, right="requests.write"),
    Route(
        "POST", "/v1/requests/{request}/copy", copy, "Hand out the copy that a request asks for", None, None,
        ("proof", "language"), right="requests.write",
    ),
]  # fmt: skip
