"""The ninety days before the demo began: everybody's choices first, then what they did, person by person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from genom_demo.world import names
from genom_demo.world.events import Json, Scene
from genom_demo.world.people import PURPOSES, People
from genom_demo.world.shopper import Shopper, shopper
from genom_demo.world.visits import call, newsletter, registration, till, web_visit

__all__ = ["DAYS", "Past", "choices_of", "history_of", "identifiers", "local_days", "withdrawals_of"]

DAYS: Final = 90
_ZONE: Final = ZoneInfo("Europe/Berlin")
_HOUR_MS: Final = 3_600_000
_NEWSLETTER_DAYS: Final = range(3, DAYS, 14)

Choice = dict[str, Any]


def local_days(end: int) -> list[int]:
    """The first moment (unix ms) of each local day of a history that ends at `end`.

    >>> days = local_days(1_772_452_800_000)
    >>> len(days), (days[-1] - days[-2]) // 3_600_000
    (90, 24)
    """
    last = datetime.fromtimestamp(end / 1000, _ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return [int((last - timedelta(days=back)).timestamp() * 1000) for back in range(DAYS - 1, -1, -1)]


def identifiers(people: People, person: int) -> list[tuple[str, str]]:
    """Everything that a person's choices must be recorded under, because nobody has linked it yet."""
    account, card = people.login[person] < DAYS, people.card[person]
    found = [("user_id", names.user(person))] if account else []
    if card and not people.account[person]:
        found.append(("card", names.card(person)))
    if not people.silent(person):
        found += [("anonymous_id", names.anonymous_id(person, app=app)) for app in people.devices(person)]
    return found


def choices_of(people: People, person: int) -> list[Choice]:
    """What a person grants and refuses."""
    granted = dict(zip(PURPOSES, people.granted[person].tolist(), strict=True))
    return _choices(people, person, granted)


def withdrawals_of(people: People, person: int) -> list[Choice]:
    """What a person takes back at the end of the history."""
    return _choices(people, person, dict.fromkeys(PURPOSES, False)) if people.withdraws[person] else []


def _choices(people: People, person: int, granted: dict[str, bool]) -> list[Choice]:
    return [
        {"type": kind, "value": value, "purpose": purpose, "granted": given, "mechanism": "simulated banner"}
        for kind, value in identifiers(people, person)
        for purpose, given in granted.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The time that a history fills."""

    seed: int
    days: Sequence[int]  # unix ms, first moment of each local day
    end: int  # unix ms


def history_of(people: People, person: int, past: Past) -> list[Json]:
    """All events of a person's past; the same for the same people and past."""
    someone, dice = shopper(people, person), Random(f"{past.seed}:history:{person}")
    events = [] if people.silent(person) else _at_home(people, someone, dice, past)
    events += _elsewhere(people, someone, dice, past)
    return events


def _at_home(people: People, someone: Shopper, dice: Random, past: Past) -> list[Json]:
    """Visits of the shop with browser and phone; the first one after the day of the login names the person."""
    person = someone.person
    events: list[Json] = []
    login, known = past.days[0] + people.login[person] * 24 * _HOUR_MS, False
    for number, at in enumerate(_times(people, person, dice, past, a_day=people.visits[person])):
        app = dice.random() < someone.app
        who = names.logged_in(person, app=app) if known else names.anonymous(person, app=app)
        scene = Scene(f"ls-h-{person}-w{number}", at, who, "app" if app else "web")
        events += web_visit(someone, dice, scene)
        if not known and at >= login:
            known, new = True, not people.account[person]
            events += registration(someone, scene, app=app, card=bool(people.card[person]), new=new)
    return events


def _elsewhere(people: People, someone: Shopper, dice: Random, past: Past) -> list[Json]:
    """The till, the call centre and newsletters."""
    person, prefix = someone.person, f"ls-h-{someone.person}"
    events: list[Json] = []
    if people.card[person]:
        for number, at in enumerate(_times(people, person, dice, past, a_day=people.till[person])):
            events += till(someone, dice, Scene(f"{prefix}-t{number}", at, names.by_card(person), "pos"))
    if people.account[person]:
        for number, at in enumerate(_times(people, person, dice, past, a_day=people.calls[person])):
            events += call(Scene(f"{prefix}-c{number}", at, names.known(person), "call_centre"))
        if people.granted[person, PURPOSES.index("email")]:
            for number, day in enumerate(_NEWSLETTER_DAYS):
                at = past.days[day] + 9 * _HOUR_MS
                scene = Scene(f"{prefix}-n{number}", at, names.known(person), "email")
                events += newsletter(someone, dice, scene, number)
    return events


def _times(people: People, person: int, dice: Random, past: Past, *, a_day: float) -> Iterator[int]:
    """Moments of the history, in order of days: so many a day on average, gathered round the person's best hour."""
    gap, at = 1.0 / max(float(a_day), 1e-9), 0.0
    best, spread = float(people.hour[person]), float(people.evening[person])
    while (at := at + dice.expovariate(1.0) * gap) < len(past.days):
        moment = int(past.days[int(at)] + (best + dice.gauss(0.0, spread)) % 24 * _HOUR_MS)
        if moment < past.end - 2 * _HOUR_MS:  # a visit ends before the history does
            yield moment
