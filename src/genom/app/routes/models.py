"""Models: which are served, their cards, and what is wrong with the others."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

import msgspec

from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App
from genom.app.training.questions import MODELS
from genom.app.training.status import Training, read_training
from genom.learn import Card

__all__ = ["ROUTES"]


class ModelList(msgspec.Struct, omit_defaults=True):
    """The models that are served, and the problems of the others."""

    models: list[dict[str, Any]]
    problems: list[dict[str, str]]
    training: Training | None = None  # the newest one: what runs, and what became of each question


async def models(app: App, request: Request) -> Reply:
    """The served models."""
    app.access.server_key(request)
    return json_reply(_listed(app))


async def card(app: App, request: Request) -> Reply:
    """A model's card."""
    app.access.server_key(request)
    return json_reply(app.node.models.card(request.parts[0]))


async def refresh(app: App, request: Request) -> Reply:
    """Take in what the registry holds now; the worker calls it after a training."""
    app.access.server_key(request)
    await asyncio.to_thread(lambda: app.node.models.refresh(now=now_ms()))
    return json_reply(_listed(app))


def _listed(app: App) -> ModelList:
    served = app.node.models
    cards = [served.card(name) for name in served.names()]
    rows = [
        {"name": c.name, "label": c.label, "model": c.model, "version": c.version, "trained_at": c.trained_at,
         "purpose": c.question["purpose"], "beats_base_rate": c.beats_base_rate, "sentence": c.sentence}
        for c in cards
    ]  # fmt: skip
    return ModelList(rows, [asdict(problem) for problem in served.problems], read_training(app.node.data.path / MODELS))


ROUTES = [
    Route("GET", "/v1/models", models, "Served models", None, ModelList, right="models.read"),
    Route("GET", "/v1/models/{model}", card, "A model's card", None, Card, right="models.read"),
    Route("POST", "/v1/models:refresh", refresh, "Take in trained models", None, ModelList, right="models.write"),
]
