"""Tags `art9`: what of the catalogue is a special category of data."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App
from genom.app.special.tagging import Tagging
from genom.app.special.tags import Tagged, keep_tagged, read_tagged, told_by
from genom.errors import BadConfiguration, BadRequest

__all__ = ["ROUTES"]


async def read(app: App, request: Request) -> Reply:
    """What is tagged, by what, and whether events of before are narrowed."""
    app.access.server_key(request)
    return json_reply(await asyncio.to_thread(app.tagger.state))


async def tag(app: App, request: Request) -> Reply:
    """Tag categories, products and events, in the place of what this address tagged before.

    Nothing is changed while `art9.yaml` cannot be read: what is tagged would be known to nobody.

    Events from now on obey at once; those of before are narrowed beside the requests, which `state` tells.
    """
    key = app.access.server_key(request)
    body: Any = request.as_type(dict[str, Any])
    try:
        tagged = read_tagged(body, where="$")
        await asyncio.to_thread(told_by, app.node.data.path, app.node.catalogue)
    except BadConfiguration as error:
        raise BadRequest(error.what, why=error.why, fix=error.fix, code="art9.refused") from error
    await asyncio.to_thread(keep_tagged, app.node.catalogue, tagged, author=key.name, at=now_ms())
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "catalogue.tagged", who=f"key:{key.name}", kind="catalogue", name="art9",
        at=now_ms(), details={part: len(names) for part, names in msgspec.to_builtins(tagged).items()},
    )  # fmt: skip
    await app.tagger.renew()
    return json_reply(await asyncio.to_thread(app.tagger.state))


_PATH = "/v1/art9"
ROUTES = [
    Route("GET", _PATH, read, "Tags of special categories of data", None, Tagging, right="art9.read"),
    Route("PUT", _PATH, tag, "Tag special categories of data", Tagged, Tagging, right="sources.write"),
]
