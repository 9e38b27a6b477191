"""Collection without a script: an event in the address of an image."""

from __future__ import annotations

import uuid
from typing import Final

from genom.app.access import must_have
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route
from genom.app.intake import keep_rejected, take
from genom.app.server import App
from genom.collect import Rejected, Sender, as_it_came, image_envelope, in_address, rejection, without_key
from genom.errors import Forbidden, NotPermitted
from genom.web.pixel import PIXEL, PIXEL_HEADERS

__all__ = ["ROUTES"]

_QUERY: Final = ("writeKey", "event", "userId", "anonymousId", "messageId", "timestamp", "url", "title", "referrer")


async def pixel(app: App, request: Request) -> Reply:
    """Take the event and answer the image, which also comes for a refused event: a page has no use for a reason."""
    try:
        key = _key(app, request)
    except NotPermitted as error:
        if b"authorization" in request.headers:  # no image of a page
            raise
        return Reply(error.status, PIXEL, list(PIXEL_HEADERS))
    now, source = now_ms(), app.access.source_of(request, key)
    raw = without_key(request.query)
    try:
        envelope = image_envelope(
            request.query, _sender(request), message_id=uuid.uuid4().hex, limit=app.node.settings.event_bytes
        )
    except Rejected as why:
        await keep_rejected(app, source, [rejection(why.within("$"), 0, None, raw)], now=now)
    else:
        taken = await take(app, request, envelope, source=source, server=False, now=now)
        refused = [as_it_came(one, 0, one.message_id, raw, at=("$.batch[0]", "$")) for one in taken.rejected]
        await keep_rejected(app, source, refused, now=now)
    return Reply(200, PIXEL, list(PIXEL_HEADERS))


def _key(app: App, request: Request) -> Key:
    """Raises NotPermitted for a key that nobody knows, that may not collect, or that has no place in a page."""
    key = app.access.any_key(request, in_address(request.query).get("writeKey", ""))
    must_have(key, "collect")
    if key.kind == "server" and b"authorization" not in request.headers:
        raise Forbidden(
            "A server key has no place in an address.",
            why="whoever reads the page reads it, and it may do much more than send events",
            fix="use the source's write key, and take this server key back",
            code="key.in-page",
        )
    return key


def _sender(request: Request) -> Sender:
    headers = request.headers
    return Sender(
        user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
        referrer=headers.get(b"referer", b"").decode("latin-1"),
    )


ROUTES = [
    Route(
        "GET", "/v1/pixel.gif", pixel, "Collect: a page view or an event, in the address of an image", query=_QUERY,
        right="collect", pages=True,
    )
]  # fmt: skip
