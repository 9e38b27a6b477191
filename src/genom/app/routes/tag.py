"""The browser tag: one script, kept by browsers for an hour and asked for again by its hash."""

from __future__ import annotations

from functools import cache
from typing import Final

from genom.app.http import Reply, Request, Route
from genom.app.scripts import Script, packed, script_reply
from genom.app.server import App
from genom.collect import tag_script

__all__ = ["ROUTES"]

_HOUR: Final = 3_600  # seconds


@cache
def _tag() -> Script:
    return packed(tag_script())


async def tag(app: App, request: Request) -> Reply:
    """The script, or that it has not changed."""
    return script_reply(_tag(), request, seconds=_HOUR)


ROUTES = [Route("GET", "/genom.js", tag, "The browser tag", free=True)]
