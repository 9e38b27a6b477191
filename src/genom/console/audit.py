"""The audit log's page: who did what to whom and why.  There is nothing on it to change a row with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit

__all__ = ["AuditLog", "AuditView", "Checked", "Deed", "audit_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A row of the log."""

    number: int
    at: int  # unix ms
    who: str
    by: str  # what kind of actor: console, API key, command line
    action: str  # in words
    object: str
    href: str  # where the object stands; empty if it has no page
    reason: str
    details: tuple[tuple[str, str], ...]  # name, value
    redacted: int  # number of the row that tells how an erasure emptied this one; 0 = it did not
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check of the chain found."""

    rows: int
    head: str
    problem: str  # in words; "" if the chain holds


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """A page of the log, newest first."""

    deeds: tuple[Deed, ...]
    actions: Sequence[tuple[str, str]]  # of which there are rows: code, in words
    older: int  # row number before which the next page begins; 0 = there is none


class AuditLog(Protocol):
    """What the page needs from the node."""

    async def read(self, *, before: int, action: str, language: str) -> AuditView:
        """Rows older than row `before` (0: the newest), of one action if given."""

    async def check(self, language: str) -> Checked:
        """Compute the chain again."""


def audit_page(log: AuditLog) -> Page:
    """The log and its filter."""

    async def show(visit: Visit) -> Response:
        before, action = visit.asked("before", "0"), visit.asked("action")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 12 else 0
        view = await log.read(before=number, action=action, language=visit.language)
        checked = await log.check(visit.language) if visit.asked("check") else None
        return visit.render("audit.html", view=view, action=action, before=number, checked=checked)

    return Page(
        right="audit.read",
        routes=(Route(path="/audit", handler=show),),
        entry=Entry(group="Govern", label="Audit log", icon="lock", path="/audit"),
    )
