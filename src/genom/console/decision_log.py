"""The newest decisions of all people; each opens its explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from genom.console.page import Page, Route
from genom.console.visit import Visit

__all__ = ["Decided", "DecisionLog", "Sought", "decision_log_page"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The decisions of a point, perhaps of one arm of its comparison: who saw it."""

    point: str = ""  # id; empty: every point
    arm: str = ""  # `policy`, `control` or an experiment's action; empty: every arm


class DecisionLog(Protocol):
    """What the page needs from the node."""

    async def newest(self, language: str, sought: Sought) -> Sequence[Decided]:
        """The newest decisions, newest first: of the last hour, or of a point whenever they were made."""

    def named(self, sought: Sought, language: str) -> tuple[str, str]:
        """What people call the point and the arm."""

    def hour(self) -> int:
        """How many there were in the last hour."""


def decision_log_page(log: DecisionLog) -> Page:
    """The list."""

    async def show(visit: Visit) -> Response:
        sought = Sought(point=visit.asked("point"), arm=visit.asked("arm"))
        decisions = await log.newest(visit.language, sought)
        point, arm = log.named(sought, visit.language) if sought.point else ("", "")
        return visit.render(
            "decision_log.html", decisions=decisions, total=log.hour(), sought=sought, point=point, arm=arm
        )

    return Page(right="people.read", routes=(Route(path="/decisions/log", handler=show),))
