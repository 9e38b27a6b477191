"""Decision points: define them, list them with their traffic, see their effect, try versions, publish them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from genom.app.access import may_serve
from genom.app.catalogue import Key
from genom.app.decisions.asking import asked_point
from genom.app.decisions.effects import PointEffect, effect_shown, point_shown
from genom.app.decisions.point_store import Stages, kept_form
from genom.app.decisions.points import checked_point, define_points
from genom.app.decisions.shadows import Compared
from genom.app.decisions.shelves import renew_shelf
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.reading import rfc3339
from genom.app.server import App
from genom.app.staging import confirmed, history, publish, roll_back, shadow
from genom.decide import Point
from genom.errors import BadRequest, NotFound

__all__ = ["ROUTES"]

_MOST = 100  # points in one request


class Points(msgspec.Struct):
    """Decision points to add or change."""

    points: list[dict[str, Any]]
    stage: Literal["live", "shadow", "draft"] = "live"  # that their new versions are in


class DefinedPoint(msgspec.Struct):
    """A point and the version that it has now."""

    id: str
    version: int


class DefinedPoints(msgspec.Struct):
    """What was defined."""

    points: list[DefinedPoint]


class Publish(msgspec.Struct):
    """The name of the point, so that nobody publishes another by mistake."""

    confirm: str
    version: int | None = None  # the one in shadow unless another is named
    reason: str = ""


class Back(msgspec.Struct):
    """The name of the point, as for publishing."""

    confirm: str
    reason: str = ""


class InShadow(msgspec.Struct):
    """The version that should decide in shadow; null: none any more."""

    version: int | None


class VersionShown(msgspec.Struct):
    """A version as it was defined."""

    version: int
    stage: str  # live, previous, shadow, draft, or empty
    author: str
    at: str
    definition: dict[str, Any]


class History(msgspec.Struct):
    """All versions of a point, the newest first; `live: 0` is the definition of points.yaml."""

    point: str
    stages: Stages
    versions: list[VersionShown]


async def define(app: App, request: Request) -> Reply:
    """Add or change decision points; an equal definition keeps its version."""
    key = app.access.server_key(request)
    asked = request.as_type(Points)
    given = asked.points
    if len(given) > _MOST:
        raise BadRequest(f"There are {len(given)} points.", why=f"a request takes {_MOST}", fix="send them in parts")
    if key.purposes:
        for number, body in enumerate(given):
            point = checked_point(app.node, body, place=f"$.points[{number}]")
            _may_change(app, key, point.id, [point])
    points = await define_points(app.node, given, by=f"key:{key.name}", stage=asked.stage)
    await renew_shelf(app)
    return json_reply(DefinedPoints([DefinedPoint(point.id, point.version) for point in points]))


async def listed(app: App, request: Request) -> Reply:
    """All decision points with their traffic since the start."""
    app.access.server_key(request)
    points = [point for _, point in sorted((app.node.shadows | app.node.points).items())]
    return json_reply({"points": [point_shown(app.node, point) for point in points]})


async def effect(app: App, request: Request) -> Reply:
    """What a point's policy brought against its random control, or an experiment's arms."""
    app.access.server_key(request)
    return json_reply(effect_shown(app.node, asked_point(app.node, request.parts[0])))


async def versions(app: App, request: Request) -> Reply:
    """The versions of a point and what each does."""
    app.access.server_key(request)
    return json_reply(await _history(app, request.parts[0]))


async def publish_one(app: App, request: Request) -> Reply:
    """Make a version live."""
    key, name = app.access.server_key(request), request.parts[0]
    asked = request.as_type(Publish)
    _, found = await history(app.node, name)
    _may_change(app, key, name, [one.point for one in found.values()])
    confirmed(name, asked.confirm)
    await publish(app.node, name, asked.version, by=f"key:{key.name}", reason=asked.reason)
    await renew_shelf(app)
    return json_reply(await _history(app, name))


async def back(app: App, request: Request) -> Reply:
    """Make the version live that was live before."""
    key, name = app.access.server_key(request), request.parts[0]
    asked = request.as_type(Back)
    _, found = await history(app.node, name)
    _may_change(app, key, name, [one.point for one in found.values()])
    confirmed(name, asked.confirm)
    await roll_back(app.node, name, by=f"key:{key.name}", reason=asked.reason)
    await renew_shelf(app)
    return json_reply(await _history(app, name))


async def in_shadow(app: App, request: Request) -> Reply:
    """Let a version decide in shadow, or none any more."""
    key, name = app.access.server_key(request), request.parts[0]
    _, found = await history(app.node, name)
    _may_change(app, key, name, [one.point for one in found.values()])
    await shadow(app.node, name, request.as_type(InShadow).version, by=f"key:{key.name}")
    await renew_shelf(app)
    return json_reply(await _history(app, name))


async def compared(app: App, request: Request) -> Reply:
    """What the version in shadow would have chosen, against what was shown."""
    app.access.server_key(request)
    name = request.parts[0]
    asked_point(app.node, name)
    if (tried := app.node.shadows.get(name)) is None:
        raise NotFound(
            f"No version of {name!r} is in shadow.",
            why="nothing was put into shadow, or it was published or ended",
            fix='define one with POST /v1/points and `"stage": "shadow"`',
        )
    return json_reply(app.node.compared.of(tried) or Compared(tried.version, 0))


def _may_change(app: App, key: Key, name: str, versions: Iterable[Point]) -> None:
    """Raises NotPermitted unless the key was made for all purposes of these versions, and of those in force."""
    in_force = [points[name] for points in (app.node.points, app.node.shadows) if name in points]
    for point in (*versions, *in_force):
        may_serve(key, point.purpose, *point.also)


async def _history(app: App, name: str) -> History:
    stages, found = await history(app.node, name)
    shown = [
        VersionShown(number, stages.of(number), one.author, rfc3339(one.at), kept_form(one.point))
        for number, one in sorted(found.items(), reverse=True)
    ]
    return History(name, stages, shown)


ROUTES = [
    Route("POST", "/v1/points", define, "Add or change decision points", Points, DefinedPoints, right="points.write"),
    Route("GET", "/v1/points", listed, "All decision points with their traffic", right="points.read"),
    Route(
        "GET",
        "/v1/points/{point}/effect",
        effect,
        "The effect of a decision point",
        None,
        PointEffect,
        right="points.read",
    ),
    Route(
        "GET",
        "/v1/points/{point}/versions",
        versions,
        "A decision point's versions",
        None,
        History,
        right="points.read",
    ),
    Route(
        "GET",
        "/v1/points/{point}/shadow",
        compared,
        "A version in shadow against what was shown",
        None,
        Compared,
        right="points.read",
    ),
    Route(
        "POST",
        "/v1/points/{point}/shadow",
        in_shadow,
        "Try a version in shadow",
        InShadow,
        History,
        right="points.write",
    ),
    Route(
        "POST", "/v1/points/{point}/publish", publish_one, "Make a version live", Publish, History, right="points.write"
    ),
    Route(
        "POST",
        "/v1/points/{point}/rollback",
        back,
        "Go back to the version before",
        Back,
        History,
        right="points.write",
    ),
]
