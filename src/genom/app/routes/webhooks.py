"""Webhooks of other systems: declare them, and take what they send if it is signed."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from genom.app.access import must_be_whole
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.intake import Collected, Refused, keep_rejected, take
from genom.app.server import App
from genom.app.webhooks import Kept, define_webhooks, remove_webhook, secret_of, stored_webhooks
from genom.collect import inflate
from genom.collect.webhooks import Webhook, as_sent, check_signature, mapped
from genom.errors import BadRequest, NotFound
from genom.words import Rejection, Source

__all__ = ["ROUTES"]

_KEPT, _SECRETS = "webhooks", "webhook secrets"  # in the application's memory


class ShownWebhook(msgspec.Struct):
    """A webhook, without its secret."""

    webhook: dict[str, Any]
    version: int


class Webhooks(msgspec.Struct):
    """All webhooks that take something."""

    webhooks: list[ShownWebhook]


class NewWebhooks(msgspec.Struct):
    """Webhooks to add or change."""

    webhooks: list[dict[str, Any]]


class DeclaredWebhook(msgspec.Struct, omit_defaults=True):
    """A webhook and the version that it has now."""

    name: str
    version: int
    secret: str = ""  # only if Genom has just made it


class DeclaredWebhooks(msgspec.Struct):
    """What was declared."""

    webhooks: list[DeclaredWebhook]


class RemovedWebhook(msgspec.Struct):
    """What was removed."""

    removed: str


class Trial(msgspec.Struct):
    """A body to try a webhook with."""

    body: str


class Tried(msgspec.Struct):
    """What would become of it; nothing was taken."""

    events: list[dict[str, Any]]
    rejected: list[Refused]


async def listed(app: App, request: Request) -> Reply:
    """The webhooks."""
    app.access.server_key(request)
    known = await asyncio.to_thread(stored_webhooks, app.node)
    return json_reply(Webhooks([ShownWebhook(msgspec.to_builtins(k.webhook), k.version) for k in known.values()]))


async def define(app: App, request: Request) -> Reply:
    """Add or change webhooks, all or none; an equal declaration keeps its version."""
    key = app.access.server_key(request)
    must_be_whole(key, "declare webhooks")
    given = request.as_type(NewWebhooks).webhooks
    kept = await asyncio.to_thread(define_webhooks, app.node, given, author=key.name, now=now_ms())
    app.cache.pop(_KEPT, None)
    return json_reply(DeclaredWebhooks([DeclaredWebhook(one.webhook.name, one.version, one.made) for one in kept]))


async def remove(app: App, request: Request) -> Reply:
    """A webhook takes nothing any more."""
    key, name = app.access.server_key(request), request.parts[0]
    must_be_whole(key, "remove webhooks")
    await asyncio.to_thread(remove_webhook, app.node, name, author=key.name, now=now_ms())
    app.cache.pop(_KEPT, None)
    return json_reply(RemovedWebhook(name))


async def try_out(app: App, request: Request) -> Reply:
    """What would become of a body: the mapping alone, without a signature, and nothing is taken."""
    app.access.server_key(request)
    webhook = _known(app, request.parts[0])
    made = mapped(request.as_type(Trial).body.encode(), webhook)
    events = [msgspec.json.decode(one) for one in made.envelope.items]
    return json_reply(Tried(events, _refused(made.rejected)))


async def receive(app: App, request: Request) -> Reply:
    """Take a signed body.  What cannot be mapped is kept with its reason: nobody need send it again."""
    webhook = _known(app, request.parts[0])
    check_signature(webhook.signature, _secret(app, webhook.name), request.headers, request.body, now=now_ms())
    now, source, settings = now_ms(), _source(app, webhook), app.node.settings
    encoding = request.headers.get(b"content-encoding", b"").decode("latin-1")
    made = mapped(inflate(request.body, encoding, settings.body_bytes), webhook)
    taken = await take(app, request, made.envelope, source=source, server=webhook.server, now=now)
    rejected = [*made.rejected, *as_sent(taken.rejected, made.origin)]
    await keep_rejected(app, source, rejected, now=now)
    return json_reply(
        Collected(True, taken.accepted, _refused(rejected), taken.erased),
        headers=[(b"x-genom-position", b"%d" % taken.position)],
    )


def _refused(rejected: list[Rejection]) -> list[Refused]:
    return [Refused(one.index, one.message_id, one.code, one.message) for one in rejected]


def _known(app: App, name: str) -> Webhook:
    """A webhook; the catalogue is read once after each change."""
    known: dict[str, Kept] | None = app.cache.get(_KEPT)
    if known is None:
        known = app.cache[_KEPT] = stored_webhooks(app.node)
        app.cache[_SECRETS] = {}
    if name not in known:
        raise NotFound(
            "There is no such webhook.",
            why="it was never declared, or it was removed",
            fix="see `genom webhook list`",
            code="webhook.not-found",
        )
    return known[name].webhook


def _secret(app: App, name: str) -> bytes:
    """The secret of a known webhook."""
    opened: dict[str, bytes] = app.cache[_SECRETS]
    if name not in opened:
        opened[name] = secret_of(app.node, name)
    return opened[name]


def _source(app: App, webhook: Webhook) -> Source:
    for source in app.node.sources.values():
        if source.name == webhook.source:
            return source
    raise BadRequest(
        "The webhook has no source.", why=f"nothing is named {webhook.source!r}", fix="declare the webhook again"
    )


ROUTES = [
    Route("GET", "/v1/webhooks", listed, "Webhooks of other systems", None, Webhooks, right="sources.read"),
    Route(
        "POST", "/v1/webhooks", define, "Add or change webhooks", NewWebhooks, DeclaredWebhooks, right="sources.write"
    ),
    Route("DELETE", "/v1/webhooks/{webhook}", remove, "Remove a webhook", None, RemovedWebhook, right="sources.write"),
    Route(
        "POST", "/v1/webhooks/{webhook}/try", try_out, "What would become of a webhook's body", Trial, Tried,
        right="sources.read",
    ),
    Route(
        "POST", "/v1/webhooks/{webhook}", receive, "Collect: a signed body of another system", dict, Collected,
        free=True,
    ),
]  # fmt: skip
