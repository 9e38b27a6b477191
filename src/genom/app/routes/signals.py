"""Signals of consent that others define, as a server hands them on; what they say acts on the next read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

import msgspec

from genom.app.access import must_be_whole
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.consenting import Chosen, record_choices
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.node import Node
from genom.app.reading import type_named
from genom.app.routes.consent import Recorded
from genom.app.server import App
from genom.consent import BANNER, CHOICE, ENDED, Purposes
from genom.consent.signals import Damaged, Said, google_said, gpp_said, tc_said
from genom.errors import BadRequest

__all__ = ["ROUTES"]

_DAY: Final = 86_400_000  # ms
_LONGEST: Final = 256  # characters of an identifier, as in collection


class TcSignal(msgspec.Struct):
    """A TC string (IAB TCF) of a person's consent banner."""

    type: str
    value: str
    tc: str


class GoogleSignal(msgspec.Struct):
    """The states of Google's Consent Mode v2 in a person's browser: field → "granted" or "denied"."""

    type: str
    value: str
    google: dict[str, Any]


class GppSignal(msgspec.Struct):
    """A string of IAB's Global Privacy Platform from a person's browser."""

    type: str
    value: str
    gpp: str


class Heard(msgspec.Struct, omit_defaults=True):
    """What a signal says about each purpose that it has something for."""

    choices: list[Recorded]
    damaged: list[str] = []  # parts of it that count for nothing, and why


async def transparency(app: App, request: Request) -> Reply:
    """Record what a TC string of the person's consent banner says; one that is not valid records nothing."""
    key, wanted = _whole_key(app, request), request.as_type(TcSignal)
    fix = "send the string of the banner as it is; TCF 2.3 with disclosed vendors is asked for"
    said = _undamaged(tc_said, wanted.tc, app.node.purposes, name="TC", fix=fix)
    return await _record(app, (wanted.type, wanted.value), said, mechanism=BANNER, actor=key.name)


async def consent_mode(app: App, request: Request) -> Reply:
    """Record what Google's Consent Mode says; a field with any other word than "granted" is not granted."""
    key, wanted = _whole_key(app, request), request.as_type(GoogleSignal)
    said = google_said(wanted.google, app.node.purposes)
    return await _record(app, (wanted.type, wanted.value), said, mechanism="google", actor=key.name)


async def global_privacy(app: App, request: Request) -> Reply:
    """Record what a GPP string says; a damaged section counts for nothing, and a damaged header for none of them."""
    key, wanted = _whole_key(app, request), request.as_type(GppSignal)
    said = _undamaged(gpp_said, wanted.gpp, app.node.purposes, name="GPP", fix="send the string of the page as it is")
    return await _record(app, (wanted.type, wanted.value), said, mechanism="gpp", actor=key.name)


def _whole_key(app: App, request: Request) -> Key:
    """The key of a request; raises NotPermitted if it is limited to purposes.

    A signal speaks of many purposes at once, and to keep a part of it would forge what the person said.
    """
    key = app.access.server_key(request)
    must_be_whole(key, "record signals of consent")
    return key


def _undamaged(decode: Callable[[str, Purposes], Said], text: str, purposes: Purposes, *, name: str, fix: str) -> Said:
    try:
        return decode(text, purposes)
    except Damaged as error:
        raise BadRequest(
            f"The {name} string records nothing.", why=str(error), fix=fix, code=f"consent.{name.lower()}-damaged"
        ) from None


async def _record(app: App, identifier: tuple[str, str], said: Said, *, mechanism: str, actor: str) -> Reply:
    kind, value = identifier
    identifier = type_named(kind), value
    if not 0 < len(value) <= _LONGEST:
        raise BadRequest("The identifier cannot be used.", why=f"it has 1 to {_LONGEST} characters", fix="correct it")
    node = app.node
    await app.committer.submit_facts(lambda: node.pipeline.stage_facts([identifier]))
    person = node.world.people.person(node.world.profiles.find(*identifier))
    await record_choices(app, _new(app, person, said, mechanism), actor=actor)
    name = node.public.name(person)
    choices = [Recorded(name, purpose, granted) for purpose, granted in said.choices.items()]
    return json_reply(Heard(choices, list(said.damaged)))


def _new(app: App, person: int, said: Said, mechanism: str) -> list[Chosen]:
    """What is to be recorded: a signal never widens what the person has refused in another way.

    One that says when it was made neither makes a grant younger than it is, nor renews it when it is sent again.
    """
    node, now = app.node, now_ms()
    choice, bits = node.pipeline.permits.choice_of(person, now), node.purposes.bits
    members = node.world.people.members(person)
    undenied = node.choices.grounds.undenied(members)
    return [
        Chosen(
            person=person, purpose=purpose, granted=granted, mechanism=mechanism, evidence=said.evidence,
            act=ENDED if purpose in said.ends else CHOICE, at=said.at if granted else 0,
        )
        for purpose, granted in said.choices.items()
        if (
            _may_grant(node, members, bits[purpose], said, denied=bool(choice.deny & bits[purpose]), by=mechanism)
            if granted
            else purpose not in said.ends or (choice.grant | undenied) & bits[purpose]
        )
    ]  # fmt: skip


def _may_grant(node: Node, members: Collection[int], bit: int, said: Said, *, denied: bool, by: str) -> bool:
    """Whether a grant counts: what a banner has refused, its later word takes back, and nothing else that is denied.

    Banners write the day into a string and not the hour, so of two strings of a day the one that comes later counts.
    """
    since = node.choices.when(members, bit)
    if denied:
        fresh = not said.at or said.at // _DAY >= since // _DAY
        return by == BANNER and fresh and not node.choices.refused(members) & bit
    return not 0 < said.at <= since


ROUTES = [
    Route(
        "POST", "/v1/consent/tc", transparency, "Record what a TC string says", TcSignal, Heard, right="people.change"
    ),
    Route(
        "POST", "/v1/consent/google", consent_mode, "Record what Google's Consent Mode says", GoogleSignal, Heard,
        right="people.change",
    ),
    Route(
        "POST", "/v1/consent/gpp", global_privacy, "Record what a GPP string says", GppSignal, Heard,
        right="people.change",
    ),
]  # fmt: skip
