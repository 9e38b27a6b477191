"""Collection: Segment's HTTP API and its short paths; RudderStack's libraries use the same ones."""

from __future__ import annotations

from typing import Final

from genom.app.http import Later, Quick, Reply, Request, Route, json_reply, waited_for
from genom.app.intake import Collected, collect, opened
from genom.app.server import App

__all__ = ["ROUTES"]

_PATHS: Final = {
    "track": ("track", "t"),
    "identify": ("identify", "i"),
    "page": ("page", "p"),
    "screen": ("screen", "s"),
    "group": ("group", "g"),
    "alias": ("alias", "a"),
    "merge": ("merge",),
    "batch": ("batch", "b", "import"),
}
_METRICS: Final = 65_536  # bytes of a library's own figures, many times what one sends


def _collector(call: str) -> Quick:
    def take(app: App, request: Request) -> Reply | Later:
        return collect(app, request, opened(app, request, call))

    return take


async def client_metrics(app: App, request: Request) -> Reply:
    """A library's figures about itself: nothing of them is read or kept; `/metrics` counts the requests."""
    return json_reply({"success": True})


ROUTES = [
    Route(
        "POST",
        f"/v1/{path}",
        waited_for(quick),
        f"Collect: {call}",
        takes=dict,
        gives=Collected,
        quick=quick,
        right="collect",
        pages=True,
    )
    for call, paths in _PATHS.items()
    for quick in [_collector(call)]
    for path in paths
] + [
    Route(
        "POST", "/v1/m", client_metrics, "Figures of a library about itself, which are not kept", takes=dict,
        free=True, most=_METRICS, pages=True,
    ),
]  # fmt: skip
