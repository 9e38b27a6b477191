"""Segments: define, list, try out, who belongs, who came and went, their genomes as Arrow."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app import list_reads
from genom.app.access import foreign_to, may_serve, reason_of
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.looks import SEEN
from genom.app.reading import rfc3339
from genom.app.segmenting.defining import define_segments, remove_defined, rests_on
from genom.app.segmenting.fields import Fields, fields_of
from genom.app.segmenting.preview import preview
from genom.app.segmenting.shown import (
    PreviewShown,
    SegmentDetail,
    SegmentShown,
    check_floor,
    detail_of,
    preview_shown,
    segment_rows,
)
from genom.app.server import App
from genom.errors import BadRequest
from genom.segments import Reason, purposes_read, read_segment

__all__ = ["ROUTES"]

_MOST: Final = 100  # segments in one request
_PAGE: Final = 10_000  # people or records in one answer
_ARROW: Final = (b"content-type", b"application/vnd.apache.arrow.stream")
_REASON_MOST: Final = 500


class Definitions(msgspec.Struct):
    """Segments to add or change."""

    segments: list[dict[str, Any]]


class DefinedSegment(msgspec.Struct):
    """A segment and the version that it has now."""

    id: str
    version: int


class Defined(msgspec.Struct):
    """What was defined."""

    segments: list[DefinedSegment]


class Listed(msgspec.Struct):
    """All segments."""

    segments: list[SegmentShown]
    unreadable: dict[str, str]  # segments that ask about what may not be read, or is not there, any more → why


class Tried(msgspec.Struct):
    """A rule to try out; with the id of a segment it may not ask about itself."""

    purpose: str
    rule: dict[str, Any]
    id: str = "preview"


class MembersPage(msgspec.Struct):
    """Some of the people of a segment."""

    people: list[str]
    after: str | None  # where the next page begins; none = this is the last


class ChangeShown(msgspec.Struct):
    """Somebody entered or left, or a version was built (`segment.built`, without a person)."""

    number: int
    what: str  # segment.entered, segment.left or segment.built
    segment: str
    version: int
    person: str | None
    sequence: int
    at: str
    reason: str


class ChangesPage(msgspec.Struct):
    """Some of the changes, oldest first."""

    changes: list[ChangeShown]
    after: int  # number to ask on with


class PersonSegments(msgspec.Struct):
    """The segments that a person belongs to now."""

    segments: list[DefinedSegment]


async def listed(app: App, request: Request) -> Reply:
    """All segments with their counts; those that rest on purposes which the key was not made for are left out."""
    key, now = app.access.server_key(request), now_ms()
    await app.node.segments.caught_up(now=now)
    rows = [row for row in segment_rows(app.node, now=now) if not _foreign(app, key, row.id)]
    lost = {name: why for name, why in app.node.segments.unreadable.items() if not _foreign(app, key, name)}
    return json_reply(Listed(rows, lost))


async def define(app: App, request: Request) -> Reply:
    """Add or change segments, all or none; an equal definition keeps its version."""
    key = app.access.server_key(request)
    given = _decoded(request)
    bodies = given["segments"] if isinstance(given, dict) and "segments" in given else [given]
    if not isinstance(bodies, list) or not 0 < len(bodies) <= _MOST:
        raise BadRequest("There are no segments in it.", why=f"a request takes 1 to {_MOST}", fix="name some")
    segments = await define_segments(
        app.node, bodies, author=key.name, now=now_ms(), may=partial(may_serve, key)
    )  # fmt: skip
    return json_reply(Defined([DefinedSegment(one.id, one.version) for one in segments]))


async def remove(app: App, request: Request) -> Reply:
    """Remove a segment; its versions stay in the catalogue."""
    key = app.access.server_key(request)
    _must_serve(app, key, request.parts[0])
    await remove_defined(app.node, request.parts[0], author=key.name, now=now_ms())
    return json_reply({"removed": request.parts[0]})


async def shown(app: App, request: Request) -> Reply:
    """One segment: rule, count, growth, versions."""
    key = app.access.server_key(request)
    _must_serve(app, key, request.parts[0])
    await app.node.segments.caught_up(now=now_ms())
    return json_reply(detail_of(app.node, request.parts[0], now=now_ms()))


async def tried(app: App, request: Request) -> Reply:
    """What a rule means now: how many people, each condition alone, in words, some examples."""
    key = app.access.server_key(request)
    given = _decoded(request)
    if not isinstance(given, dict) or given.keys() - {"purpose", "rule", "id"}:
        raise BadRequest("The body cannot be used.", why="it has `purpose` and `rule`", fix="see /openapi.json")
    label = {"en": "preview", "de": "Vorschau"}
    segment = read_segment({"id": "preview", "label": label, **given})
    if key.purposes:
        may_serve(key, *purposes_read(segment, app.node.segments.known(now=now_ms())))
    return json_reply(preview_shown(app.node, await preview(app.node, segment, now=now_ms())))


async def fields(app: App, request: Request) -> Reply:
    """What rules for a purpose may be about."""
    key = app.access.server_key(request)
    purpose = request.parameters().get("purpose") or key.purpose
    may_serve(key, purpose)
    return json_reply(fields_of(app.node, purpose, now=now_ms()))


async def members(app: App, request: Request) -> Reply:
    """The people of a segment, in pages; the reason goes on record."""
    key = app.access.server_key(request)
    parameters, node = request.parameters(), app.node
    await node.segments.caught_up(now=now_ms())
    one = node.segments.shown(request.parts[0])
    _must_serve(app, key, one.segment.id)
    check_floor(node, one)
    limit = _number(parameters.get("limit", "1000"), "limit", most=_PAGE)
    people = node.segments.members(one, now=now_ms())
    if after := parameters.get("after"):
        people = people[people > (node.public.number(after) or 0)]
    some = people[:limit]
    await _record(app, "segment.members_read", key=key.name, name=one.segment.id, request=request, people=some)
    page = [node.public.name(person) for person in some.tolist()]
    return json_reply(MembersPage(page, page[-1] if len(people) > limit else None))


async def changes(app: App, request: Request) -> Reply:
    """Who entered and left a segment, oldest first; ask on with the number in `after`."""
    key = app.access.server_key(request)
    parameters, node = request.parameters(), app.node
    await node.segments.caught_up(now=now_ms())
    exact = node.segments.held.teller.exact
    lost = node.segments.lost.get(request.parts[0]) if exact else None  # below the floor nobody is told who left
    one = lost or node.segments.shown(request.parts[0])
    segment = one.segment
    _must_serve(app, key, segment.id)
    if not exact:  # who left an empty segment was somebody, too
        check_floor(node, one)
    name = segment.id
    reason = reason_of(request, key)
    versions = {one.number: one.segment for one in [*node.segments.live, one] if one.segment.id == name}
    after = _number(parameters.get("after", "0"), "after", most=1 << 62, least=0)
    limit = _number(parameters.get("limit", "1000"), "limit", most=_PAGE)
    records = (await asyncio.to_thread(node.segments.changes, after, segments=list(versions)))[:limit]
    await asyncio.to_thread(
        list_reads.note_hourly, node.catalogue, SEEN, who=f"key:{key.name}", segment=name, reason=reason, at=now_ms(),
        people=np.unique(records["person"][records["person"] > 0]).astype(np.int64), details={"what": "changes"},
    )  # fmt: skip
    told = [
        ChangeShown(
            number=int(record["number"]),
            what="segment.built" if not record["person"] else f"segment.{'entered' if record['entered'] else 'left'}",
            segment=name,
            version=versions[int(record["segment"])].version,
            person=node.public.name(int(record["person"])) if record["person"] else None,
            sequence=int(record["sequence"]),
            at=rfc3339(int(record["at"])),
            reason=Reason(int(record["reason"])).name.lower(),
        )
        for record in records
    ]
    return json_reply(ChangesPage(told, told[-1].number if told else after))


async def of_person(app: App, request: Request) -> Reply:
    """The segments that a person belongs to now."""
    key = app.access.server_key(request)
    person = app.access.person(key, request.parts[0])
    app.access.reads(request, key, app.node.public.name(person), "segments")
    await app.node.segments.caught_up(now=now_ms())
    found = app.node.segments.of_person(person, now=now_ms())
    mine = [one.segment for one in found if not _foreign(app, key, one.segment.id)]
    return json_reply(PersonSegments([DefinedSegment(one.id, one.version) for one in mine]))


async def genomes(app: App, request: Request) -> Reply:
    """Genes of the people of a segment as an Arrow stream, for the segment's purpose; the reason goes on record."""
    key = app.access.server_key(request)
    parameters, node = request.parameters(), app.node
    await node.segments.caught_up(now=now_ms())
    one = node.segments.shown(request.parts[0])
    _must_serve(app, key, one.segment.id)
    check_floor(node, one)
    names = [name for name in parameters.get("genes", "").split(",") if name]
    at = max(now_ms(), node.world.last_ts + 1)
    people = node.segments.members(one, now=now_ms())
    from genom.app.segmenting.export import arrow_stream, scan_people  # noqa: PLC0415 -- Arrow would slow every start

    batches = scan_people(node, names, purpose=one.segment.purpose, at=at, people=people)
    await _record(app, "segment.exported", key=key.name, name=one.segment.id, request=request, people=people)
    return Reply(200, arrow_stream(batches), [_ARROW])


