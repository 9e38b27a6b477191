"""Genes: the catalogue of what is known of people, and a page for each gene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit

__all__ = [
    "Asked",
    "Choice",
    "Coverage",
    "Decay",
    "GeneDetail",
    "GeneRow",
    "Genes",
    "GenesView",
    "LintLine",
    "Made",
    "Measured",
    "Share",
    "Spread",
    "Used",
    "genes_page",
]

KNOWN: Final = ("some", "most", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which genes are asked for; all of it stands in the address."""

    purpose: str = ""  # empty = the first one
    words: str = ""
    family: str = ""
    op: str = ""
    known: str = ""  # one of KNOWN
    made: str = ""  # of a kind of event or a property
    finding: str = ""  # a rule of the lint
    page: int = 1

    def but(self, **changes: str | int) -> str:
        """The address with other choices; other genes begin on the first page."""
        values = {name: getattr(self, name) for name in self.__slots__} | {"page": 1} | changes
        plain = {name: value for name, value in values.items() if value and (name, value) != ("page", 1)}
        return "/genes" + (f"?{urlencode(plain)}" if plain else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to filter by."""

    id: str
    label: str
    count: int = 0  # genes


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """For how many people a gene is known; a number below the floor is not told."""

    people: int  # looked at
    known: int
    few: bool = False  # some have it, but too few to be told

    @property
    def share(self) -> float:
        """Of one."""
        return self.known / self.people if self.people and not self.few else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """When and on whom everything was measured."""

    at: int  # unix ms
    position: int  # of the journal
    people: int  # looked at
    everyone: bool  # whether these are all who permit it
    population: int
    rows: int  # newest journal rows that were looked at
    floor: int  # people of whom fewer are not told

    @property
    def enough(self) -> bool:
        """Whether anything may be told."""
        return self.people >= self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneRow:
    """A gene in the list."""

    id: str
    label: str
    family: str
    unit: str
    op: str
    coverage: Coverage | None  # None before people are measured
    uses: int
    fresh: int  # time of the newest event that counted, unix ms; 0 = none of the newest
    meaning: str = ""  # in a sentence or two
    purposes: tuple[str, ...] = ()  # that it may be read for
    needs: str = ""  # a purpose that must be permitted beside
    why: str = ""  # what the finding that was asked for says


@dataclass(frozen=True, slots=True, kw_only=True)
class LintLine:
    """A rule of the lint and the genes that it is about."""

    rule: str
    count: int
    first: tuple[tuple[str, str, str], ...]  # id, label, why


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesView:
    """All that the list shows."""

    asked: Asked
    rows: tuple[GeneRow, ...]
    found: int
    total: int
    pages: int
    families: tuple[Choice, ...]
    purpose: str  # that coverage is measured for
    purposes: tuple[Choice, ...]
    ops: tuple[Choice, ...]
    made: str  # what the genes are made of, in words; empty if that was not asked
    measured: Measured | None
    lint: tuple[LintLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Bins in a row, or a value, of a distribution: enough people to be told, or nobody."""

    label: str
    people: int
    bins: int = 1  # that were joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the values spread over people."""

    kind: str  # bins, cells or texts
    shares: tuple[Share, ...]
    middle: str = ""  # the median
    logarithmic: bool = False

    @property
    def most(self) -> float:
        """The most people of a bin."""
        return max((share.people / share.bins for share in self.shares), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """How a gene forgets: what an event counts after some time."""

    span: str  # in words
    window: bool  # whether all of it goes at once
    points: tuple[tuple[str, float], ...] = ()  # age in words (empty: just now), what an event of it counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a gene is made of, or what is made of it."""

    events: tuple[tuple[str, str], ...]  # code, words; empty = every event
    properties: tuple[tuple[str, str], ...]
    genes: tuple[tuple[str, str], ...]  # id, label
    ring: str  # in words
    into: tuple[tuple[str, str], ...]  # formulas that read it: id, label


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What reads a gene."""

    kind: str  # segment, point or model
    label: str
    name: str
    href: str
    share: float | None = None  # of a model's importance
    tendency: str = ""  # of what a point has learned: raises, lowers or mixed


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneDetail:
    """All that a gene's page shows."""

    row: GeneRow
    meaning: str  # in a sentence or two
    kind: str  # the op in words
    owner: str
    purposes: tuple[str, ...]
    needs: str  # a purpose that must be permitted also
    decay: Decay | None
    version: int
    fingerprint: str
    since: int  # unix ms
    measured: Measured | None
    spread: Spread | None
    made: Made
    uses: tuple[Used, ...]
    findings: tuple[str, ...]
    code: str  # YAML
    choices: tuple[Choice, ...]  # purposes it can be measured for
    purpose: str  # that it is measured for


class Genes(Protocol):
    """What the pages need from the node."""

    async def genes(self, asked: Asked, *, language: str) -> GenesView:
        """The genes that are asked for."""

    async def gene(self, name: str, *, purpose: str, language: str) -> GeneDetail | str:
        """One gene, or the address where it is told of; raises NotFound."""


def _nothing_new() -> Response:
    """To a page that asks again until people are measured: it stays as it is."""
    return Response(status_code=204)


def genes_page(genes: Genes) -> Page:
    """The catalogue and the genes."""

    async def listed(visit: Visit) -> Response:
        page = visit.asked("page", "1")
        asked = Asked(
            purpose=visit.asked("purpose"),
            words=visit.asked("words").strip(),
            family=visit.asked("family"),
            op=visit.asked("op"),
            known=visit.asked("known"),
            made=visit.asked("made"),
            finding=visit.asked("finding"),
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )
        view = await genes.genes(asked, language=visit.language)
        return _nothing_new() if visit.partial and view.measured is None else visit.render("genes.html", view=view)

    async def one(visit: Visit) -> Response:
        found = await genes.gene(visit.part("gene"), purpose=visit.asked("purpose"), language=visit.language)
        if isinstance(found, str):
            return visit.go(found)
        return _nothing_new() if visit.partial and found.measured is None else visit.render("gene.html", gene=found)

    return Page(
        right="genes.read",
        routes=(Route(path="/genes", handler=listed), Route(path="/genes/{gene}", handler=one)),
        entry=Entry(group="Understand", label="Genes", icon="gene", path="/genes"),
    )
