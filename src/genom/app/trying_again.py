"""Refused events are tried again: each goes the one way of collection once more, with what is set today.

It happened when it happened: its time is worked out as at its first receipt.  It is known from now on, so that
nothing that was decided meanwhile is said to have known it, and no outcome that was counted changes.  What it says of
consent grants nothing, and refuses only where the person has not chosen since.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from genom.app import audit
from genom.app.batch import Batch
from genom.app.commit import Receipt, now_ms
from genom.app.server import App
from genom.collect import BadRow, Wanted, day_of, read_again
from genom.errors import BadRequest
from genom.words import Rejection, Source

__all__ = ["MOST", "Tried", "try_again"]

MOST: Final = 10_000  # events of one call
_READ: Final = 500  # rows read at once
_TOGETHER: Final = 100  # events in one commit


class Tried(msgspec.Struct):
    """What came of refused events that were tried again, or would come of it."""

    tried: int = 0
    taken: int = 0
    duplicates: int = 0  # an event with the same id was taken before; they count once
    erased: int = 0  # of before their person's erasure: they are not taken, and leave the store
    refused: int = 0  # again, with the reason of today
    unable: int = 0  # cut, of a source that is gone, or nobody knows how they came: they cannot be tried
    reasons: dict[str, int] = {}  # code → events that are refused again
    next: str = ""  # where the next call goes on; "" = everything was tried
    dry_run: bool = False

    def add(self, other: Tried) -> None:
        """Take in what the next call told."""
        for name in ("tried", "taken", "duplicates", "erased", "refused", "unable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        self.next = other.next


class _Place(msgspec.Struct):
    """Where in the store a call stands."""

    day: str = ""
    passed: int = 0  # rows of the day that were looked at and are still there

    @property
    def text(self) -> str:
        return f"{self.day}.{self.passed}"


async def try_again(
    app: App, wanted: Wanted, *, who: str, ids: Collection[str] = (), dry_run: bool = False, most: int = MOST,
    after: str = "",
) -> Tried:  # fmt: skip
    """Try the rows that are wanted, oldest first, at most so many; with `ids` only those.

    What is taken, came before or is of somebody who was erased leaves the store; what is refused again stays with its
    new reason.  Whenever a kill comes, a second call ends what the first began: an event counts once.
    Raises BadRequest for a place `after` that is none, Busy if the node has too much to do.
    """
    begun, told, only = _place(after), Tried(dry_run=dry_run), frozenset(ids)
    theirs = {day_of(one) for one in only}
    async with app.trying:
        try:
            for day in await asyncio.to_thread(app.node.bad_rows.days):
                if day < begun.day or wanted.day not in {"", day} or (only and day not in theirs):
                    continue
                place = begun if day == begun.day else _Place(day)
                if not await _try_day(app, wanted, only, place=place, told=told, most=most):
                    told.next = place.text
                    break
        finally:
            if told.tried and not dry_run:
                await asyncio.to_thread(_note, app, told, wanted, who)
    return told


async def _try_day(app: App, wanted: Wanted, only: frozenset[str], *, place: _Place, told: Tried, most: int) -> bool:
    """Try the rows of a day from a place on; returns whether it came to their end."""
    store, became = app.node.bad_rows, dict[str, Sequence[BadRow]]()
    rows = islice(store.read(place.day), place.passed, None)
    waiting = list[BadRow]()

    async def send() -> None:
        kept = await _tried(app, waiting, told)
        for row in waiting:
            place.passed += 1 if told.dry_run else len(kept[row.id])
            if list(kept[row.id]) != [row]:
                became[row.id] = kept[row.id]
        waiting.clear()

    try:
        while some := await asyncio.to_thread(_some, rows):
            for row in some:
                if not wanted.fits(row) or (only and row.id not in only):
                    place.passed += 1
                elif told.tried + len(waiting) == most:
                    await send()
                    return False
                else:
                    waiting.append(row)
                    if len(waiting) == _TOGETHER:
                        await send()
        await send()
        return True
    finally:
        if became and not told.dry_run:
            await asyncio.to_thread(store.settle, place.day, became)


def _some(rows: Iterator[BadRow]) -> list[BadRow]:
    return list(islice(rows, _READ))


async def _tried(app: App, rows: Sequence[BadRow], told: Tried) -> dict[str, Sequence[BadRow]]:
    """What becomes of these rows, by their ids."""
    sources = {source.name: source for source in app.node.sources.values()}
    kept, sent = dict[str, Sequence[BadRow]](), list[tuple[BadRow, Batch, list[Rejection]]]()
    now, commits = now_ms(), list[asyncio.Future[Receipt]]()
    for row in rows:
        if (source := sources.get(row.source)) is None or row.came is None:
            kept[row.id] = (row,)
            told.unable += 1
            continue
        batch, rejected = _read(app, row, source, now=now)
        if told.dry_run:
            app.node.pipeline.try_out(batch, now=now)
        elif len(batch):
            commits.append(app.committer.submit(batch))
        sent.append((row, batch, rejected))
    told.tried += len(rows)
    await asyncio.gather(*commits)
    for row, batch, rejected in sent:
        kept[row.id] = [_again(row, why) for why in rejected]
        _count(app, batch, rejected, told)
    await asyncio.sleep(0)  # others have a turn
    return kept


def _read(app: App, row: BadRow, source: Source, *, now: int) -> tuple[Batch, list[Rejection]]:
    assert row.came is not None, "it can be tried"
    how = row.came
    decoded = read_again(
        row.raw, how, index=row.index, code=row.code, source=source, received_at=row.received_at,
        settings=app.node.settings,
    )  # fmt: skip
    if not source.history:
        for event in decoded.events:
            event.known_at = max(now, event.known_at)
    batch = Batch(
        decoded.events, source, how.server, how.objection, how.local, len(row.raw), first_at=row.received_at
    )  # fmt: skip
    return batch, decoded.rejected


def _again(row: BadRow, why: Rejection) -> BadRow:
    """The row with the reason of today."""
    return msgspec.structs.replace(
        row, index=why.index, message_id=why.message_id, code=why.code, message=why.message, raw=why.raw
    )


def _count(app: App, batch: Batch, rejected: Sequence[Rejection], told: Tried) -> None:
    """An event is counted by the worst that befell it."""
    if not told.dry_run:
        app.counts["accepted"] += len(batch) - batch.erased
        app.counts["erased"] += batch.erased
        app.counts["duplicates"] += batch.duplicates
    for why in rejected:
        told.reasons[why.code] = told.reasons.get(why.code, 0) + 1
    told.refused += bool(rejected)
    told.erased += not rejected and batch.erased > 0
    told.duplicates += not rejected and not batch.erased and batch.duplicates > 0
    told.taken += not (rejected or batch.erased or batch.duplicates)


def _note(app: App, told: Tried, wanted: Wanted, who: str) -> None:
    details: dict[str, audit.Detail] = {
        "tried": told.tried, "taken": told.taken, "duplicates": told.duplicates, "erased": told.erased,
        "refused": told.refused, "unable": told.unable,
    }  # fmt: skip
    details |= {name: value for name in ("source", "code", "day") if (value := getattr(wanted, name))}
    audit.record(
        app.node.catalogue, "rejected.replayed", who=who, kind="rejected", name="events", at=now_ms(), details=details
    )


def _place(text: str) -> _Place:
    day, _, passed = text.partition(".")
    if text and not (passed.isascii() and passed.isdigit() and len(passed) < 12):
        raise BadRequest(
            f"There is no place {text[:40]!r}.", why="a call that has more to try answers it as `next`",
            fix="send `next` of the call before, or nothing",
        )  # fmt: skip
    return _Place(day, int(passed or 0))
