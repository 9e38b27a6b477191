"""People: find one by what they are known by, or look at those who were here last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit

__all__ = ["ANY", "Finder", "PersonRow", "Shares", "people_page"]

ANY: Final = "any"  # purpose of personalisation


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Who permits personalisation."""

    counted: int  # people; fewer than `people` = an estimate
    people: int
    any: int  # of those counted, permit at least one purpose
    purposes: tuple[tuple[str, str, int], ...]  # id, name, how many of those counted permit it

    def number(self, purpose: str) -> int:
        """How many of those counted permit a purpose, or any."""
        return self.any if purpose == ANY else sum(number for name, _, number in self.purposes if name == purpose)

    def share(self, purpose: str) -> float:
        """The same as a share; 0 without people."""
        return self.number(purpose) / self.counted if self.counted else 0.0


class Finder(Protocol):
    """What the page needs from the node."""

    async def find(self, text: str, *, language: str) -> Sequence[PersonRow]:
        """The people whom the text names: an id, a card, an address of mail, a phone number; compared by hash."""

    async def recent(self, *, permits: str, language: str) -> Sequence[PersonRow]:
        """Who did something last, of those who permit a purpose if one is named (`any`: at least one)."""

    def shares(self, *, language: str) -> Shares:
        """Who permits personalisation."""

    def count(self) -> int:
        """How many people there are."""

    def now(self) -> int:
        """Unix ms."""


def people_page(finder: Finder) -> Page:
    """The search and the list."""

    async def show(visit: Visit) -> Response:
        text, permits, language = visit.asked("q").strip(), visit.asked("permits"), visit.language
        search = finder.find(text, language=language) if text else finder.recent(permits=permits, language=language)
        found = await search
        return visit.render(
            "people_found.html" if visit.partial else "people.html",
            text=text,
            permits="" if text else permits,
            shares=finder.shares(language=language) if permits and not text else None,
            found=found,
            count=finder.count(),
            now=finder.now(),
        )

    return Page(
        right="people.find",
        routes=(Route(path="/people", handler=show),),
        entry=Entry(group="Unify", label="People", icon="people", path="/people"),
    )
