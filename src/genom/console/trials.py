"""Versions of a decision point: what is live, what is tried in shadow, publishing and going back by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from genom.console.page import Route
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = [
    "Carried",
    "Change",
    "Differing",
    "Instead",
    "Look",
    "Shadowed",
    "Trials",
    "VersionLine",
    "Versions",
    "trial_routes",
]

SETTINGS: Final = ("control", "epsilon", "temperature", "do_nothing")

Shown = Callable[..., Awaitable[Response]]
"""Renders the point's page; keywords are what its template gets beside the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The effect as it stood."""

    at: int  # unix ms
    decisions: int
    early: bool
    value: float  # a decision
    low: float
    high: float
    said: tuple[str, str, str]  # the three as money or share


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a version in shadow does otherwise than the live one."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """Two actions that stood against each other, and how often."""

    shown: str
    instead: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A decision that would have been another."""

    decision: str  # id of the record in shadow
    live: str  # id of what was decided
    shown: str
    instead: str
    at: int  # unix ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What becomes of effect and lessons when another version goes live."""

    measured: str  # kept, anew, resumed (by these rules it was measured before), or none
    learned: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """The version in shadow."""

    version: int
    changes: tuple[Change, ...]  # against the live one; empty: none is live
    decisions: int
    since: int  # unix ms; 0 = none yet
    compared: int
    agreed: int
    pairs: tuple[Instead, ...]
    recent: tuple[Differing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version as it was defined."""

    number: int
    stage: str  # live, previous, shadow, draft, or empty
    author: str
    at: int  # unix ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The versions of a point and what they do."""

    live: int | None  # 0: as the file has it
    previous: int | None
    lines: tuple[VersionLine, ...]  # the newest first
    shadow: Shadowed | None
    a_day: int | None  # decisions, as of the time since the node's start; None: none yet
    settings: tuple[tuple[str, float], ...]  # that may be tried in shadow; empty: an experiment has none
    published: Carried | None  # by publishing what is in shadow; None: nothing is
    gone_back: Carried | None


class Trials(Protocol):
    """What changes a point's versions; each raises a GenomError that says what is wrong."""

    async def publish(self, name: str, *, confirm: str, reason: str, by: str) -> None:
        """Make the version in shadow live."""

    async def roll_back(self, name: str, *, confirm: str, reason: str, by: str) -> None:
        """Make the version live that was live before."""

    async def end_shadow(self, name: str, *, by: str) -> None:
        """Let no version decide in shadow any more."""

    async def start_shadow(self, name: str, version: int, *, by: str) -> None:
        """Let a version decide in shadow."""

    async def try_settings(self, name: str, settings: dict[str, float], *, by: str) -> None:
        """Let the live version with other settings decide in shadow."""


def trial_routes(trials: Trials, shown: Shown) -> tuple[Route, ...]:
    """The forms of a point's versions; what is refused is told on the point's page."""

    async def publish(visit: Visit) -> Response:
        return await _confirmed(visit, "publish", trials.publish)

    async def roll_back(visit: Visit) -> Response:
        return await _confirmed(visit, "back", trials.roll_back)

    async def _confirmed(visit: Visit, asked: str, act: Callable[..., Awaitable[None]]) -> Response:
        form, name = await visit.form(), visit.part("point")
        confirm, reason = form.get("confirm", "").strip(), form.get("reason", "").strip()
        if confirm != name:
            return await shown(visit, status=400, asked=asked, unconfirmed=confirm, reason=reason)
        try:
            await act(name, confirm=confirm, reason=reason, by=f"console:{visit.subject}")
        except GenomError as error:
            return await shown(visit, status=error.status, refused=error)
        return visit.go(f"/decisions/{name}?done={asked}#versions")

    async def shadow(visit: Visit) -> Response:
        form, name, by = await visit.form(), visit.part("point"), f"console:{visit.subject}"
        try:
            if form.get("version", "").isdecimal():
                await trials.start_shadow(name, int(form["version"]), by=by)
            else:
                await trials.end_shadow(name, by=by)
        except GenomError as error:
            return await shown(visit, status=error.status, refused=error)
        return visit.go(f"/decisions/{name}#versions")

    async def settings(visit: Visit) -> Response:
        form, name = await visit.form(), visit.part("point")
        given = {field: form.get(field, "").strip() for field in SETTINGS}
        try:
            numbers = {field: float(text.replace(",", ".")) for field, text in given.items()}
            await trials.try_settings(name, numbers, by=f"console:{visit.subject}")
        except (GenomError, ValueError):
            return await shown(visit, status=400, unusable=given)
        return visit.go(f"/decisions/{name}#versions")

    return (
        Route(path="/decisions/{point}/publish", handler=publish, method="POST", right="points.write"),
        Route(path="/decisions/{point}/back", handler=roll_back, method="POST", right="points.write"),
        Route(path="/decisions/{point}/shadow", handler=shadow, method="POST", right="points.write"),
        Route(path="/decisions/{point}/settings", handler=settings, method="POST", right="points.write"),
    )
