"""The newest decisions of all people; each opens its explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from genom.console.page import Page, Route
from genom.console.visit import Visit

__all__ = ["Decided", "DecisionLog", "decision_log_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision in the list."""

    at: int  # unix ms
    action: str
    point: str
    point_path: str
    person: str  # public id; empty if nobody was known
    control: bool  # drawn at random
    href: str


class DecisionLog(Protocol):
    """What the page needs from the node."""

    async def newest(self, language: str) -> Sequence[Decided]:
        """The newest decisions of the last hour, newest first."""

    def hour(self) -> int:
        """How many there were in the last hour."""


def decision_log_page(log: DecisionLog) -> Page:
    """The list."""

    async def show(visit: Visit) -> Response:
        return visit.render("decision_log.html", decisions=await log.newest(visit.language), total=log.hour())

    return Page(right="people.read", routes=(Route(path="/decisions/log", handler=show),))
