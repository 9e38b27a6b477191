"""Decisions: ask for one, read its record, define what can be offered."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from genom.app.access import may_serve, must_have
from genom.app.catalogue import Key
from genom.app.consenting import record_browsers_objection
from genom.app.decisions.actions import ActionDefinition, check_room, stored_form
from genom.app.decisions.asking import asked_point
from genom.app.decisions.deciding import decision_of, make_decision
from genom.app.decisions.shelves import renew_shelf, shelf_of
from genom.app.http import Later, Reply, Request, Route, json_reply, waited_for
from genom.app.reading import find_person
from genom.app.server import App
from genom.decide import Decision
from genom.errors import BadRequest, Forbidden, UnknownName, nearest

__all__ = ["ROUTES"]

_BROWSERS_OWN = frozenset({"anonymous_id", "anonymousId"})  # what a browser says beyond it could be anybody's name


class Ask(msgspec.Struct):
    """A request for a decision."""

    point: str
    person: dict[str, str | int]
    context: dict[str, Any] = msgspec.field(default_factory=dict)
    n: int = 1
    writeKey: str = ""  # of a browser, which then needs no preflight


class Actions(msgspec.Struct):
    """Actions to add or replace."""

    actions: list[ActionDefinition]


class Accepted(msgspec.Struct):
    """How many were taken."""

    accepted: int


def _asked(app: App, request: Request) -> tuple[Ask, Key]:
    """The request and its key, which may stand in the body; who has none learns nothing of the body's form."""
    try:
        ask = request.as_type(Ask)
    except BadRequest:
        app.access.any_key(request)
        raise
    return ask, app.access.any_key(request, ask.writeKey)


def decide(app: App, request: Request) -> Reply | Later:
    """Decide for a person at a decision point.

    A browser that sends Global Privacy Control, or Do Not Track, is refused sale, sharing and foreign advertising for
    this decision, and gets its answer when that is on record for whoever is known behind it.
    """
    ask, key = _asked(app, request)
    must_have(key, "decide")
    browser = key.kind != "server"
    if browser and not asked_point(app.node, ask.point).browser:
        raise _not_for_browsers(ask.point)
    if key.purposes:
        may_serve(key, asked_point(app.node, ask.point).purpose)
    ids = {kind: str(value) for kind, value in ask.person.items() if not browser or kind in _BROWSERS_OWN}
    language = "de" if str(ask.context.get("locale", "")).startswith("de") else "en"
    objection = request.objection(dnt=app.node.settings.honour_dnt)
    denied = app.node.purposes.gpc if objection else 0
    decision = make_decision(
        app.node, app.committer, shelf_of(app), point=ask.point, person=ids, n=ask.n, language=language, denied=denied
    )
    app.counts["decisions"] += 1
    reply = json_reply(_for_browser(decision) if browser else decision)
    if not denied or not (person := find_person(app.node, ids)):
        return reply
    if not denied & ~app.node.pipeline.permits.refused(person):
        return reply
    source = app.access.source_of(request, key)
    recorded = record_browsers_objection(app, ids, source, server=not browser, objection=objection)
    return Later(asyncio.ensure_future(recorded), lambda _: reply)


def _not_for_browsers(point: str) -> Forbidden:
    return Forbidden(
        f"The decision point {point!r} is not open to browsers.",
        why="the request came with a write key, and the point is not marked `browser`",
        fix="ask with a server key, or mark the point",
    )


def _for_browser(decision: Decision) -> dict[str, Any]:
    return {"decision_id": decision.decision_id, "choices": [{"action": choice.action} for choice in decision.choices]}


async def record(app: App, request: Request) -> Reply:
    """The record of a decision with its outcomes."""
    key = app.access.server_key(request)
    found = decision_of(app.node, request.parts[0])
    may_serve(key, found["purpose"])
    if found["person"]:
        app.access.reads(request, key, found["person"], "decision")
    return json_reply(found)


async def define(app: App, request: Request) -> Reply:
    """Add or replace actions; their products are resolved to categories, unknown categories become known."""
    source = app.access.source_of(request, app.access.server_key(request)).name
    given = request.as_type(Actions).actions
    for action in given:
        if action.point not in (known := app.node.shadows | app.node.points):
            raise UnknownName(
                f"There is no decision point named {action.point!r}.",
                why=f"the action {action.id!r} names it",
                fix=nearest(action.point, known) or "define it with POST /v1/points",
            )
    check_room(app.node, given)
    stored = [stored_form(app.node, action) for action in given]
    terms = [(2, name) for action in stored for name in action["categories"]]
    await app.committer.submit_facts(lambda: app.node.pipeline.stage_facts(terms=terms))
    rows = [
        {"id": a["id"], "point": a["point"], "body": msgspec.json.encode(a).decode(), "source": source} for a in stored
    ]
    await asyncio.to_thread(app.node.catalogue.put_actions, rows)
    app.node.outcomes.labels.clear()
    await app.tagger.renew()
    await renew_shelf(app)
    return json_reply(Accepted(len(given)))


ROUTES = [
    Route("POST", "/v1/decide", waited_for(decide), "Decide for a person", Ask, Decision, quick=decide, right="decide"),
    Route("GET", "/v1/decisions/{decision}", record, "A decision's record and outcomes", right="people.read"),
    Route("POST", "/v1/actions", define, "Add or replace actions", Actions, Accepted, right="points.write"),
]
