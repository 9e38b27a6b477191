"""A small shop with a known habit: half of the persons buy every twelve days, the others now and then."""

from __future__ import annotations

import numpy as np

from genom.app.training.learning import learn
from genom.app.training.past import Record, open_record
from genom.app.training.questions import questions_of
from genom.learn import Stored
from tests.app.events import Event, consenting, order
from tests.app.house import DAY, House

PERSONS, DAYS = 140, 190
REFUSES = "p7"  # to be learned from
QUESTION = "inactive_30d"


def filled(house: House) -> None:
    """Two hundred days of orders, known when they happened; one person does not permit training."""
    house.source("archive", history=True)
    events = history(house.clock.now)
    for start in range(0, len(events), 500):
        house.serve(*events[start : start + 500], headers={"X-Genom-Source": "archive"})


def history(now: int) -> list[Event]:
    """Orders in the order of time; every event says what its person permits."""
    rng, events = np.random.default_rng(5), list[tuple[int, Event]]()
    for number in range(PERSONS):
        name, gap = f"p{number}", 12 if number % 2 else 55
        at = now - DAYS * DAY + int(rng.integers(0, gap * DAY))
        while at < now - DAY:
            bought = order(name, 5.0, at=at, category="TEA" if number % 4 < 2 else "MILK")
            permits = {"personalise_onsite": True, "recommend": True, "model_training": name != REFUSES}
            events.append((at, consenting(bought, **permits)))
            at += int(gap * DAY * rng.uniform(0.6, 1.4))
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def record_of(house: House) -> Record:
    """The house's directory as the worker reads it."""
    return open_record(house.path, house.settings, now=house.clock.now)


def learned(house: House, name: str = QUESTION) -> Stored:
    """Train, as `genom learn` does, and have the node take it in."""
    stored = learn(record_of(house), questions_of(house.path)[name], now=house.clock.now, threads=1)
    house.post("/v1/models:refresh", {}).told  # noqa: B018
    return stored
