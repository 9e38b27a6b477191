"""Visits of the present: somebody comes, browses, is decided for, and reacts."""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any, Final

from genom_demo.world import names
from genom_demo.world.events import Json, Scene, Who
from genom_demo.world.people import PURPOSES
from genom_demo.world.shopper import Shopper
from genom_demo.world.visits import browsing, call, newsletter, registration, till
from genom_demo.world.world import World

__all__ = ["Memory", "Now", "Visit", "asked", "plan"]

Choice = dict[str, Any]

_TILL: Final = 0.10  # share of the arrivals, of those who have a card
_CALL: Final = 0.02
_EMAIL: Final = 0.08
_LOGS_IN: Final = 0.12  # chance that an anonymous visitor logs in
_BY_BROWSER: Final = 0.10  # share of the visits whose decisions the browser asks for itself
_TAKES_BACK: Final = 0.002  # chance of a visit that somebody takes all consents back
_GIVES: Final = 0.03  # chance of a visit that somebody who refused grants them


@dataclass(slots=True)
class Memory:
    """What the present has changed about the people; kept, so that a restart goes on with it."""

    logins: set[int] = field(default_factory=set)
    changed: dict[int, bool] = field(default_factory=dict)  # person → grants everything, or nothing

    def grants(self, world: World, person: int, purpose: str) -> bool:
        """Whether somebody grants a purpose now."""
        first = bool(world.people.granted[person, PURPOSES.index(purpose)]) and not world.people.withdraws[person]
        return self.changed.get(person, first)

    def knows(self, world: World, person: int) -> bool:
        """Whether the shop knows who this is once the device is seen."""
        return person in self.logins or bool(world.people.login[person] < 90)

    def silent(self, world: World, person: int) -> bool:
        """Whether the browser may send nothing at all."""
        return not any(self.grants(world, person, purpose) for purpose in PURPOSES)


@dataclass(slots=True)
class Visit:
    """One visit: what is sent before anything is decided, and under which name the decisions are asked for."""

    someone: Shopper
    dice: Random
    scene: Scene
    browser: list[Json] = field(default_factory=list)  # sent with the write key
    server: list[Json] = field(default_factory=list)  # sent with the server key
    consents: list[Choice] = field(default_factory=list)
    asks: dict[str, str] | None = None  # identifier for /v1/decide; None: nothing is decided
    by_browser: bool = False
    evaluated: bool = False  # whether a genome may be read for the decisions, and learned from


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What all visits of a moment have in common."""

    at: int  # unix ms
    arrivals: Sequence[float]  # cumulative chances of who comes
    secret: bytes  # of the shop's source, for the proof of a login


def plan(world: World, memory: Memory, number: int, *, now: Now) -> Visit:
    """The visit of a number: who comes and what they do first; the same for the same number and memory."""
    dice = Random(f"{world.seed}:live:{number}")
    person = min(bisect_right(now.arrivals, dice.random()), len(world.people) - 1)
    someone, draw, knows = world.shoppers[person], dice.random(), memory.knows(world, person)
    name = f"ls-v-{number}"
    if draw < _TILL and world.people.card[person]:
        scene = Scene(name, now.at, names.by_card(person), "pos")
        return Visit(someone, dice, scene, server=list(till(someone, dice, scene)))
    if draw < _TILL + _CALL and knows:
        scene = Scene(name, now.at, names.known(person), "call_centre")
        return Visit(someone, dice, scene, server=list(call(scene)))
    app = dice.random() < someone.app
    who = _proven(person, app=app, secret=now.secret) if knows else names.anonymous(person, app=app)
    visit = Visit(someone, dice, Scene(name, now.at, who, "app" if app else "web"))
    _at_home(world, memory, visit, mailed=draw > 1 - _EMAIL)
    return visit


def _at_home(world: World, memory: Memory, visit: Visit, *, mailed: bool) -> None:
    """A visit with a browser or the app."""
    person, app = visit.someone.person, visit.scene.channel == "app"
    knows, device = memory.knows(world, person), {"anonymous_id": names.anonymous_id(person, app=app)}
    visit.asks = {"user_id": names.user(person)} if knows else device
    visit.consents = _changes(world, memory, visit)
    if memory.silent(world, person):
        return
    needed = ("personalise_onsite", "price", "model_training")
    visit.evaluated = all(memory.grants(world, person, purpose) for purpose in needed)
    if mailed and knows and memory.grants(world, person, "email"):
        letter = Scene(f"{visit.scene.prefix}-n", visit.scene.at, names.known(person), "email")
        visit.server += newsletter(visit.someone, visit.dice, letter, visit.scene.at // 86_400_000)
    visit.browser += browsing(visit.someone, visit.dice, visit.scene)
    if not knows and visit.dice.random() < _LOGS_IN:
        memory.logins.add(person)
        card = bool(world.people.card[person])
        visit.server += registration(visit.someone, visit.scene, app=app, card=card, new=True)
    if visit.dice.random() < _BY_BROWSER:
        visit.by_browser, visit.asks = True, device


def _proven(person: int, *, app: bool, secret: bytes) -> Who:
    """A logged-in device with the proof that the shop's server gave it."""
    who = names.logged_in(person, app=app)
    proof = hmac.new(secret, names.user(person).encode(), "sha256").hexdigest()
    return Who(who.names, f',"userHash":"{proof}"')


def _changes(world: World, memory: Memory, visit: Visit) -> list[Choice]:
    """Now and then somebody thinks again about all purposes."""
    person = visit.someone.person
    refuses, knows = memory.silent(world, person), memory.knows(world, person)
    if visit.dice.random() >= (_GIVES if refuses else _TAKES_BACK):
        return []
    memory.changed[person] = refuses
    named = [("anonymous_id", names.anonymous_id(person, app=device)) for device in world.people.devices(person)]
    chosen = product([*named, *([("user_id", names.user(person))] if knows else [])], PURPOSES)
    return [
        {"type": kind, "value": value, "purpose": purpose, "granted": refuses, "mechanism": "simulated banner",
         "messageId": f"{visit.scene.prefix}-c{number}"}
        for number, ((kind, value), purpose) in enumerate(chosen)
    ]  # fmt: skip


def asked(visit: Visit, points: tuple[str, ...]) -> list[dict[str, Any]]:
    """The requests for the decisions of a visit."""
    return [{"point": point, "person": visit.asks, "context": {"simulated": True}} for point in points]
