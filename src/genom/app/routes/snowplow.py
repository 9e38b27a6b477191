"""Collection from Snowplow's trackers: payloads in a body, or one in the address of an image.

Trackers have no key but name their application: that is a source of this name, if it was declared to be open so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from genom.app.access import must_have
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.intake import Collected, Refused, Taken, keep_rejected, take
from genom.app.server import App
from genom.collect import (
    Arrived,
    Sender,
    as_they_came,
    inflate,
    items_of,
    payload_of_query,
    payloads_of_body,
    translated,
)
from genom.errors import NotPermitted
from genom.web.pixel import PIXEL, PIXEL_HEADERS
from genom.words import Rejection, Source

__all__ = ["ROUTES"]

_STRANGE: Final = "key.unknown"
_LARGEST: Final = 10_000_000  # bytes: after an outage trackers send all that they have kept in one request, and drop
# what is answered 400
_PART: Final = 100  # payloads that are taken before others get a turn; each is at most a hundred events
_LARGE: Final = 100_000  # bytes that are read beside the node's other work

Group = tuple[Source, list[Arrived]]


async def payloads(app: App, request: Request) -> Reply:
    """The payloads of a POST."""
    known = _by_key(app, request)
    encoding = request.headers.get(b"content-encoding", b"").decode("latin-1")
    body = inflate(request.body, encoding, _LARGEST)
    arrived = payloads_of_body(body) if len(body) < _LARGE else await asyncio.to_thread(payloads_of_body, body)
    taken, rejected = await _take_all(app, request, arrived, _sender(request), known)
    refused = [Refused(r.index, r.message_id, r.code, r.message) for r in rejected]
    accepted, erased = sum(one.accepted for one in taken), sum(one.erased for one in taken)
    position = max([one.position for one in taken], default=app.node.world.position)
    return json_reply(Collected(True, accepted, refused, erased), headers=[(b"x-genom-position", b"%d" % position)])


async def image(app: App, request: Request) -> Reply:
    """The payload of an image's address; one that is refused gets the image, too, so that nobody sends it again."""
    known = _by_key(app, request)
    arrived = payload_of_query(request.query, app.node.settings.event_bytes)
    referrer = request.headers.get(b"referer", b"").decode("latin-1")
    await _take_all(app, request, [arrived], _sender(request, referrer=referrer), known)
    return Reply(200, PIXEL, list(PIXEL_HEADERS))


def _sender(request: Request, *, referrer: str = "") -> Sender:
    agent = request.headers.get(b"user-agent", b"").decode("latin-1")
    return Sender(user_agent=agent, referrer=referrer, anonymous=b"sp-anonymous" in request.headers)


def _by_key(app: App, request: Request) -> tuple[Source, bool] | None:
    """The source of a request that brings a key, and whether it is a server's; None if it brings none.

    Raises NotPermitted.
    """
    if b"authorization" not in request.headers:
        return None
    key = app.access.any_key(request)
    must_have(key, "collect")
    return app.access.source_of(request, key), key.kind == "server"


async def _take_all(
    app: App, request: Request, arrived: Sequence[Arrived], sender: Sender, known: tuple[Source, bool] | None
) -> tuple[list[Taken], list[Rejection]]:
    now = now_ms()
    source, server = known or (None, False)
    groups, strange = ([(source, list(arrived))], []) if source else _groups(app, request, arrived)
    settings = app.node.settings
    limit = settings.server_event_bytes if server else settings.event_bytes
    every, refused = list[Taken](), list[Rejection]()
    for theirs, mine in groups:
        items = items_of(mine)
        for begin in range(0, len(mine), _PART):
            made = translated(mine[begin : begin + _PART], sender, items, limit=limit)
            taken = await take(app, request, made.envelope, source=theirs, server=server, now=now)
            rejected = [*made.rejected, *as_they_came(taken.rejected, made.origin)]
            await keep_rejected(app, theirs, rejected, now=now)
            every.append(taken)
            refused += rejected
    await keep_rejected(app, groups[0][0], strange, now=now)
    refused += strange
    return every, sorted(refused, key=lambda one: one.index)


def _groups(app: App, request: Request, arrived: Sequence[Arrived]) -> tuple[list[Group], list[Rejection]]:
    """The payloads by the source that their application is, and those of strangers; damaged ones join the first.

    Raises NotPermitted if it knows none of the applications; those that it does not know count among the wrong keys.
    """
    sources = {name: app.access.source_of_app(request, name) for name in {one.app_id for one in arrived if one.fields}}
    groups, strange = dict[int, Group](), list[Rejection]()
    for one in arrived:
        if one.fields and (source := sources[one.app_id]) is not None:
            groups.setdefault(source.number, (source, []))[1].append(one)
    for name, source in sources.items():
        if source is None:
            app.access.wrong.note(name, now=now_ms())
    if not groups:
        if not sources:
            app.access.wrong.note("", now=now_ms())
        raise NotPermitted(
            "The application is not known.",
            why="the request brings no key, and no source that is open by its name is named as its `aid` says",
            fix="add one with `genom source add NAME --app-id`, or send a write key as Basic user name",
        )
    first = next(iter(groups.values()))[1]
    for one in arrived:
        if not one.fields:
            first.append(one)
        elif sources[one.app_id] is None:
            message = f"`$.data[{one.index}].aid` names no source that is open by its name; see `genom source add`."
            strange.append(Rejection(one.index, one.fields.get("eid"), _STRANGE, message, one.raw))
    return list(groups.values()), strange


ROUTES = [
    Route(
        "POST", "/com.snowplowanalytics.snowplow/tp2", payloads, "Collect: payloads of a Snowplow tracker", dict,
        Collected, right="collect", pages=True, most=_LARGEST,
    ),
    Route(
        "GET", "/i", image, "Collect: a payload of a Snowplow tracker, in the address of an image", right="collect",
        pages=True,
    ),
]  # fmt: skip
