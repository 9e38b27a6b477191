"""What every protocol does with the events that its request was turned into: understand, commit, answer.

Each protocol opens its requests in its own way and has its own answer; between the two there is this one way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from genom.app.access import must_have
from genom.app.batch import Batch
from genom.app.commit import now_ms
from genom.app.countries import tells_country
from genom.app.http import Later, Reply, Request, json_reply
from genom.app.server import App
from genom.collect import (
    RAW_KEPT,
    BadRow,
    Came,
    Envelope,
    header_id,
    how_it_came,
    inflate,
    open_envelope,
    understand,
)
from genom.words import Rejection, Source

__all__ = ["Collected", "Refused", "Taken", "collect", "keep_rejected", "opened", "take"]


class Refused(msgspec.Struct):
    """One event that was not taken."""

    index: int
    messageId: str | None
    code: str
    message: str


class Collected(msgspec.Struct, omit_defaults=True):
    """What became of a request's events."""

    success: bool
    accepted: int
    rejected: list[Refused]
    erased: int = 0  # events of before their person's erasure, which are not taken again


class Taken(NamedTuple):
    """What became of an envelope's events."""

    accepted: int
    erased: int  # events of before their person's erasure, which are not taken again
    rejected: list[Rejection]  # not kept yet
    position: int  # in the journal, after the events


Answer = Callable[[Collected, int], Reply]  # takes what became of the events, and a journal position after them


def _told(collected: Collected, position: int) -> Reply:
    """The answer as JSON."""
    return json_reply(collected, headers=[(b"x-genom-position", b"%d" % position)])


def opened(app: App, request: Request, call: str) -> Envelope:
    """The events of a request's body; raises BadRequest if none can be found."""
    encoding = request.headers.get(b"content-encoding", b"").decode("latin-1")
    return open_envelope(inflate(request.body, encoding, app.node.settings.body_bytes), call)


def collect(app: App, request: Request, envelope: Envelope, *, answer: Answer = _told) -> Later:
    """Take in the events of a request that brings a key; raises NotPermitted and Busy.

    A bad event costs none of its neighbours: it goes to the rejected ones with its reason.
    """
    now = now_ms()
    key = app.access.any_key(request, envelope.write_key)
    must_have(key, "collect")
    if said := request.headers.get(b"anonymousid"):
        envelope.anonymous_id = header_id(said)
    source, server = app.access.source_of(request, key), key.kind == "server"
    batch, rejected = _understood(app, request, envelope, source=source, server=server, now=now)
    if rejected or not len(batch):
        how = how_it_came(
            envelope, len(rejected), server=server, local=request.local, objection=batch.objection,
            room=app.node.settings.body_bytes,
        )  # fmt: skip
        done = asyncio.ensure_future(_with_rejected(app, batch, rejected, how, now=now))
        return Later(done, lambda position: answer(_counted(app, batch, rejected), position))
    return Later(app.committer.submit(batch), lambda receipt: answer(_counted(app, batch, []), receipt.position))


async def take(app: App, request: Request, envelope: Envelope, *, source: Source, server: bool, now: int) -> Taken:
    """Commit the events of an envelope that was translated; the rejected ones are left to whoever knows how they came.

    Raises Busy.
    """
    batch, rejected = _understood(app, request, envelope, source=source, server=server, now=now)
    position = (await app.committer.submit(batch)).position if len(batch) else app.node.world.position
    told = _counted(app, batch, [])
    return Taken(told.accepted, told.erased, rejected, position)


async def keep_rejected(
    app: App, source: Source, rejected: Sequence[Rejection], *, now: int, how: Came | None = None
) -> None:
    """Keep what was refused, with its reason and as it came; without `how` it cannot be tried again.  Raises Busy."""
    if rejected:
        app.counts["rejected"] += len(rejected)
        rows = [_row(one, source, how, now=now) for one in rejected]
        await asyncio.to_thread(app.node.bad_rows.add, rows)
        app.committer.hub.refused(rows)


def _understood(
    app: App, request: Request, envelope: Envelope, *, source: Source, server: bool, now: int
) -> tuple[Batch, list[Rejection]]:
    settings, regions = app.node.settings, app.node.purposes.regions
    alone = server and regions is not None and tells_country(envelope.body, regions.field)  # event by event
    decoded = understand(
        envelope, source=source, server=server, received_at=now, settings=settings,
        lexicon=None if alone else app.node.lexicon,
    )  # fmt: skip
    objection = request.objection(dnt=settings.honour_dnt)
    batch = Batch(
        decoded.events, source, server, objection, request.local, len(envelope.body), columns=decoded.columns
    )  # fmt: skip
    return batch, decoded.rejected


async def _with_rejected(
    app: App, batch: Batch, rejected: Sequence[Rejection], how: Came | None, *, now: int
) -> int:  # fmt: skip
    position = app.node.world.position
    if len(batch):
        position = (await app.committer.submit(batch)).position
    await keep_rejected(app, batch.source, rejected, now=now, how=how)
    return position


def _row(one: Rejection, source: Source, how: Came | None, *, now: int) -> BadRow:
    """One that was cut cannot be tried again."""
    whole = len(one.raw) < RAW_KEPT
    return BadRow(now, source.name, one.index, one.message_id, one.code, one.message, one.raw, how if whole else None)


def _counted(app: App, batch: Batch, rejected: Sequence[Rejection]) -> Collected:
    taken = len(batch) - batch.erased
    app.counts["accepted"] += taken
    app.counts["erased"] += batch.erased
    app.counts["duplicates"] += batch.duplicates
    refused = [Refused(r.index, r.message_id, r.code, r.message) for r in rejected]
    return Collected(True, taken, refused, batch.erased)
