"""The browser tag: one script; the newest is kept by browsers for an hour, one with its hash for a year."""

from __future__ import annotations

from functools import cache
from typing import Final

from genom.app.http import Reply, Request, Route
from genom.app.scripts import Script, packed, script_reply
from genom.app.server import App
from genom.collect import browser_tag
from genom.errors import NotFound

__all__ = ["ROUTES"]

_HOUR: Final = "max-age=3600"
_YEAR: Final = "max-age=31536000, immutable"


@cache
def _tag() -> Script:
    return packed(browser_tag().script)


async def newest(app: App, request: Request) -> Reply:
    """The script, or that it has not changed."""
    return script_reply(_tag(), request, kept=_HOUR)


async def fixed(app: App, request: Request) -> Reply:
    """The script with exactly this hash."""
    if request.parts != (browser_tag().hash,):
        raise NotFound(
            "There is no browser tag with this hash.",
            why="a node serves the tag that came with it, and no older one",
            fix=f"load /genom.{browser_tag().hash}.js: `genom source snippet` prints it with its integrity;"
            " or load /genom.js, which is always the newest",
            code="tag.unknown-hash",
        )
    return script_reply(_tag(), request, kept=_YEAR)


ROUTES = [
    Route("GET", "/genom.js", newest, "The browser tag", free=True),
    Route("GET", "/genom.{hash}.js", fixed, "The browser tag with this hash", free=True),
]
