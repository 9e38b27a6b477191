"""Decision points: define them, list them with their traffic, see their effect."""

from __future__ import annotations

from typing import Any

import msgspec

from genom.app.effects import PointEffect, effect_shown, point_shown
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.points import define_points
from genom.app.server import App
from genom.app.shelves import renew_shelf
from genom.decide import find_point
from genom.errors import BadRequest

__all__ = ["ROUTES"]

_MOST = 100  # points in one request


class Points(msgspec.Struct):
    """Decision points to add or change."""

    points: list[dict[str, Any]]


class DefinedPoint(msgspec.Struct):
    """A point and the version that it has now."""

    id: str
    version: int


class DefinedPoints(msgspec.Struct):
    """What was defined."""

    points: list[DefinedPoint]


async def define(app: App, request: Request) -> Reply:
    """Add or change decision points; an equal definition keeps its version."""
    key = app.access.server_key(request)
    given = request.as_type(Points).points
    if len(given) > _MOST:
        raise BadRequest(f"There are {len(given)} points.", why=f"a request takes {_MOST}", fix="send them in parts")
    points = await define_points(app.node, given, author=key.name)
    await renew_shelf(app)
    return json_reply(DefinedPoints([DefinedPoint(point.id, point.version) for point in points]))


async def listed(app: App, request: Request) -> Reply:
    """All decision points with their traffic since the start."""
    app.access.server_key(request)
    points = sorted(app.node.points.values(), key=lambda point: point.id)
    return json_reply({"points": [point_shown(app.node, point) for point in points]})


async def effect(app: App, request: Request) -> Reply:
    """What a point's policy brought against its random control, or an experiment's arms."""
    app.access.server_key(request)
    return json_reply(effect_shown(app.node, find_point(app.node.points, request.parts[0])))


ROUTES = [
    Route("POST", "/v1/points", define, "Add or change decision points", Points, DefinedPoints),
    Route("GET", "/v1/points", listed, "All decision points with their traffic"),
    Route("GET", "/v1/points/{point}/effect", effect, "The effect of a decision point", None, PointEffect),
]
