"""A model's versions and its drift: which serves and why, approving and going back, who has moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from genom.console.page import Route
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = ["DriftView", "Moved", "ReleaseLine", "Releases", "Releasing", "release_routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLine:
    """A version that the registry holds."""

    version: str
    state: str  # serves, waits, before (it served), or empty
    why: str  # in words
    by: str
    at: int  # unix ms; 0: not known
    gain: float | None  # log loss spared against the base rate; None: damaged
    problem: str  # why it cannot be served; empty: it can


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far something has moved."""

    label: str
    name: str
    psi: float
    level: str  # unchanged, shifts or changed


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """Today's people against those of the training."""

    at: int  # unix ms
    people: int
    level: str  # of the score, or of the input that moved furthest
    score: Moved | None
    inputs: tuple[Moved, ...]  # the furthest first
    counts: tuple[int, int, int]  # inputs that are unchanged, shift, have changed a lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """All of it for a model's page."""

    lines: tuple[ReleaseLine, ...]  # the newest first
    waiting: str  # version that waits; empty: none
    back: str  # version to go back to; empty: none
    drift: DriftView | None  # None: not measured yet
    coupons: bool  # such a model is not measured


class Releasing(Protocol):
    """What the page needs from the node."""

    async def releases(self, name: str, *, language: str) -> Releases:
        """A model's versions and drift; raises NotFound."""

    async def approve(self, name: str, *, reason: str, by: str) -> None:
        """Make the version that waits serve; raises what says why it cannot."""

    async def roll_back(self, name: str, *, reason: str, by: str) -> None:
        """Make the version before serve; raises what says why it cannot."""


def release_routes(models: Releasing, shown: Callable[..., Awaitable[Response]]) -> tuple[Route, ...]:
    """The forms; what is refused is told on the model's page."""

    async def _act(visit: Visit, act: Callable[..., Awaitable[None]], done: str) -> Response:
        form, name = await visit.form(), visit.part("model")
        try:
            await act(name, reason=form.get("reason", "").strip(), by=f"console:{visit.subject}")
        except GenomError as error:
            return await shown(visit, status=error.status, refused=error)
        return visit.go(f"/models/{name}?done={done}#versions")

    async def approve(visit: Visit) -> Response:
        return await _act(visit, models.approve, "approve")

    async def back(visit: Visit) -> Response:
        return await _act(visit, models.roll_back, "back")

    return (
        Route(path="/models/{model}/approve", handler=approve, method="POST", right="models.write"),
        Route(path="/models/{model}/back", handler=back, method="POST", right="models.write"),
    )
