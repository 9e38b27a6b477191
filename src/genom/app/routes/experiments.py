"""Experiments: points whose arms are compared."""

from __future__ import annotations

import msgspec

from genom.app.decisions.effects import PointEffect, effect_shown
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App

__all__ = ["ROUTES"]


class Experiments(msgspec.Struct):
    """All experiments and what they show."""

    experiments: list[PointEffect]


async def listed(app: App, request: Request) -> Reply:
    """All experiments with their arms, intervals and verdicts."""
    app.access.server_key(request)
    points = [point for _, point in sorted(app.node.points.items()) if point.model == "experiment"]
    return json_reply(Experiments([effect_shown(app.node, point) for point in points]))


ROUTES = [
    Route(
        "GET", "/v1/experiments", listed, "All experiments and what they show", None, Experiments, right="totals.read"
    )
]
