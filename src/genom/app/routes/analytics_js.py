"""What Segment's library for browsers asks for before it sends: its settings, and itself if we are to serve it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from genom.app.addresses import address_for
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.scripts import Script, packed, script_reply
from genom.app.server import App
from genom.errors import BadConfiguration, Forbidden, NotFound, NotPermitted

__all__ = ["ROUTES"]

_FILE: Final = "web/analytics.min.js"  # in the data directory
_DAY: Final = "max-age=86400"
_LARGEST: Final = 4_000_000  # bytes of the script, many times what it has
_KEPT: Final = "analytics.min.js"  # in the application's memory


async def settings(app: App, request: Request) -> Reply:
    """How a page's library is to send; its one integration is this node."""
    key = request.parts[0]
    _check_key(app, request)
    scheme, host = address_for(request, app.node.settings)
    purposes = app.node.purposes
    return json_reply(
        {
            "integrations": {
                "Segment.io": {
                    "apiKey": key,
                    "apiHost": f"{host}/v1",
                    "protocol": scheme,
                    "unbundledIntegrations": [],
                    "addBundledMetadata": True,
                }
            },
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "remotePlugins": [],
            "consentSettings": {
                "allCategories": purposes.names_of(~purposes.fixed & purposes.mask(purposes.names)),
                "hasUnmappedDestinations": True,  # what needs no consent is sent whatever a banner says
            },
        },
        headers=[(b"cache-control", b"private, max-age=300")],  # it names the host that was asked: no shared cache
    )


async def script(app: App, request: Request) -> Reply:
    """The library, as the operator put it into the data directory."""
    _check_key(app, request)
    return script_reply(await asyncio.to_thread(_script, app), request, kept=_DAY)


def _check_key(app: App, request: Request) -> None:
    """Raises NotFound for a key that nobody knows, which counts among the wrong ones; Forbidden for a server key."""
    try:
        app.access.page_key(request.parts[0])
    except Forbidden:
        raise
    except NotPermitted as error:
        raise NotFound(
            error.what, why="nobody has made this one", fix="copy the write key anew; `genom source add` makes one",
            code=error.code,
        ) from None  # fmt: skip


def _script(app: App) -> Script:
    """From the disk once for each version of the file."""
    path: Path = app.node.data.path / _FILE
    try:
        about = path.stat()
        version = about.st_mtime_ns, about.st_size
        known: tuple[Any, Script] | None = app.cache.get(_KEPT)
        if known is not None and known[0] == version:
            return known[1]
        if about.st_size > _LARGEST:
            raise BadConfiguration(
                f"{_FILE} cannot be served.",
                why=f"it has {about.st_size:,} bytes, and at most {_LARGEST:,} are kept in memory",
                fix="put the library's own file there",
            )
        made = packed(path.read_bytes())
    except OSError:
        raise NotFound(
            "This node has no analytics.js.",
            why=f"its data directory has no readable file {_FILE}, and Genom downloads none",
            fix="put dist/umd/standalone.js of the package @segment/analytics-next there; see docs/how-to/segment.md",
            code="script.missing",
        ) from None
    app.cache[_KEPT] = version, made
    return made


ROUTES = [
    Route(
        "GET", "/v1/projects/{writeKey}/settings", settings, "Settings of Segment's library for browsers", free=True,
        pages=True,
    ),
    Route(
        "GET", "/analytics.js/v1/{writeKey}/analytics.min.js", script, "Segment's library for browsers", free=True,
        pages=True,
    ),
]  # fmt: skip
