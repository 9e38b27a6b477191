"""Live events: what arrives now, accepted or refused, newest on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.rendering import fragment
from genom.console.visit import Visit
from genom.console.waiting import Waiting
from genom.errors import Busy
from genom.web import Channel, stream_reply

__all__ = ["SHOWN", "Live", "LiveRow", "Totals", "live_page", "rows_html"]

SHOWN: Final = 50  # rows of a fresh page
SEARCHED: Final = 200  # rows that a filter is held against


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """One event as it is shown; identifiers are masked."""

    key: str  # no other event has it: what a page fetches that it was told already is not shown twice
    at: int  # unix ms of receipt
    title: str
    source: str
    channel: str
    person: str = ""  # public id; empty for a refused event
    who: str = ""  # masked identifier
    about: str = ""  # amount, product or page in a few words
    accepted: bool = True
    old: bool = False  # of another day than today, such as history that is brought in
    reason: str = ""  # why it was refused
    place: str = ""  # where in the event, such as `.properties.price`
    facts: tuple[tuple[str, str], ...] = ()  # name, value
    raw: str = ""  # JSON, masked, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many events there are."""

    minute: int  # accepted in the last minute
    refused: int  # kept to be mended


class Live(Protocol):
    """What the page needs from the node."""

    async def recent(self, language: str, *, most: int, state: str, minute: bool) -> Sequence[LiveRow]:
        """The newest events, newest first; `state` is `accepted`, `refused`, or anything else for both.

        `minute` leaves those that were accepted in the last one.
        """

    def totals(self) -> Totals:
        """How many there are, as the start page counts them."""

    def channel(self, language: str) -> Channel:
        """Where rows are told as they come, as the HTML of `rows_html`."""

    def snippet(self) -> str:
        """What a shop puts into its pages to send events here."""


def live_page(live: Live, *, waiting: Waiting) -> Page:
    """The page and its stream."""

    async def show(visit: Visit) -> Response:
        text, state, minute = visit.asked("q").strip(), visit.asked("state"), visit.asked("since") == "minute"
        most = SEARCHED if text or state else SHOWN
        newest = await live.recent(visit.language, most=most, state=state, minute=minute)
        rows = [row for row in newest if _fits(row, text, state)]
        silent = not (rows or text or state or minute)
        begun = await waiting.look(after=0, since=0, language=visit.language) if silent else None
        return visit.render(
            "live.html",
            rows=rows[:SHOWN],
            text=text,
            state=state,
            minute=minute,
            totals=live.totals() if minute or state == "refused" else None,
            snippet=live.snippet() if silent else "",
            waiting=begun,
        )

    async def stream(visit: Visit) -> Response:
        reply = stream_reply(live.channel(visit.language), may_go_on=visit.signed_in)
        if reply is None:
            raise Busy("Too many pages watch.")
        return reply

    return Page(
        right="people.read",
        routes=(Route(path="/events/live", handler=show), Route(path="/events/live/stream", handler=stream)),
        entry=Entry(group="Collect", label="Live events", icon="live", path="/events/live"),
    )


def rows_html(language: str, rows: Sequence[LiveRow]) -> str:
    """Rows for the stream."""
    return fragment(language, "live_rows.html", rows=rows)


def _fits(row: LiveRow, text: str, state: str) -> bool:
    """The filter that the page's script applies to new rows as well."""
    said = f"{row.title} {row.source} {row.channel} {row.about} {row.who} {row.reason}".lower()
    return text.lower() in said and state in {"", "accepted" if row.accepted else "refused"}
