"""Segments: the list, a segment's page, people who belong, saving and removing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.segments_fields import Fields
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = ["Came", "Definition", "Growth", "Reach", "SegmentRow", "SegmentView", "Segments", "Someone", "Tried"]
__all__ += ["VersionRow", "segments_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How many people a segment had."""

    at: int  # unix ms
    people: int | None  # None: fewer than the floor
    entered: int | None
    left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many of a segment's people a channel reaches, or permit a purpose."""

    name: str  # of the channel, or what the purpose is called
    people: int | None  # None: fewer than the floor
    share: float = 0.0  # of the segment; 0 if it may not be told
    without: int | None = None  # who permit it, but of whom nothing is held to reach them by; None: too few to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """A segment in the list."""

    id: str
    label: str
    purpose: str
    people: int | None  # None: fewer than the floor
    floor: int
    building: bool
    progress: float  # of building, 0 to 1
    growth: tuple[Growth, ...]  # daily, the oldest first
    used_by: tuple[tuple[str, str], ...]  # id and label
    absent: bool = False  # it asks about a prediction without a model
    sent_to: tuple[str, ...] = ()  # labels of destinations
    channels: tuple[Reach, ...] = ()  # whom each reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A segment as it was defined."""

    id: str
    label: Mapping[str, str]
    description: str
    purpose: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a rule means now."""

    people: int | None  # None: fewer than the floor
    floor: int
    everyone: int | None  # people who permit the purpose
    share: float | None
    sentence: str
    alone: tuple[tuple[str, int | None], ...]  # each condition in words and its count, in the order of the text
    channels: tuple[Reach, ...]
    reach: tuple[Reach, ...]  # purposes that no channel stands for
    absent: tuple[tuple[str, str], ...] = ()  # predictions without a model: label, and why (in English)


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """A person, masked."""

    id: str  # public
    title: str
    identifiers: tuple[tuple[str, str], ...]  # type and masked value


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Somebody who entered or left."""

    id: str  # public
    title: str
    entered: bool
    at: int  # unix ms
    reason: str  # event, time, choice, start or identity


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version of a definition."""

    number: int
    author: str
    at: int  # unix ms
    removed: bool
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """All of a segment's page."""

    row: SegmentRow
    definition: Definition
    version: int
    tried: Tried
    growth: tuple[Growth, ...]  # hourly where there are few days, else daily
    came: tuple[Came, ...]  # the newest first; nobody below the floor
    versions: tuple[VersionRow, ...]  # the newest first

    @property
    def genes(self) -> tuple[str, ...]:
        """The genes that the rule asks about, in the order of its text."""
        return tuple(dict.fromkeys(_genes(self.definition.rule)))


def _genes(rule: object) -> Iterator[str]:
    if isinstance(rule, dict):
        if "gene" in rule:
            yield str(rule["gene"])
        for part in rule.values():
            yield from _genes(part)
    elif isinstance(rule, list | tuple):
        for part in rule:
            yield from _genes(part)


class Segments(Protocol):
    """What the pages need from the node; texts come in the reader's language."""

    async def segments(self, *, language: str) -> Sequence[SegmentRow]:
        """All segments."""

    def unreadable(self) -> Mapping[str, str]:
        """Segments that cannot be kept up → why."""

    async def segment(self, name: str, *, language: str) -> SegmentView:
        """One segment; raises NotFound."""

    def definition(self, name: str) -> Definition:
        """A segment as it was defined; raises NotFound."""

    def purpose(self) -> str:
        """The purpose that a new segment begins with."""

    def fields(self, purpose: str, *, without: str, language: str) -> Fields:
        """What a rule may be about; a segment does not ask about itself.  Raises UnknownName."""

    async def tried(self, name: str, purpose: str, rule: object, *, language: str) -> Tried:
        """What a rule means now; raises a GenomError that tells what does not fit."""

    async def people(self, name: str, purpose: str, rule: object, *, language: str) -> Sequence[Someone] | None:
        """Up to 20 people of whom a rule is true; None if there are fewer than the floor."""

    async def save(self, body: dict[str, Any], *, by: str) -> str:
        """Define a segment; without an id it gets one from its label.  Returns the id."""

    async def remove(self, name: str, *, by: str) -> None:
        """Remove a segment; raises a GenomError if others ask about it."""


def segments_page(segments: Segments, builder: Sequence[Route]) -> Page:
    """The list, a segment, and the builder's routes, which come first."""

    async def every(visit: Visit, *, status: int = 200, **told: Any) -> Response:
        rows = await segments.segments(language=visit.language)
        told = {"removed": visit.asked("removed")} | told
        return visit.render("segments/list.html", status=status, rows=rows, unreadable=segments.unreadable(), **told)

    async def listed(visit: Visit) -> Response:
        return await every(visit)

    async def shown(visit: Visit, *, status: int = 200, **told: Any) -> Response:
        view = await segments.segment(visit.part("segment"), language=visit.language)
        told = {"asked": visit.asked("ask"), "done": visit.asked("done")} | told
        return visit.render("segments/detail.html", status=status, view=view, **told)

    async def segment(visit: Visit) -> Response:
        if (name := visit.part("segment")) in segments.unreadable():  # it has nothing to show but its rule
            return visit.go(f"/segments/_builder?id={name}" if visit.may("segments.write") else "/segments")
        return await shown(visit)

    async def remove(visit: Visit) -> Response:
        name = visit.part("segment")
        await visit.form()
        try:
            await segments.remove(name, by=f"console:{visit.subject}")
        except GenomError as error:
            if error.status == 404:
                raise
            page = every if name in segments.unreadable() else shown
            return await page(visit, status=error.status, refused=error)
        return visit.go("/segments?removed=1")

    return Page(
        right="segments.read",
        routes=(
            Route(path="/segments", handler=listed),
            *builder,
            Route(path="/segments/{segment}", handler=segment),
            Route(path="/segments/{segment}/remove", handler=remove, method="POST", right="segments.write"),
        ),
        entry=Entry(group="Understand", label="Segments", icon="filter", path="/segments"),
    )
