"""Genes: what is wrong with the declared ones."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from genom.app.commit import now_ms
from genom.app.gene_lint import judge, look
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App

__all__ = ["ROUTES"]


class Linted(msgspec.Struct):
    """Findings, and what they were measured on."""

    genes: int
    people: int
    events: int
    findings: list[dict[str, Any]]  # gene, rule, why by language


async def lint(app: App, request: Request) -> Reply:
    """Genes that cost more than they tell."""
    app.access.server_key(request)
    seen = look(app.node, now=now_ms())
    return json_reply(await asyncio.to_thread(judge, seen))


ROUTES = [Route("GET", "/v1/genes:lint", lint, "Genes that cost more than they tell", None, Linted)]
