"""People: look up, genome, events, a copy of everything, split and its undoing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from genom.app import audit
from genom.app.access import may_serve, must_be_whole, reason_of
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.decisions.deciding import decisions_of
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.parting import split_off, undo_split
from genom.app.reading import events_of, find_person, instant, person_number, rfc3339, type_named, view_of
from genom.app.rights.copy_file import MOST_BYTES
from genom.app.rights.handing_out import copy_for
from genom.app.rights.taking import Taken, take_copy
from genom.app.server import App
from genom.errors import BadRequest, NotFound
from genom.genome import Read

__all__ = ["ROUTES"]

_MOST: Final = 100_000  # events in one answer


class Identifier(msgspec.Struct):
    """A name under which a person is known."""

    type: str
    value: str


class Found(msgspec.Struct):
    """The person's public id."""

    person: str


class GeneValue(msgspec.Struct, omit_defaults=True):
    """One gene of a person; a withheld or unknown one has no value."""

    id: str
    family: str
    label: str
    unit: str
    state: str
    value: float | str | msgspec.UnsetType | None = msgspec.UNSET
    cells: dict[str, float] | msgspec.UnsetType = msgspec.UNSET


class Genome(msgspec.Struct):
    """A person's genome for a purpose at a moment."""

    person: str
    as_of: str
    purpose: str
    genes: list[GeneValue]


async def lookup(app: App, request: Request) -> Reply:
    """The person whom an identifier names."""
    key = app.access.server_key(request)
    app.access.looks_up(key)
    wanted = request.as_type(Identifier)
    person = find_person(app.node, {wanted.type: wanted.value})
    app.access.serving(key, person)
    if not person:
        raise NotFound(
            "Nobody has this identifier.", why="no event or consent named it", fix="check its type and value"
        )
    app.access.reads(request, key, app.node.public.name(person), "lookup")
    return json_reply(Found(app.node.public.name(person)))


async def genome(app: App, request: Request) -> Reply:
    """The genome of a person."""
    key = app.access.server_key(request)
    parameters = request.parameters()
    purpose = parameters.get("purpose") or key.purpose
    if not purpose:
        raise BadRequest(
            "Reading a genome names a purpose.", why="the key has no default", fix="add ?purpose=personalise_onsite"
        )
    app.node.purposes.bit(purpose)
    may_serve(key, purpose)
    person = app.access.person(key, request.parts[0])
    app.access.reads(request, key, app.node.public.name(person), "genome")
    view = view_of(app.node, person, purpose=purpose, at=instant(parameters["at"]) if "at" in parameters else None)
    language = "de" if parameters.get("language") == "de" else "en"
    predictions = app.node.models.reads(person, view, purpose=purpose)
    genes = [_gene(read, language) for read in (*view, *predictions)]
    return json_reply(Genome(app.node.public.name(person), rfc3339(view.at), purpose, genes))


def _gene(read: Read, language: str) -> GeneValue:
    gene = GeneValue(read.gene.id, read.gene.family, read.gene.label[language], read.gene.unit, read.state)
    if read.cells is not None:
        gene.cells = read.cells
        gene.value = None
    elif read.state == "known":
        gene.value = read.value
    return gene


async def events(app: App, request: Request) -> Reply:
    """The events of a person, newest first."""
    key = app.access.server_key(request)
    text = request.parameters().get("limit", "100")
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= _MOST):
        raise BadRequest(
            f"The limit {text[:20]!r} cannot be used.", why=f"it is a number from 1 to {_MOST}", fix="change ?limit="
        )
    person = app.access.person(key, request.parts[0])
    serving = app.access.serving(key, person)
    app.access.reads(request, key, app.node.public.name(person), "events")
    return Reply(200, _streamed(events_of(app.node, person, limit=int(text), serving=serving)))


