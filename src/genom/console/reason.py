"""Why somebody reads people: asked before the first person of a session, and written down with each reading."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from genom.console.door import COOKIE, Door
from genom.console.page import Page, Route
from genom.console.visit import Visit
from genom.errors import BadRequest

__all__ = ["LONGEST", "REASONS", "ask_reason", "reason_page"]

LONGEST: Final = 200
"""Characters of a reason in own words."""
REASONS: Final = (
    "answering a request or question of the person",
    "a complaint, a return or a delivery",
    "checking that data or decisions are right",
)
"""Reasons that need no words of one's own, as they are kept; their translations stand in the .po file."""


def ask_reason(visit: Visit, person: str) -> Response:
    """The question, in place of a page about a person."""
    if "text/event-stream" in visit.request.headers.get("accept", ""):
        return Response(status_code=403)
    if visit.partial:  # a part of a page: the whole page asks
        return Response(headers={"HX-Redirect": f"/people/{person}"})
    path, chosen = visit.request.url.path, visit.asked("person")
    here = f"{path}?{urlencode({'person': chosen})}" if chosen else path
    return _form(visit, here if visit.request.method == "GET" else f"/people/{person}")


def _form(visit: Visit, back: str, *, missing: bool = False) -> Response:
    return visit.render("reason.html", status=400 if missing else 200, reasons=REASONS, missing=missing, back=back)


def reason_page(door: Door) -> Page:
    """The form that gives it; it needs the right to read people."""

    async def change(visit: Visit) -> Response:
        return _form(visit, _back(visit.asked("back")))

    async def give(visit: Visit) -> Response:
        form = await visit.form()
        back, chosen = _back(form.get("back", "")), form.get("reason", "")
        words = " ".join(form.get("words", "").split())[:LONGEST] if chosen == "other" else chosen
        if not words or (chosen != "other" and chosen not in REASONS):
            return _form(visit, back, missing=True)
        door.give_reason(visit.request.cookies.get(COOKIE), words)
        return visit.go(back)

    return Page(
        right="people.read",
        routes=(Route(path="/reason", handler=change), Route(path="/reason", handler=give, method="POST")),
    )


def _back(path: str) -> str:
    """Where to go on: a page about a person, a decision point, or the list of people.  Raises BadRequest."""
    if len(path) > 300 or "\\" in path or "\r" in path or "\n" in path:
        raise BadRequest("This address cannot be opened.", why="it is no page of people", fix="go to People")
    return path if path.startswith(("/people/", "/decisions/")) and ".." not in path else "/people"
