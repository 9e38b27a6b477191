"""Sources: who may send events, how, what came of it; and for one that is silent, what was seen instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit
from genom.console.waiting import Check
from genom.errors import GenomError

__all__ = ["Snippet", "SourceKey", "SourceLine", "SourceView", "Sources", "SourcesView", "sources_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source in the list."""

    number: int
    name: str
    development: bool  # consents are assumed
    history: bool  # its events are known as of their own time
    events: int  # of the last 24 hours
    newest: int  # unix ms; 0 = none is known
    never: bool  # it has never sent an event that was accepted
    rejected: int  # events that are kept to be mended
    rejected_path: str  # where they stand


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesView:
    """All sources."""

    lines: Sequence[SourceLine]
    counted: bool  # what came before the first look
    since: int  # unix ms; what came before was not counted; 0 = the whole day was


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKey:
    """A key of a source, without what opens anything."""

    id: str
    server: bool
    name: str
    at: int  # unix ms; 0 = from before that was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Code to put somewhere."""

    id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One source."""

    line: SourceLine
    keys: Sequence[SourceKey]
    snippets: Sequence[Snippet]
    checks: Sequence[Check]  # what was looked at while nothing came
    counted: bool
    since: int


class Sources(Protocol):
    """What the pages need from the node; what cannot be raises GenomError."""

    async def view(self) -> SourcesView:
        """All of them."""

    async def one(self, number: int, *, key: str = "", language: str) -> SourceView:
        """One, with its code; `key` stands in it in place of a word for it.  Raises NotFound."""

    async def add(self, name: str, consent: str, *, by: str) -> tuple[int, str]:
        """A new source: its number and its write key, which is returned this once."""


def sources_page(sources: Sources) -> Page:
    """The list, one source, and the panel that waits for its first event."""

    async def listed(visit: Visit, *, status: int = 200, refused: Any = None, given: Any = None) -> Response:
        view = await sources.view()
        given = given or {"name": "", "consent": "required"}
        return visit.render("sources.html", status=status, view=view, refused=refused, given=given)

    async def show(visit: Visit) -> Response:
        return await listed(visit)

    async def add(visit: Visit) -> Response:
        form = await visit.form()
        given = {"name": form.get("name", "").strip(), "consent": form.get("consent", "required")}
        try:
            number, key = await sources.add(given["name"], given["consent"], by=f"console:{visit.subject}")
        except GenomError as error:
            return await listed(visit, status=error.status, refused=error, given=given)
        view = await sources.one(number, key=key, language=visit.language)
        return visit.render("source.html", view=view, made=key)  # no address leads here a second time

    async def one(visit: Visit) -> Response:
        view = await sources.one(_number(visit), language=visit.language)
        return visit.render("source.html", view=view, made="")

    async def waiting(visit: Visit) -> Response:
        view = await sources.one(_number(visit), language=visit.language)
        if not visit.partial:
            return visit.go(f"/sources/{view.line.number}")
        return visit.render("source_waiting.html", view=view)

    return Page(
        right="sources.read",
        routes=(
            Route(path="/sources", handler=show),
            Route(path="/sources", handler=add, method="POST", right="sources.write"),
            Route(path="/sources/{source}", handler=one),
            Route(path="/sources/{source}/waiting", handler=waiting),
        ),
        entry=Entry(group="Collect", label="Sources", icon="plug", path="/sources"),
    )


def _number(visit: Visit) -> int:
    text = visit.part("source")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
