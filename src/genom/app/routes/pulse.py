"""The figures of the start page, for programs."""

from __future__ import annotations

from genom.app.http import Reply, Request, Route, json_reply
from genom.app.pages.pulse import Figures, figures_of
from genom.app.server import App

__all__ = ["ROUTES"]


async def pulse(app: App, request: Request) -> Reply:
    """How the shop lives: events a minute, people, decisions an hour, who permits personalisation, refused events."""
    app.access.server_key(request)
    return json_reply(figures_of(app))


ROUTES = [Route("GET", "/v1/pulse", pulse, "The figures of the start page", None, Figures, right="totals.read")]