def _foreign(app: App, key: Key, name: str) -> list[str]:
    """The purposes that a segment rests on and that the key was not made for."""
    return foreign_to(key, rests_on(app.node, name, now=now_ms())) if key.purposes else []


def _must_serve(app: App, key: Key, name: str) -> None:
    """Raises NotPermitted unless the key was made for all purposes that a segment rests on."""
    may_serve(key, *_foreign(app, key, name))


def _decoded(request: Request) -> Any:
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The body cannot be used.", why=str(error), fix="send a JSON object") from error


async def _record(app: App, action: str, *, key: str, name: str, request: Request, people: NDArray[np.int64]) -> None:
    """Write into the audit log who looked at these people, and why; raises BadRequest without a reason."""
    reason = request.parameters().get("reason", "").strip()
    if not reason or len(reason) > _REASON_MOST:
        raise BadRequest(
            "A list of people needs a reason.",
            why=f"it goes on record, with 1 to {_REASON_MOST} characters",
            fix="add ?reason=…",
            code="segments.reason",
        )
    await asyncio.to_thread(
        list_reads.note, app.node.catalogue, action, who=f"key:{key}", segment=name, reason=reason, at=now_ms(),
        people=people,
    )  # fmt: skip


def _number(text: str, name: str, *, most: int, least: int = 1) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        why = f"it is a number from {least} to {most}"
        raise BadRequest(f"The {name} {text[:20]!r} cannot be used.", why=why, fix=f"change ?{name}=")
    return int(text)


