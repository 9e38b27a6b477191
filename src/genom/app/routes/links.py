"""One-time links: who holds a server key may let a marketer into the console."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App

__all__ = ["CONSOLE_MINUTES", "ROUTES"]

CONSOLE_MINUTES = 15


class Link(msgspec.Struct):
    """A path of this node that signs in once."""

    url: str
    expires_seconds: int


async def console_link(app: App, request: Request) -> Reply:
    """A link that opens the console once."""
    key, make, now = app.access.server_key(request), app.sessions.make_link, now_ms()
    token = await asyncio.to_thread(make, "console", "admin", now=now, minutes=CONSOLE_MINUTES)
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "console.link_made", who=f"key:{key.name}", kind="user", name="admin", at=now
    )
    return json_reply(Link(f"{app.node.settings.public_url.rstrip('/')}/login?token={token}", CONSOLE_MINUTES * 60))


ROUTES = [
    Route("POST", "/v1/console-links", console_link, "A one-time link into the console", None, Link, right="owner")
]
