"""Waiting for the first event: a panel that asks by itself, says what was checked, and turns when something comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from genom.console.page import Page, Route
from genom.console.visit import Visit

__all__ = ["PATIENCE", "Check", "Received", "Waiting", "WaitingView", "waiting_page"]

PATIENCE: Final = 20_000  # ms without an event after which the checks are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that was looked at."""

    state: str  # ok, wrong, or open: nothing was seen that would tell
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The first event that came."""

    title: str
    at: int  # unix ms
    person: str  # public id


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    """How the waiting goes."""

    after: int  # position of the journal at which it began
    since: int  # unix ms at which it began
    waited: int  # ms
    received: Received | None
    checks: Sequence[Check]

    @property
    def told(self) -> bool:
        """Whether the checks are to be shown: after some patience, or as soon as one found something wrong."""
        return self.waited >= PATIENCE or any(check.state == "wrong" for check in self.checks)


class Waiting(Protocol):
    """What the panel needs from the node."""

    async def look(self, *, after: int, since: int, language: str) -> WaitingView:
        """What came after a position, and what was checked; 0 and 0 begin to wait now."""


def waiting_page(waiting: Waiting) -> Page:
    """The panel by itself; pages include it and it renews itself."""

    async def show(visit: Visit) -> Response:
        after, since = (_whole(visit.asked(name)) for name in ("after", "since"))
        view = await waiting.look(after=after, since=since, language=visit.language)
        return visit.render("waiting.html" if visit.partial else "waiting_page.html", waiting=view)

    return Page(right="totals.read", routes=(Route(path="/events/waiting", handler=show),))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
