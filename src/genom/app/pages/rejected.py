"""The page of refused events: rows as live events show them, tries by the way of the API."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from genom.app.pages.liverows import refused_row
from genom.app.reading import instant
from genom.app.routes.rejected import wanted_of
from genom.app.server import App
from genom.app.show.clean import clean
from genom.app.show.refusals import refusal_help, refusal_reason
from genom.app.trying_again import try_again
from genom.collect import BadRow
from genom.console.rejected import Again, Reason, RejectedRow, RejectedView

__all__ = ["RejectedPages"]

_PAGE: Final = 50


class RejectedPages:
    """Reads the store of refused events; a try is on record."""

    def __init__(self, app: App) -> None:
        self._app, self._store = app, app.node.bad_rows

    async def view(self, wanted: Mapping[str, str], *, after: str, language: str) -> RejectedView:
        """What fits source, code and day, behind a row; raises BadRequest for a day that is none."""
        asked = wanted_of(wanted)
        rows = await asyncio.to_thread(self._store.newest, _PAGE + 1, asked, after=after)
        every = await asyncio.to_thread(self._store.tally)
        of_day = await asyncio.to_thread(self._store.tally, asked.day) if asked.day else every
        fitting = [
            (source, code, number)
            for (source, code), number in of_day.most_common()
            if asked.source in {"", source} and asked.code in {"", code}
        ]
        codes = sorted({code for _, code in every})
        dates = sorted({*await asyncio.to_thread(self._store.days), *filter(None, [asked.day])}, reverse=True)
        return RejectedView(
            reasons=[_reason(source, code, number, language) for source, code, number in fitting],
            total=sum(number for *_, number in fitting),
            kept=sum(every.values()),
            days=self._app.node.settings.bad_row_days,
            rows=[_row(row, language) for row in rows[:_PAGE]],
            next=rows[_PAGE - 1].id if len(rows) > _PAGE else "",
            sources=sorted({source for source, _ in every}),
            codes=[(code, _words(code, language)) for code in codes],
            dates=[(day, _noon(day)) for day in dates],
        )

    async def again(
        self, wanted: Mapping[str, str], ids: Sequence[str], *, dry_run: bool, begin: str, by: str, language: str
    ) -> Again:
        """Try what fits, or only these, from a place on."""
        told = await try_again(self._app, wanted_of(wanted), who=by, ids=ids, dry_run=dry_run, after=begin)
        return Again(
            tried=told.tried,
            taken=told.taken,
            duplicates=told.duplicates,
            erased=told.erased,
            refused=told.refused,
            unable=told.unable,
            reasons=[(_words(code, language), number) for code, number in Counter(told.reasons).most_common()],
            next=told.next,
        )


def _noon(day: str) -> int:
    """The middle of a day (UTC) in unix ms."""
    return instant(f"{day}T12:00:00Z")


def _words(code: str, language: str) -> str:
    return refusal_reason(code, code, language)


def _reason(source: str, code: str, rows: int, language: str) -> Reason:
    return Reason(
        source=source, code=code, what=_words(code, language), help=refusal_help(code, language), rows=rows
    )  # fmt: skip


def _row(bad: BadRow, language: str) -> RejectedRow:
    told = refused_row(bad, language=language)
    return RejectedRow(
        id=bad.id,
        at=bad.received_at,
        source=clean(bad.source, most=40),
        title=told.title,
        who=told.who,
        reason=told.reason,
        place=told.place,
        raw=told.raw,
        able=bad.came is not None,
    )
