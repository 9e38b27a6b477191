"""Showing masked values: a form that asks why, and a page that shows the values once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from genom.console.page import Page, Route
from genom.console.person import Head
from genom.console.visit import Visit

__all__ = ["EVERYTHING", "LONGEST", "Masked", "Revealed", "Reveals", "reveal_page"]

EVERYTHING: Final = "all"
LONGEST: Final = 500  # characters of a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """What could be shown of a person."""

    head: Head
    kinds: tuple[tuple[str, str, str], ...]  # id, what it is called, masked value


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """What is shown, once."""

    head: Head
    values: tuple[tuple[str, str], ...]  # what it is called, value in full
    row: int  # of the audit log


class Reveals(Protocol):
    """What the page needs from the node."""

    async def masked(self, public: str, *, language: str) -> Masked:
        """What could be shown; raises NotFound."""

    async def reveal(self, public: str, kind: str, *, reason: str, by: str, language: str) -> Revealed:
        """The values of a kind, or all, after one audit row is written; raises NotFound, BadRequest."""


def reveal_page(reveals: Reveals) -> Page:
    """The routes below `/people/{person}/reveal`; nothing is shown before the reason is on record."""

    async def ask(visit: Visit) -> Response:
        masked = await reveals.masked(visit.part("person"), language=visit.language)
        return visit.render("reveal.html", masked=masked, kind=visit.asked("kind"), reason="", wrong="")

    async def show(visit: Visit) -> Response:
        form = await visit.form()
        kind, reason = form.get("kind", ""), form.get("reason", "").strip()
        public, language = visit.part("person"), visit.language
        masked = await reveals.masked(public, language=language)
        wrong = _wrong(kind, reason, masked)
        if wrong:
            return visit.render("reveal.html", status=400, masked=masked, kind=kind, reason=reason, wrong=wrong)
        shown = await reveals.reveal(public, kind, reason=reason, by=visit.subject or "", language=language)
        return visit.render("revealed.html", shown=shown, reason=reason)

    return Page(
        right="people.read",
        routes=(
            Route(path="/people/{person}/reveal", handler=ask),
            Route(path="/people/{person}/reveal", handler=show, method="POST"),
        ),
    )


def _wrong(kind: str, reason: str, masked: Masked) -> str:
    """Which field cannot be used: `kind`, `reason` (empty), `long` (the reason), or "" for none."""
    if kind not in {EVERYTHING, *(name for name, _, _ in masked.kinds)}:
        return "kind"
    return "reason" if not reason else "long" if len(reason) > LONGEST else ""
