"""All pages of the node: `/me…` is the person's, everything else the marketer's."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from genom.app.pages.door import ConsoleDoor
from genom.app.pages.labels import Labels
from genom.app.pages.live import LiveEvents
from genom.app.pages.person import PersonPages
from genom.app.pages.places import Places
from genom.app.pages.watching import Watching
from genom.app.server import App
from genom.console import Page, build_console
from genom.console.live import live_page
from genom.console.person_page import person_page
from genom.web.headers import ASGI, Receive, Send

__all__ = ["build_pages"]


def build_pages(app: App) -> ASGI:
    """The pages of a node; what they keep open ends with `app.closing`."""
    hosts = frozenset({app.node.settings.host})
    console = build_console(_console_pages(app), door=ConsoleDoor(app.sessions), hosts=hosts, notices=dict)

    async def pages(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await console(scope, receive, send)

    return pages


def _console_pages(app: App) -> list[Page]:
    """A line for each page, in the order of the navigation."""
    places, labels = Places(app.node), Labels(app.node)
    app.closing.append(places.close)
    return [
        live_page(LiveEvents(app)),
        person_page(PersonPages(app, places, labels), watch=Watching(app).stream),
    ]
