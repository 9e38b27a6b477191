"""Collection: Segment's HTTP API and its short paths."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from genom.app.access import must_have
from genom.app.batch import Batch
from genom.app.commit import now_ms
from genom.app.countries import tells_country
from genom.app.http import Later, Quick, Reply, Request, Route, json_reply, waited_for
from genom.app.server import App
from genom.collect import RAW_KEPT, BadRow, Came, Decoded, how_it_came, inflate, open_envelope, understand
from genom.words import Rejection, Source

__all__ = ["ROUTES"]

_SHORT: Final = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a", "batch": "b"}


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


def _collector(call: str) -> Quick:
    def collect(app: App, request: Request) -> Reply | Later:
        now = now_ms()
        settings = app.node.settings
        body = inflate(
            request.body, request.headers.get(b"content-encoding", b"").decode("latin-1"), settings.body_bytes
        )
        envelope = open_envelope(body, call)
        key = app.access.any_key(request, envelope.write_key)
        must_have(key, "collect")
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
            how = how_it_came(
                envelope, len(decoded.rejected), server=server, local=request.local, objection=objection,
                room=settings.body_bytes,
            )  # fmt: skip
            rows = _bad_rows(decoded, how, source, now)
            return Later(asyncio.ensure_future(_with_rejected(app, batch, decoded, rows)), lambda reply: reply)
        return Later(app.committer.submit(batch), lambda receipt: _collected(app, batch, receipt.position, []))

    return collect


async def _with_rejected(app: App, batch: Batch, decoded: Decoded, rows: Sequence[BadRow]) -> Reply:
    position = app.node.world.position
    if len(batch):
        position = (await app.committer.submit(batch)).position
    await _keep_rejected(app, rows)
    return _collected(app, batch, position, decoded.rejected)


def _collected(app: App, batch: Batch, position: int, rejected: Sequence[Rejection]) -> Reply:
    taken = len(batch) - batch.erased
    app.counts["accepted"] += taken
    app.counts["erased"] += batch.erased
    app.counts["duplicates"] += batch.duplicates
    refused = [Refused(r.index, r.message_id, r.code, r.message) for r in rejected]
    return json_reply(Collected(True, taken, refused, batch.erased), headers=[(b"x-genom-position", b"%d" % position)])


def _bad_rows(decoded: Decoded, how: Came | None, source: Source, now: int) -> list[BadRow]:
    """The refused events as they are kept; one that was cut cannot be tried again."""
    return [
        BadRow(
            now, source.name, r.index, r.message_id, r.code, r.message, r.raw, how if len(r.raw) < RAW_KEPT else None
        )
        for r in decoded.rejected
    ]


async def _keep_rejected(app: App, rows: Sequence[BadRow]) -> None:
    if not rows:
        return
    app.counts["rejected"] += len(rows)
    await asyncio.to_thread(app.node.bad_rows.add, rows)
    app.committer.hub.refused(rows)


ROUTES = [
    Route(
        "POST",
        f"/v1/{path}",
        waited_for(quick),
        f"Collect: {call}",
        takes=dict,
        gives=Collected,
        quick=quick,
        right="collect",
    )
    for call, short in _SHORT.items()
    for quick in [_collector(call)]
    for path in (call, short)
]
