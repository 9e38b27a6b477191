"""People: find one by what they are known by, or look at those who were here last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit

__all__ = ["Finder", "PersonRow", "people_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person, masked."""

    id: str  # public
    title: str
    identifiers: tuple[tuple[str, str], ...]  # what it is called, masked value
    families: tuple[tuple[str, str, float], ...]  # name, state, mean place: the small strip
    seen: int = 0  # unix ms of the newest event; 0 = none
    last: str = ""  # what that was
    simulated: bool = False


class Finder(Protocol):
    """What the page needs from the node."""

    async def find(self, text: str, *, language: str) -> Sequence[PersonRow]:
        """The people whom the text names: an id, a card, an address of mail, a phone number; compared by hash."""

    async def recent(self, *, language: str) -> Sequence[PersonRow]:
        """Who did something last."""

    def count(self) -> int:
        """How many people there are."""

    def now(self) -> int:
        """Unix ms."""


def people_page(finder: Finder) -> Page:
    """The search and the list."""

    async def show(visit: Visit) -> Response:
        text = visit.asked("q").strip()
        found = await (finder.find(text, language=visit.language) if text else finder.recent(language=visit.language))
        template = "people_found.html" if visit.partial else "people.html"
        return visit.render(template, text=text, found=found, count=finder.count(), now=finder.now())

    return Page(
        routes=(Route(path="/people", handler=show),),
        entry=Entry(group="Unify", label="People", icon="people", path="/people"),
    )
