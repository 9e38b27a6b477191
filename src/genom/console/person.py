"""The person's pages: what they show, and what they need from the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from genom.console.genome import Genome

__all__ = ["Apart", "Badge", "Entry", "Head", "Identity", "Linked", "People", "Person", "Reason", "Rival", "Why"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who it is, masked."""

    id: str  # public
    title: str
    initials: str  # of the name; empty if none is known
    identifiers: tuple[tuple[str, str], ...]  # what it is called, masked value
    since: int  # unix ms of the first event; 0 = none that may be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What the person permits for one purpose."""

    purpose: str
    name: str
    text: str  # what the person reads
    state: str  # granted, expired, denied, open (never asked), assumed, always (needs no consent), objected
    until: int = 0  # unix ms when the consent runs out, or did; 0 = there is none, or it does not
    ground: str = ""  # the legal basis that counts for the person; empty where nobody has a region

    @property
    def on(self) -> bool:
        """Whether data may serve the purpose now."""
        return self.state in {"granted", "assumed", "always"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the timeline."""

    at: int  # unix ms
    kind: str  # event, order, decision, consent, withdrawn, link
    title: str
    about: str = ""
    where: str = ""
    href: str = ""
    parts: tuple[tuple[str, str], ...] = ()  # what was folded into this line: text, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A part of a score."""

    label: str
    gene: str  # id; empty for what is no gene
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another choice of the same decision."""

    label: str
    score: float | None  # None: it rests on what is withheld today
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One decision, explained from its record."""

    id: str
    point: str
    point_label: str
    at: int  # unix ms
    purpose: str
    basis: str
    ground: str  # the legal basis and its region; empty where nobody has a region
    model: str
    sentence: str
    action: str
    probability: float
    score: float | None  # None: it rests on what is withheld today, or it was drawn by chance
    start: float
    reasons: tuple[Reason, ...]  # largest first
    hidden: int  # reasons that rest on genes withheld today
    control: bool
    causes: tuple[str, ...]  # what adds nothing to the score
    rivals: tuple[Rival, ...]  # the next best, best first
    outcomes: tuple[tuple[str, int], ...]  # what followed, when
    ms: float = 0.0  # how long it took; 0 = not recorded
    href: str = ""
    digits: int = 2  # decimals of score, start and parts
    shadow: tuple[str, str] | None = None  # id and action of what was decided where this was decided in shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A profile of a person: an identifier and how it came to belong here."""

    profile: str  # public id of the profile
    kind: str  # what it is called
    value: str  # masked
    at: int  # unix ms of the link; 0 = it was there first
    rule: str  # in words
    source: str
    events: int
    with_: str  # the identifier that it was linked to
    people: int  # that a split would make of the person; 1 = there is nothing to split


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A profile that was split off, and could be taken back."""

    profile: str  # public id
    kind: str  # what it is called
    value: str  # masked
    at: int  # unix ms of the split


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How we know that these profiles are one person."""

    head: Head
    profiles: tuple[Linked, ...]
    waiting: tuple[Linked, ...]  # links that are recorded and not confirmed
    splits: tuple[Apart, ...]  # that can be undone
    past: tuple[Entry, ...]  # links and splits, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All of the person's page."""

    head: Head
    badges: tuple[Badge, ...]  # those that matter first
    genome: Genome
    why: Why | None
    timeline: tuple[Entry, ...]  # newest first
    purposes: tuple[tuple[str, str], ...]  # for which a genome can be read: id, name
    profiles: int
    regions: str | None = None  # whose law counts for the person; empty: none is known; None: nobody has one here


class People(Protocol):
    """What the person's pages ask of the node; texts come in the reader's language.  Each raises NotFound."""

    async def person(self, public: str, *, purpose: str, decision: str, language: str) -> Person:
        """The page of a person."""

    async def identity(self, public: str, *, parted: Sequence[str], language: str) -> Identity:
        """The person's linked profiles; `parted` are people whose splits can be undone from here too."""

    async def decisions(self, public: str, *, language: str) -> tuple[Head, tuple[Why, ...]]:
        """The newest decisions about the person."""

    async def decision(self, decision: str, *, language: str) -> tuple[Head | None, Why]:
        """One decision as it was recorded, and the person if it knew one."""

    async def split(self, public: str, profile: str, *, by: str) -> tuple[str, ...]:
        """Undo a profile's links; returns the public ids of the people that come of it."""

    async def rejoin(self, profile: str, *, by: str) -> str:
        """Take a profile's split back; returns the public id of the person.  Raises NotFound, BadRequest."""

    async def portal_link(self, public: str, *, by: str) -> tuple[str, int]:
        """A path that opens the person's own page once, and how many minutes it is good for."""
