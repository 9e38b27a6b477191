"""Refused events: how many of which reason, one after the other, one as it came, and another try."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from genom.app import audit
from genom.app.access import must_be_whole, reason_of
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.pages.masking import masked_text
from genom.app.reading import rfc3339
from genom.app.server import App
from genom.app.trying_again import MOST, Tried, try_again
from genom.collect import BadRow, Wanted, day_of
from genom.errors import BadRequest, NotFound

__all__ = ["ROUTES", "wanted_of"]

_PAGE: Final = 50
_LONGEST: Final = 1_000  # rows in one answer
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Listed(msgspec.Struct):
    """A refused event without what it says."""

    id: str
    received_at: str
    source: str
    code: str
    message: str  # what is wrong, where, and how to mend it; what names somebody is masked
    message_id: str | None  # masked as well
    bytes: int
    can_be_tried: bool


class Group(msgspec.Struct):
    """How many events of a source were refused for a reason."""

    source: str
    code: str
    rows: int


class Rejected(msgspec.Struct):
    """Refused events, newest first."""

    total: int  # that fit source, code and day
    counts: list[Group]  # of these, the most first
    rows: list[Listed]
    next: str  # `after` of the next page; "" = there is none


class Whole(msgspec.Struct):
    """A refused event as it came."""

    id: str
    received_at: str
    source: str
    index: int  # its place in the request
    code: str
    message: str
    fix: str  # what to do about it
    message_id: str | None
    raw: str  # bytes that are no UTF-8 are replaced
    call: str  # track, page … or batch; "" = nobody knows
    sent_with: str  # a write key, a server key, or "" = nobody knows
    context: str  # what its batch said for all events, JSON
    can_be_tried: bool


class Again(msgspec.Struct):
    """Which refused events are tried again: some by their ids, those that fit, or all."""

    ids: list[str] = []
    source: str = ""
    code: str = ""
    day: str = ""
    message_id: str = ""
    all: bool = False
    dry_run: bool = False  # only tell what would come of it
    after: str = ""  # `next` of the call before
    most: int = MOST


def wanted_of(asked: Mapping[str, str]) -> Wanted:
    """Which rows somebody asks for; raises BadRequest for a day that is none."""
    day = asked.get("day", "")
    if day and not _DAY.fullmatch(day):
        raise BadRequest(f"{day[:20]!r} is no day.", why="a day is written as 2026-03-02", fix="write it so")
    return Wanted(*(asked.get(name, "") for name in ("source", "code", "day", "message_id")))


async def listed(app: App, request: Request) -> Reply:
    """Refused events that fit, newest first, and how many there are of each source and reason."""
    must_be_whole(app.access.server_key(request), "read refused events")
    asked = request.parameters()
    wanted, most, after = wanted_of(asked), _whole(asked.get("limit", str(_PAGE))), asked.get("after", "")
    if after and not day_of(after):
        raise BadRequest(
            f"There is no row {after[:40]!r}.", why="`after` is `next` of the page before", fix="send that"
        )
    store = app.node.bad_rows
    rows = await asyncio.to_thread(store.newest, most + 1, wanted, after=after)
    counts = await asyncio.to_thread(store.tally, wanted.day)
    fitting = {
        key: rows for key, rows in counts.most_common() if wanted.source in {"", key[0]} and wanted.code in {"", key[1]}
    }
    return json_reply(
        Rejected(
            total=sum(fitting.values()),
            counts=[Group(source, code, number) for (source, code), number in fitting.items()],
            rows=[_listed(row) for row in rows[:most]],
            next=rows[most - 1].id if len(rows) > most else "",
        )
    )


async def one(app: App, request: Request) -> Reply:
    """A refused event as it came; who reads it is on record, with the reason."""
    key = app.access.server_key(request)
    must_be_whole(key, "read refused events")
    reason = reason_of(request, key)
    row = await asyncio.to_thread(app.node.bad_rows.get, request.parts[0])
    if row is None:
        raise NotFound(
            f"There is no refused event {request.parts[0][:40]!r}.",
            why="it was taken, its time has passed, or there never was one",
            fix="see GET /v1/rejected",
        )
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "rejected.read", who=f"key:{key.name}", kind="rejected", name=row.id,
        at=now_ms(), reason=reason, details={"source": row.source, "code": row.code},
    )  # fmt: skip
    return json_reply(_told(row))


async def replay(app: App, request: Request) -> Reply:
    """Try refused events again with what is set today; each that is taken counts once, however often this is asked."""
    key = app.access.server_key(request)
    must_be_whole(key, "try refused events again")
    asked = request.as_type(Again)
    wanted = wanted_of({name: getattr(asked, name) for name in ("source", "code", "day", "message_id")})
    if not (asked.ids or asked.all or wanted != Wanted()):
        raise BadRequest(
            "It is not said which refused events are meant.",
            why="neither ids nor source, code, day or message_id were sent",
            fix='name some of them, or send {"all": true}',
            code="rejected.which",
        )
    if not 0 < asked.most <= MOST:
        raise BadRequest(
            f"{asked.most} events cannot be tried in one call.", why=f"up to {MOST:,} can", fix="go on with `next`"
        )
    told = await try_again(
        app, wanted, who=f"key:{key.name}", ids=asked.ids, dry_run=asked.dry_run, most=asked.most, after=asked.after
    )
    return json_reply(told)


def _listed(row: BadRow) -> Listed:
    return Listed(
        id=row.id,
        received_at=rfc3339(row.received_at),
        source=row.source,
        code=row.code,
        message=masked_text(row.message),
        message_id=row.message_id and masked_text(row.message_id),
        bytes=len(row.raw),
        can_be_tried=row.came is not None,
    )


def _told(row: BadRow) -> Whole:
    came = row.came
    return Whole(
        id=row.id,
        received_at=rfc3339(row.received_at),
        source=row.source,
        index=row.index,
        code=row.code,
        message=row.message,
        fix=row.message.rpartition("; ")[2],
        message_id=row.message_id,
        raw=row.raw.decode("utf-8", "replace"),
        call=came.call if came else "",
        sent_with="" if came is None else "server key" if came.server else "write key",
        context=came.context.decode("utf-8", "replace") if came else "",
        can_be_tried=came is not None,
    )


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= _LONGEST):
        raise BadRequest(
            f"limit cannot be {text[:20]!r}.", why=f"it is a whole number from 1 to {_LONGEST}", fix="change ?limit="
        )
    return int(text)


ROUTES = [
    Route(
        "GET", "/v1/rejected", listed, "Refused events", None, Rejected,
        ("source", "code", "day", "message_id", "after", "limit"), right="rejected.read",
    ),
    Route("GET", "/v1/rejected/{row}", one, "A refused event as it came", None, Whole, right="rejected.raw"),
    Route("POST", "/v1/rejected:replay", replay, "Try refused events again", Again, Tried, right="rejected.write"),
]  # fmt: skip