ROUTES = [
    Route("GET", "/v1/segments", listed, "All segments with their counts", None, Listed, right="segments.read"),
    Route("POST", "/v1/segments", define, "Add or change segments", Definitions, Defined, right="segments.write"),
    Route("POST", "/v1/segments/preview", tried, "What a rule means now", Tried, PreviewShown, right="segments.read"),
    Route(
        "GET",
        "/v1/segments/fields",
        fields,
        "What rules may be about",
        None,
        Fields,
        ("purpose",),
        right="segments.read",
    ),
    Route(
        "GET",
        "/v1/segments/{segment}",
        shown,
        "One segment with its growth and versions",
        None,
        SegmentDetail,
        right="segments.read",
    ),
    Route("DELETE", "/v1/segments/{segment}", remove, "Remove a segment", right="segments.write"),
    Route(
        "GET",
        "/v1/segments/{segment}/members",
        members,
        "The people of a segment",
        None,
        MembersPage,
        ("reason", "after", "limit"),
        right="people.read",
    ),
    Route(
        "GET",
        "/v1/segments/{segment}/changes",
        changes,
        "Who entered and left a segment",
        None,
        ChangesPage,
        ("after", "limit"),
        right="people.read",
    ),
    Route(
        "GET",
        "/v1/segments/{segment}/genome",
        genomes,
        "Genes of a segment's people as Arrow",
        query=("genes", "reason"),
        right="people.read",
    ),
    Route(
        "GET",
        "/v1/people/{person}/segments",
        of_person,
        "A person's segments",
        None,
        PersonSegments,
        right="people.read",
    ),
]
