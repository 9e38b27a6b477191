"""All pages of the node: `/me…` is the person's, everything else the marketer's."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from genom.app.pages.door import ConsoleDoor
from genom.app.server import App
from genom.console import Page, build_console
from genom.web.headers import ASGI, Receive, Send

__all__ = ["build_pages"]


def build_pages(app: App) -> ASGI:
    """The pages of a node; what they keep open ends with `app.closing`."""
    hosts = frozenset({app.node.settings.host})
    console = build_console(_console_pages(app), door=ConsoleDoor(app.sessions), hosts=hosts, notices=dict)

    async def pages(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await console(scope, receive, send)

    return pages


def _console_pages(app: App) -> list[Page]:  # noqa: ARG001 -- the pages that follow take it
    """A line for each page, in the order of the navigation."""
    return []