def _streamed(found: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield b'{"events":['
    waiting: list[bytes] = []
    first = True
    for event in found:
        waiting.append((b"" if first else b",") + msgspec.json.encode(event))
        first = False
        if len(waiting) == 200:
            yield b"".join(waiting)
            waiting = []
    yield b"".join(waiting) + b"]}"


async def decisions(app: App, request: Request) -> Reply:
    """The last decisions about a person, newest first."""
    key = app.access.server_key(request)
    person = app.access.person(key, request.parts[0])
    app.access.reads(request, key, app.node.public.name(person), "decisions")
    return json_reply({"decisions": decisions_of(app.node, person, limit=100, purposes=key.purposes)})


async def copy(app: App, request: Request) -> Reply:
    """Everything that is held of a person, as a ZIP file; each call is one row of the audit log."""
    key = app.access.server_key(request)
    must_be_whole(key, "read a copy of everything")
    language = "de" if request.parameters().get("language") == "de" else "en"
    person = person_number(app.node, request.parts[0])
    packed = await copy_for(app.node, person, language=language, who=f"key:{key.name}", reason=reason_of(request, key))
    name = f'attachment; filename="{app.node.public.name(person)}.zip"'.encode()
    kind = [(b"content-type", b"application/zip"), (b"content-disposition", name), (b"cache-control", b"no-store")]
    return Reply(200, packed, kind)


async def unlink(app: App, request: Request) -> Reply:
    """Split an identifier's profile from its person; both are refolded from the journal."""
    key = app.access.server_key(request)
    must_be_whole(key, "split people")
    persons = await split_off(app, _profile(app, request, key), who=f"key:{key.name}")
    return json_reply({"persons": [app.node.public.name(person) for person in persons]})


async def undo_unlink(app: App, request: Request) -> Reply:
    """Take the last split of an identifier back, once: the links that it ended hold again."""
    key = app.access.server_key(request)
    must_be_whole(key, "link people")
    person = await undo_split(app, _profile(app, request, key), who=f"key:{key.name}")
    return json_reply(Found(app.node.public.name(person)))


def _profile(app: App, request: Request, key: Key) -> int:
    app.access.looks_up(key)
    wanted = request.as_type(Identifier)
    profile = app.node.world.profiles.find(type_named(wanted.type), wanted.value)
    if not profile:
        raise NotFound(
            "Nobody has this identifier.", why="no event or consent named it", fix="check its type and value"
        )
    return profile


async def import_copy(app: App, request: Request) -> Reply:
    """Take in the copy of a person that another Genom handed out."""
    key = app.access.server_key(request)
    must_be_whole(key, "take in people")
    taken = await take_copy(app, request.body)
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "person.imported", who=f"key:{key.name}", kind="person", name=taken.person,
        at=now_ms(), details={"events": taken.events},
    )  # fmt: skip
    return json_reply(taken)


ROUTES = [
    Route(
        "POST",
        "/v1/people:import-copy",
        import_copy,
        "Take in the copy of a person from another Genom",
        bytes,
        Taken,
        right="people.change",
        most=MOST_BYTES,
    ),
    Route(
        "POST", "/v1/people:lookup", lookup, "Find a person by an identifier", Identifier, Found, right="people.find"
    ),
    Route(
        "POST", "/v1/people:unlink", unlink, "Split an identifier from its person", Identifier, right="people.change"
    ),
    Route(
        "POST",
        "/v1/people:undo-unlink",
        undo_unlink,
        "Take the last split of an identifier back",
        Identifier,
        Found,
        right="people.change",
    ),
    Route(
        "GET",
        "/v1/people/{person}/genome",
        genome,
        "A person's genome",
        None,
        Genome,
        ("at", "purpose", "language"),
        right="people.read",
    ),
    Route("GET", "/v1/people/{person}/events", events, "A person's events", query=("limit",), right="people.read"),
    Route("GET", "/v1/people/{person}/decisions", decisions, "A person's decisions", right="people.read"),
    Route(
        "GET",
        "/v1/people/{person}/export",
        copy,
        "A copy of everything that is held of a person (ZIP)",
        query=("language",),
        right="people.read",
    ),
]
