"""What RudderStack's libraries ask for beside the paths that they share with Segment's: a beacon, a pixel, a config."""

from __future__ import annotations

import uuid
from typing import Final

from genom.app.http import Handler, Later, Quick, Reply, Request, Route, json_reply, waited_for
from genom.app.intake import Collected, collect, opened
from genom.app.server import App
from genom.collect import pixel_envelope
from genom.web.pixel import PIXEL, PIXEL_HEADERS

__all__ = ["ROUTES"]

_KEY: Final = ("writeKey",)


def beacon(app: App, request: Request) -> Reply | Later:
    """A batch that a page sends while it is left; a beacon has no headers of its own, so the key is in the address."""
    envelope = opened(app, request, "batch")
    envelope.write_key = request.parameters().get("writeKey") or envelope.write_key
    return collect(app, request, envelope)


def _pixel(call: str) -> Quick:
    def load(app: App, request: Request) -> Reply | Later:
        envelope = pixel_envelope(request.parameters(), call, message_id=uuid.uuid4().hex)
        return collect(app, request, envelope, answer=_picture)

    return load


def _picture(_collected: Collected, _position: int) -> Reply:
    return Reply(200, PIXEL, list(PIXEL_HEADERS))


async def source_config(app: App, request: Request) -> Reply:
    """What a page's library must know before it sends: this source has no destinations in the page."""
    offered = request.parameters().get("writeKey", "")
    key = app.access.page_key(offered, request.headers.get(b"authorization", b""))
    off = {"enabled": False}
    return json_reply(
        {
            "source": {
                "id": str(key.source),
                "name": "Genom",
                "writeKey": offered,
                "enabled": True,
                "workspaceId": "genom",
                "config": {"statsCollection": {"errors": off, "metrics": off}},
                "destinations": [],
                "dataplanes": {},
            }
        },
        headers=[(b"cache-control", b"private, max-age=300")],
    )


def _pixels() -> dict[str, Handler]:
    return {call: waited_for(_pixel(call)) for call in ("track", "page")}


ROUTES = [
    Route(
        "POST", "/beacon/v1/batch", waited_for(beacon), "Collect: a batch of a page that is left", takes=dict,
        gives=Collected, query=_KEY, right="collect", pages=True,
    ),
    *(
        Route(
            "GET", f"/pixel/v1/{call}", pixel, f"Collect: {call}, in the address of an image", query=_KEY,
            right="collect", pages=True,
        )
        for call, pixel in _pixels().items()
    ),
    Route(
        "GET", "/sourceConfig", source_config, "Settings of RudderStack's library for browsers", query=_KEY,
        free=True, pages=True,
    ),
]  # fmt: skip
