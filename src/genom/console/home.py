"""Home: the pulse, what decisions bring, what needs attention, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit
from genom.console.waiting import Waiting

__all__ = ["Arm", "Concern", "Effect", "Home", "HomeView", "Pulse", "home_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Five numbers, and the events of the last hour."""

    events_minute: int
    people: int
    decisions_hour: int
    consent: float | None  # share of people who permit any personalisation; None without people
    consent_sample: int  # people that the share was counted on; fewer than `people` = an estimate
    refused: int  # events that are kept to be mended
    minutes: tuple[tuple[int, int], ...] = ()  # (begin of the minute in unix ms, events), oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One side of a comparison."""

    name: str
    decisions: int
    mean: str  # reward of a hundred decisions with its unit; empty before the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a decision point brings against its control."""

    point: str
    label: str
    verdict: str  # too_early, better, worse, no_difference_yet, health_problem, no_control
    sentence: str
    difference: float | None
    low: float | None
    high: float | None
    arms: tuple[Arm, ...]

    @property
    def far(self) -> float:
        """How far from zero the interval reaches; 0 before anything may be said of it."""
        known = [end for end in (self.low, self.high, self.difference) if end is not None]
        return 0.0 if self.verdict in {"too_early", "health_problem"} else max(map(abs, known), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something that needs attention; the template has the words for each kind."""

    kind: str  # model, point, outcomes, refused, development, sample, disk, erasure, erasure_failed, removal, courier
    values: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """Everything that the page shows."""

    pulse: Pulse
    effects: tuple[Effect, ...] = ()
    concerns: tuple[Concern, ...] = ()
    shop: str = ""  # address of the living shop, if it runs
    done: frozenset[str] = frozenset()  # steps of the checklist: events, people, consent, decisions, effect
    empty: bool = False  # nothing has ever arrived


class Home(Protocol):
    """What the page needs from the node."""

    async def home(self, language: str) -> HomeView:
        """How things stand, at most two seconds old."""


def home_page(home: Home, *, waiting: Waiting) -> Page:
    """The start page; its pulse renews itself."""

    async def show(visit: Visit) -> Response:
        view = await home.home(visit.language)
        template = "home_pulse.html" if visit.partial else "home.html"
        begun = await waiting.look(after=0, since=0, language=visit.language) if view.empty else None
        return visit.render(template, view=view, waiting=begun)

    return Page(
        right="totals.read",
        routes=(Route(path="/", handler=show),),
        entry=Entry(group="", label="Home", icon="home", path="/"),
    )
