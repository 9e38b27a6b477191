"""Decision points: how each does, what it may choose from, and a simulator that writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from genom.console.models import ModelRow
from genom.console.page import Entry, Page, Route
from genom.console.person import Head, Why
from genom.console.trials import Look, Trials, Versions, trial_routes
from genom.console.visit import Visit

__all__ = ["Action", "Arm", "Effect", "PointDetail", "PointRow", "Points", "Simulation", "Weighing", "points_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One side of a comparison."""

    name: str
    n: int  # decisions whose window has passed
    reward: str  # all of it
    mean: str  # reward a decision; empty before the first
    share: float  # that it should have
    href: str  # of the decisions that it made: who saw it


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a point brings, and what may be said of it."""

    verdict: str  # too_early, better, worse, no_difference_yet, health_problem, no_control; empty: not measured
    sentence: str
    difference: float | None  # reward a decision
    low: float | None  # of the 95 % interval, which holds at every look
    high: float | None
    said: tuple[str, str, str]  # the three as money or share; empty texts if there are none
    arms: tuple[Arm, ...]  # the base is the last
    since: int  # unix ms; 0 = no decision is counted yet
    waiting: int  # decisions whose window is open
    looks: tuple[Look, ...] = ()  # how it stood, the oldest first
    money: bool = False  # rewards are EUR, else shares of decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """A decision point in the list."""

    id: str
    label: str
    purpose: str
    model: str  # in words
    decisions: int  # since the node's start
    neutral: int  # of them without permission or candidate
    fallback: float  # share that another model answered
    p95: float | None  # ms
    best: str  # label of the action that brought most so far
    experiment: bool
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that a point can choose."""

    id: str
    label: str
    about: str  # categories
    value: float  # EUR that a success is worth
    state: str  # running, waiting, ended or off
    n: int  # decisions that chose it and are counted
    mean: str  # reward a decision; empty before the first


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDetail:
    """All of a decision point's page."""

    row: PointRow
    version: int
    browser: bool
    policy: tuple[str, ...]  # in sentences
    reward: str  # in a sentence
    actions: tuple[Action, ...]  # empty: every category is a candidate
    candidates: int
    features: tuple[tuple[str, str, tuple[str, ...]], ...]  # gene's label, gene, its cells and forms in words
    learned: int  # decisions that it has learned from
    card: ModelRow | None  # of the trained model that scores its candidates; None if there is none
    trains: bool  # whether a trained model scores them as soon as there is one
    versions: Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One candidate of a simulated decision."""

    action: str
    label: str
    score: float
    probability: float  # to take the first place


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What would be decided now."""

    head: Head
    why: Why
    candidates: tuple[Weighing, ...]  # the most probable first
    more: int  # candidates that are not listed
    permitted: bool
    off: tuple[tuple[str, str], ...]  # actions that are switched off, and their labels


class Points(Trials, Protocol):
    """What the pages need from the node; texts come in the reader's language.  Each raises UnknownName."""

    def points(self, *, language: str) -> Sequence[PointRow]:
        """All points."""

    async def point(self, name: str, *, language: str) -> PointDetail:
        """One point."""

    def simulate(self, name: str, person: str, *, off: frozenset[str], language: str) -> Simulation:
        """What would be decided for a person with some actions off; nothing is written or counted."""

    def found(self, text: str, *, language: str) -> Sequence[Head]:
        """The people whom a text names; without one those who were here last."""


def points_page(points: Points) -> Page:
    """The list, a point, its simulator."""

    async def listed(visit: Visit) -> Response:
        return visit.render("points.html", points=points.points(language=visit.language))

    async def shown(visit: Visit, *, status: int = 200, **values: Any) -> Response:
        name, language = visit.part("point"), visit.language
        detail = await points.point(name, language=language)
        reads = visit.may("people.read")
        person, text = visit.asked("person") if reads else "", visit.asked("q").strip() if reads else ""
        off = frozenset(visit.request.query_params.getlist("off")[:200])
        simulated = points.simulate(name, person, off=off, language=language) if person else None
        heads = () if not reads or (simulated and not text) else points.found(text, language=language)
        told = {"asked": visit.asked("ask"), "done": visit.asked("done")} | values
        return visit.render(
            "point.html", status=status, point=detail, simulated=simulated, heads=heads, text=text, **told
        )

    async def point(visit: Visit) -> Response:
        return await shown(visit)

    return Page(
        right="points.read",
        routes=(
            Route(path="/decisions", handler=listed),
            Route(path="/decisions/{point}", handler=point),
            *trial_routes(points, shown),
        ),
        entry=Entry(group="Decide", label="Decision points", icon="split", path="/decisions"),
    )
