"""Genes: what is wrong with the declared ones; versions of the gene set, adding to it and going back."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from genom.app.commit import now_ms
from genom.app.genes.changes import Change
from genom.app.genes.lint import judge, look
from genom.app.genes.plans import Plan
from genom.app.genes.sets import AddedFile, gene_sets
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


class AddGenes(msgspec.Struct):
    """A file of genes to add."""

    file: str  # its name
    text: str  # YAML
    dry_run: bool = False  # only say what would change


class RollBackGenes(msgspec.Struct):
    """Why the genes added last should go."""

    reason: str = ""
    dry_run: bool = False


class GeneVersion(msgspec.Struct):
    """A version of the gene set; 0 is that of `genes.yaml`, or of the standard genome."""

    version: int
    active: bool
    genes: int | None  # null for version 0 where another one is active
    files: list[str]  # added, the newest last, each with its fingerprint
    author: str
    at: int | None  # unix ms, UTC


class GeneVersions(msgspec.Struct):
    """All versions, the newest first, and the newest change, which may be under way."""

    active: int
    versions: list[GeneVersion]
    change: Change | None


async def versions(app: App, request: Request) -> Reply:
    """The versions of the gene set, and how far a change is."""
    app.access.server_key(request)
    return json_reply(await asyncio.to_thread(_versions, app))


async def add(app: App, request: Request) -> Reply:
    """Begin to add genes to the node that serves; the answer says what will change."""
    key, asked = app.access.server_key(request), request.as_type(AddGenes)
    file = AddedFile(asked.file.rpartition("/")[2][:100] or "genes", asked.text)
    return json_reply(await app.gene_changes.add(file, by=f"key:{key.name}", dry=asked.dry_run))


async def roll_back(app: App, request: Request) -> Reply:
    """Begin to go back to the version before."""
    key, asked = app.access.server_key(request), request.as_type(RollBackGenes)
    told = await app.gene_changes.roll_back(by=f"key:{key.name}", reason=asked.reason, dry=asked.dry_run)
    return json_reply(told)


def _versions(app: App) -> GeneVersions:
    active, genes = app.gene_changes.active, len(app.node.world.layout.genes)
    found = [GeneVersion(0, active == 0, None if active else genes, [], "", None)]
    for one in gene_sets(app.node.catalogue).values():
        files = [f"{file.name} {file.fingerprint}" for file in one.files]
        found.append(GeneVersion(one.version, one.version == active, one.genes, files, one.author, one.at))
    return GeneVersions(active, found[::-1], app.gene_changes.newest)


ROUTES = [
    Route("GET", "/v1/genes:lint", lint, "Genes that cost more than they tell", None, Linted, right="genes.read"),
    Route("GET", "/v1/genes/versions", versions, "Versions of the gene set", None, GeneVersions, right="genes.read"),
    Route("POST", "/v1/genes/versions", add, "Add genes to the node that serves", AddGenes, Plan, right="genes.write"),
    Route(
        "POST",
        "/v1/genes/versions:rollback",
        roll_back,
        "Take the genes added last back",
        RollBackGenes,
        Plan,
        right="genes.write",
    ),
]
