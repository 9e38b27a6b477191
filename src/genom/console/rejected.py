"""Refused events: why, how to mend it, and another try: first what would come of it, then the try itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = ["Again", "Reason", "RejectedDesk", "RejectedRow", "RejectedView", "rejected_page"]

PATH: Final = "/events/rejected"
_FILTER: Final = ("source", "code", "day")
_COUNTS: Final = ("tried", "taken", "duplicates", "erased", "refused", "unable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a source's events were refused, and how many."""

    source: str
    code: str
    what: str  # in words
    help: str  # what to do about it
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """One refused event; what names somebody is masked."""

    id: str
    at: int  # unix ms of receipt
    source: str
    title: str
    who: str  # masked identifier
    reason: str
    place: str  # where in the event, such as `.properties.price`
    raw: str  # JSON, masked, shortened
    able: bool  # it can be tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedView:
    """What is kept."""

    reasons: Sequence[Reason]  # of all that fits, the most first
    total: int  # that fits
    kept: int  # of every kind
    days: int  # how long they are kept
    rows: Sequence[RejectedRow]  # newest first
    next: str  # the row behind which the next page goes on; "" = there is none
    sources: Sequence[str]
    codes: Sequence[tuple[str, str]]  # code and words
    dates: Sequence[tuple[str, int]]  # days on which some came, newest first, and their noon in unix ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What came of another try, or would."""

    tried: int = 0
    taken: int = 0
    duplicates: int = 0  # came before
    erased: int = 0
    refused: int = 0  # again
    unable: int = 0  # to be tried
    reasons: Sequence[tuple[str, int]] = ()  # why they are refused, in words
    next: str = ""  # where to go on; "" = all were tried


class RejectedDesk(Protocol):
    """What the page needs from the node; what cannot be raises GenomError."""

    async def view(self, wanted: Mapping[str, str], *, after: str, language: str) -> RejectedView:
        """What fits source, code and day, behind a row."""

    async def again(
        self, wanted: Mapping[str, str], ids: Sequence[str], *, dry_run: bool, begin: str, by: str, language: str
    ) -> Again:
        """Try what fits, or only these, from a place on."""


def rejected_page(desk: RejectedDesk) -> Page:
    """The list, its filter, and the two steps of another try."""

    async def shown(
        visit: Visit, wanted: Mapping[str, str], *, status: int = 200, again: Again | None = None,
        ids: Sequence[str] = (), some: bool = False, refused: GenomError | None = None, done: Again | None = None,
    ) -> Response:  # fmt: skip
        after = visit.asked("after")
        view = await desk.view(wanted if refused is None else {}, after=after, language=visit.language)
        return visit.render(
            "rejected.html", status=status, view=view, wanted=wanted, after=after, again=again, ids=ids, some=some,
            refused=refused, done=done, link=lambda **more: _link(wanted, **more),
        )  # fmt: skip

    async def show(visit: Visit) -> Response:
        wanted = {name: visit.asked(name) for name in _FILTER}
        done = _told(visit) if visit.asked("tried") else None
        try:
            return await shown(visit, wanted, done=done)
        except GenomError as error:
            return await shown(visit, dict.fromkeys(_FILTER, ""), status=error.status, refused=error)

    async def act(visit: Visit) -> Response:
        form = await visit.form()
        wanted = {name: form.get(name, "") for name in _FILTER}
        some, ids, dry_run = form.get("which") != "all", form.all("row"), form.get("act") != "try"
        if some and not ids:
            return await shown(visit, wanted, status=400, some=True, again=Again())
        try:
            told = await desk.again(
                {} if some else wanted, ids if some else (), dry_run=dry_run, begin=form.get("begin", ""),
                by=f"console:{visit.subject}", language=visit.language,
            )  # fmt: skip
        except GenomError as error:
            return await shown(visit, wanted, status=error.status, refused=error)
        if dry_run:
            return await shown(visit, wanted, again=told, ids=ids, some=some)
        counts = {name: str(getattr(told, name)) for name in _COUNTS}
        return visit.go(_link(wanted, **counts, begin=told.next))

    return Page(
        right="rejected.read",
        routes=(
            Route(path=PATH, handler=show),
            Route(path=PATH, handler=act, method="POST", right="rejected.write"),
        ),
        entry=Entry(group="Collect", label="Refused events", icon="no", path=PATH),
    )


def _link(wanted: Mapping[str, str], **more: str) -> str:
    asked = {name: value for name, value in {**wanted, **more}.items() if value}
    return f"{PATH}?{urlencode(asked)}" if asked else PATH


def _told(visit: Visit) -> Again:
    """What the address says of the try that led here."""
    tried, taken, duplicates, erased, refused, unable = (_whole(visit.asked(name)) for name in _COUNTS)
    return Again(
        tried=tried, taken=taken, duplicates=duplicates, erased=erased, refused=refused, unable=unable,
        next=visit.asked("begin"),
    )  # fmt: skip


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
