"""What every protocol does with the events that its request was turned into: understand, commit, answer.

Each protocol opens its requests in its own way and has its own answer; between the two there is this one way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from genom.app.access import must_have
from genom.app.batch import Batch
from genom.app.commit import now_ms
from genom.app.countries import tells_country
from genom.app.http import Later, Reply, Request, json_reply
from genom.app.server import App
from genom.collect import BadRow, Decoded, Envelope, header_id, inflate, open_envelope, understand
from genom.words import Rejection, Source

__all__ = ["Collected", "Refused", "collect", "opened"]


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


Answer = Callable[[Collected, int], Reply]  # takes what became of the events, and a journal position after them


def _told(collected: Collected, position: int) -> Reply:
    """The answer as JSON."""
    return json_reply(collected, headers=[(b"x-genom-position", b"%d" % position)])


def opened(app: App, request: Request, call: str) -> Envelope:
    """The events of a request's body; raises BadRequest if none can be found."""
    encoding = request.headers.get(b"content-encoding", b"").decode("latin-1")
    return open_envelope(inflate(request.body, encoding, app.node.settings.body_bytes), call)


def collect(app: App, request: Request, envelope: Envelope, *, answer: Answer = _told) -> Later:
    """Take in the events of a request; raises NotPermitted and Busy.

    A bad event costs none of its neighbours: it goes to the rejected ones with its reason.
    """
    now, body = now_ms(), envelope.body
    settings = app.node.settings
    key = app.access.any_key(request, envelope.write_key)
    must_have(key, "collect")
    if said := request.headers.get(b"anonymousid"):
        envelope.anonymous_id = header_id(said)
    source, server = app.access.source_of(request, key), key.kind == "server"
    regions = app.node.purposes.regions
    alone = server and regions is not None and tells_country(body, regions.field)  # event by event
    decoded = understand(
        envelope, source=source, server=server, received_at=now, settings=settings,
        lexicon=None if alone else app.node.lexicon,
    )  # fmt: skip
    objection = request.objection(dnt=settings.honour_dnt)
    batch = Batch(decoded.events, source, server, objection, request.local, len(body), columns=decoded.columns)
    if decoded.rejected or not len(batch):
        done = asyncio.ensure_future(_with_rejected(app, batch, decoded, source, now))
        return Later(done, lambda position: answer(_counted(app, batch, decoded.rejected), position))
    return Later(app.committer.submit(batch), lambda receipt: answer(_counted(app, batch, []), receipt.position))


async def _with_rejected(app: App, batch: Batch, decoded: Decoded, source: Source, now: int) -> int:
    position = app.node.world.position
    if len(batch):
        position = (await app.committer.submit(batch)).position
    if decoded.rejected:
        rows = [BadRow(now, source.name, r.index, r.message_id, r.code, r.message, r.raw) for r in decoded.rejected]
        await asyncio.to_thread(app.node.bad_rows.add, rows)
        app.committer.hub.refused(rows)
    return position


def _counted(app: App, batch: Batch, rejected: Sequence[Rejection]) -> Collected:
    taken = len(batch) - batch.erased
    app.counts["accepted"] += taken
    app.counts["erased"] += batch.erased
    app.counts["duplicates"] += batch.duplicates
    app.counts["rejected"] += len(rejected)
    refused = [Refused(r.index, r.message_id, r.code, r.message) for r in rejected]
    return Collected(True, taken, refused, batch.erased)
