"""What is done with a request, step by step, up to what it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from genom.app.commit import now_ms
from genom.app.consenting import record_restriction
from genom.app.holders import subject_of_person
from genom.app.reading import person_number
from genom.app.rights import asked as steps
from genom.app.rights.asked import Asked
from genom.app.rights.correcting import correct
from genom.app.rights.handing_out import copy_for
from genom.app.rights.objecting import object_to_marketing
from genom.app.server import App
from genom.errors import BadRequest

__all__ = ["ACTS", "Deed", "act", "hand_out"]

ACTS: Final = ("ask_proof", "start", "extend", "refuse", "do", "lift")


class Deed(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody does with a request."""

    act: str  # one of ACTS; `do` carries it out, `lift` ends a restriction
    reason: str = ""  # read by the person; needed to extend and to refuse
    proof: str = ""  # how it was proved who asks
    field: str = ""  # what a correction is about
    value: str = ""  # what is right


async def act(app: App, name: str, deed: Deed, *, who: str) -> Asked:
    """Let a request go on; raises NotFound, and BadRequest for what cannot be done."""
    now, step = now_ms(), _step(app, deed, who)
    if deed.act == "lift":
        return await _lift(app, name, who=who)
    if step is None:
        raise BadRequest(
            f"{deed.act[:40]!r} cannot be done with a request.",
            why=f"what can be done: {', '.join(ACTS)}",
            fix="name one of these",
            code="request.act",
        )
    asked = await asyncio.to_thread(app.requests.change, name, *step, who=who, now=now)
    return await _do(app, asked, deed, who=who) if deed.act == "do" else asked


async def hand_out(app: App, name: str, *, who: str, language: str, proof: str = "") -> bytes:
    """The copy that a request for access or portability asks for; the request is done with it."""
    asked = await asyncio.to_thread(app.requests.get, name)
    if asked.kind not in {"access", "portability"}:
        raise BadRequest(
            "This request asks for no copy.", why=f"it asks for {asked.kind}", fix="carry it out", code="request.act"
        )
    step = partial(steps.start, by=who, proof=proof)
    await asyncio.to_thread(app.requests.change, name, step, "request.started", who=who, now=now_ms())
    person = person_number(app.node, asked.subject)
    packed = await copy_for(app.node, person, language=language, who=who, reason=f"request {name}")
    await _finished(app, asked, who=who)
    return packed


def _step(app: App, deed: Deed, who: str) -> tuple[Callable[[Asked], Asked], str] | None:
    now, deadlines = now_ms(), app.requests.deadlines
    if deed.act == "ask_proof":
        return partial(steps.ask_proof, by=who), "request.proof_asked"
    if deed.act in {"start", "do"}:
        return partial(steps.start, by=who, proof=deed.proof), "request.started"
    if deed.act == "extend":
        step = partial(steps.extend, by=who, reason=deed.reason, deadlines=deadlines, now=now)
        return step, "request.extended"
    if deed.act == "refuse":
        return partial(steps.refuse, by=who, reason=deed.reason, now=now), "request.refused"
    return None


async def _do(app: App, asked: Asked, deed: Deed, *, who: str) -> Asked:
    """Carry it out, then close it; what fails on the way leaves it in work."""
    person = person_number(app.node, asked.subject)
    if asked.kind == "erasure":
        subject = await asyncio.to_thread(subject_of_person, app.node, person)
        receipt = await app.erasing.erase(subject, who=who, reason=f"request {asked.id}")
        gone = partial(steps.erased, by=who, now=now_ms(), receipt=receipt.id)
        return await asyncio.to_thread(app.requests.change, asked.id, gone, "request.done", who=who, now=now_ms())
    if asked.kind == "restriction":
        await record_restriction(app, person, on=True, actor=_actor(asked), mechanism="request")
    elif asked.kind == "objection":
        await object_to_marketing(app, person, actor=_actor(asked))
    elif asked.kind == "rectification":
        await correct(app, person, deed.field, deed.value, who=who)
    else:
        raise BadRequest(
            "The copy has to be handed out.",
            why="the request is answered by it",
            fix=f"fetch it with POST /v1/requests/{asked.id}/copy",
            code="request.act",
        )
    return await _finished(app, asked, who=who)


async def _finished(app: App, asked: Asked, *, who: str) -> Asked:
    step = partial(steps.finish, by=who, now=now_ms())
    return await asyncio.to_thread(app.requests.change, asked.id, step, "request.done", who=who, now=now_ms())


async def _lift(app: App, name: str, *, who: str) -> Asked:
    """End the restriction that a request brought about."""
    asked = await asyncio.to_thread(app.requests.get, name)
    if asked.kind != "restriction" or asked.state != "done":
        raise BadRequest(
            "Nothing is lifted.", why="this request has restricted nothing", fix="name one that has", code="request.act"
        )
    person = person_number(app.node, asked.subject)
    await record_restriction(app, person, on=False, actor=_actor(asked), mechanism="request")
    return await asyncio.to_thread(
        app.requests.change, name, lambda one: one, "request.lifted", who=who, now=now_ms()
    )  # fmt: skip


def _actor(asked: Asked) -> str:
    """Whose will the ledger records: the person's, or what staff have noted of it."""
    return "person" if asked.via == "portal" else "request"
