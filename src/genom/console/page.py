"""What a page of the console is: its routes, and its place in the navigation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from genom.console.visit import Visit

__all__ = ["GROUPS", "Entry", "Handler", "Page", "Route"]

Handler = Callable[[Visit], Awaitable[Response]]

GROUPS: Final = ("", "Collect", "Unify", "Understand", "Decide", "Improve", "Govern")
"""The navigation's groups: the order of the data, then what is answered for; "" stands above all, untitled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address and what answers it; `path` is a Starlette path such as `/people/{person}`."""

    path: str
    handler: Handler
    method: str = "GET"
    right: str = ""  # what its reader must have, if it is another than the page's


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the navigation."""

    group: str  # one of GROUPS
    label: str  # English; the German one stands in a .po file
    icon: str  # a name of kit/icon.html
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Routes that belong together."""

    routes: tuple[Route, ...]
    right: str = ""  # what their reader must have; "" only before the door
    entry: Entry | None = None
