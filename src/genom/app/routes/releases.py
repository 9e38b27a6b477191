"""Versions of models: which serves and why, approving one, going back."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App
from genom.app.training.drifting import newest_drift
from genom.app.training.releasing import release, versions_of_model
from genom.errors import NotFound
from genom.learn import Release
from genom.learn.drift import Drift

__all__ = ["ROUTES"]


class Approve(msgspec.Struct):
    """Which version should serve."""

    version: str | None = None  # the newest that waits unless one is named
    reason: str = ""


class RollBack(msgspec.Struct):
    """Why the version before should serve again."""

    reason: str = ""


class ModelVersion(msgspec.Struct):
    """A version that the registry holds."""

    version: str
    state: str  # serves, waits, before (it served), or empty
    trained_at: int | None  # unix ms; null: it is damaged
    problem: str  # why it cannot be served; empty: it can
    releases: list[Release]  # what was decided about it, the newest first


class ModelVersions(msgspec.Struct):
    """All versions of a model, the newest first."""

    model: str
    versions: list[ModelVersion]


async def versions(app: App, request: Request) -> Reply:
    """The versions of a model, which serves, and why."""
    app.access.server_key(request)
    return json_reply(await _versions(app, request.parts[0]))


async def approve(app: App, request: Request) -> Reply:
    """Make a version serve."""
    key, name, asked = app.access.server_key(request), request.parts[0], request.as_type(Approve)
    await release(app.node, name, asked.version, by=f"key:{key.name}", reason=asked.reason)
    return json_reply(await _versions(app, name))


async def roll_back(app: App, request: Request) -> Reply:
    """Make the version serve that did before."""
    key, name, asked = app.access.server_key(request), request.parts[0], request.as_type(RollBack)
    await release(app.node, name, back=True, by=f"key:{key.name}", reason=asked.reason)
    return json_reply(await _versions(app, name))


async def drift(app: App, request: Request) -> Reply:
    """How far today's people are from those that the served version was trained on."""
    app.access.server_key(request)
    name = request.parts[0]
    version = app.node.models.card(name).version
    found = await asyncio.to_thread(newest_drift, app.node.data.path, name, version)
    if found is None:
        raise NotFound(
            f"The drift of {name!r} is not measured yet.",
            why="it is measured after each training, from 50 people on, and never for coupons",
            fix="wait for the next training",
        )
    return json_reply(found)


async def _versions(app: App, name: str) -> ModelVersions:
    found = await versions_of_model(app.node, name)
    shown = [
        ModelVersion(one.version, one.state, one.card.trained_at if one.card else None, one.problem, list(one.releases))
        for one in found
    ]
    return ModelVersions(name, shown)


ROUTES = [
    Route(
        "GET", "/v1/models/{model}/versions", versions, "A model's versions", None, ModelVersions, right="models.read"
    ),
    Route("GET", "/v1/models/{model}/drift", drift, "The drift of a served model", None, Drift, right="models.read"),
    Route(
        "POST",
        "/v1/models/{model}/approve",
        approve,
        "Make a version of a model serve",
        Approve,
        ModelVersions,
        right="models.write",
    ),
    Route(
        "POST",
        "/v1/models/{model}/rollback",
        roll_back,
        "Go back to the version before",
        RollBack,
        ModelVersions,
        right="models.write",
    ),
]
