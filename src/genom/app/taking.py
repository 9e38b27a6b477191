"""Take in what a request brought: understand its events, commit them, keep those that are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from genom.app.batch import Batch
from genom.app.countries import tells_country
from genom.app.http import Request
from genom.app.server import App
from genom.collect import BadRow, Envelope, understand
from genom.words import Rejection, Source

__all__ = ["Taken", "keep_rejected", "take"]


class Taken(NamedTuple):
    """What became of an envelope's events."""

    accepted: int
    erased: int  # events of before their person's erasure, which are not taken again
    rejected: list[Rejection]  # not kept yet
    position: int  # in the journal, after the events


async def take(app: App, request: Request, envelope: Envelope, *, source: Source, server: bool, now: int) -> Taken:
    """Commit the events of an envelope.  Raises Busy."""
    settings, regions = app.node.settings, app.node.purposes.regions
    alone = server and regions is not None and tells_country(envelope.body, regions.field)  # event by event
    decoded = understand(
        envelope, source=source, server=server, received_at=now, settings=settings,
        lexicon=None if alone else app.node.lexicon,
    )  # fmt: skip
    batch = Batch(
        decoded.events, source, server, request.objection(dnt=settings.honour_dnt), request.local, len(envelope.body),
        columns=decoded.columns,
    )  # fmt: skip
    position = (await app.committer.submit(batch)).position if len(batch) else app.node.world.position
    accepted = len(batch) - batch.erased
    app.counts["accepted"] += accepted
    app.counts["erased"] += batch.erased
    app.counts["duplicates"] += batch.duplicates
    return Taken(accepted, batch.erased, decoded.rejected, position)


async def keep_rejected(app: App, source: Source, rejected: Sequence[Rejection], *, now: int) -> None:
    """Keep what was refused, with its reason and as it came.  Raises Busy."""
    if rejected:
        app.counts["rejected"] += len(rejected)
        rows = [BadRow(now, source.name, r.index, r.message_id, r.code, r.message, r.raw) for r in rejected]
        await asyncio.to_thread(app.node.bad_rows.add, rows)
        app.committer.hub.refused(rows)
