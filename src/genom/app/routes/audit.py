"""The audit log over HTTP: read it and check its chain; nothing here writes."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App
from genom.errors import BadRequest
from genom.privacy.heads import Head, Proof

__all__ = ["ROUTES"]

_MOST = 1_000  # rows in one answer


class Rows(msgspec.Struct):
    """Rows of the audit log, newest first."""

    rows: list[audit.Row]


class SignedHeads(msgspec.Struct):
    """Heads of the log, oldest first; whoever keeps one elsewhere can prove later that nothing was taken away."""

    heads: list[Head]


async def listed(app: App, request: Request) -> Reply:
    """Rows older than `before`, of one action or object if they are named."""
    app.access.server_key(request)
    asked = request.parameters()
    found = await asyncio.to_thread(
        audit.rows,
        app.node.catalogue,
        before=_whole(asked, "before", default=0, most=10**12),
        limit=_whole(asked, "limit", default=50, most=_MOST),
        action=asked.get("action", ""),
        name=asked.get("name", ""),
    )
    return json_reply(Rows(found))


async def checked(app: App, request: Request) -> Reply:
    """Compute the whole chain again; `head` is a hash that was noted earlier."""
    app.access.server_key(request)
    found = await asyncio.to_thread(audit.verify, app.node.catalogue, head=request.parameters().get("head", ""))
    if not found.problem and (problem := await asyncio.to_thread(app.heads.problem)):
        found = msgspec.structs.replace(found, problem=problem)
    return json_reply(found)


async def heads(app: App, request: Request) -> Reply:
    """Sign a head for the newest row, and all heads: keep the newest elsewhere."""
    await app.heads.note(app.node.settings.anchor_command)
    return json_reply(SignedHeads(await asyncio.to_thread(app.heads.every)))


async def proved(app: App, request: Request) -> Reply:
    """A row with its path to a signed head: whoever has the public key checks it without the log."""
    number = _whole({"row": request.parts[0]}, "row", default=0, most=10**12)
    return json_reply(await asyncio.to_thread(app.heads.prove, number, now=now_ms()))


def _whole(asked: dict[str, str], name: str, *, default: int, most: int) -> int:
    text = asked.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= most):
        raise BadRequest(
            f"{name} cannot be {text[:20]!r}.", why=f"it is a whole number up to {most}", fix=f"change ?{name}="
        )
    return int(text)


ROUTES = [
    Route("POST", "/v1/audit/heads", heads, "Sign the audit log's head", None, SignedHeads, right="audit.read"),
    Route(
        "GET",
        "/v1/audit",
        listed,
        "The audit log",
        None,
        Rows,
        ("before", "limit", "action", "name"),
        right="audit.read",
    ),
    Route("GET", "/v1/audit/{row}/proof", proved, "Prove a row of the audit log", None, Proof, right="audit.read"),
    Route(
        "GET",
        "/v1/audit:verify",
        checked,
        "Check the audit log's chain",
        None,
        audit.Verdict,
        ("head",),
        right="audit.read",
    ),
]
