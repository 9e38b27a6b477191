"""Genes that stand in no single cell, in rules: of everybody within one sweep, of whom an event touches at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genom.app.segmenting import keeping
from genom.app.segmenting.columns import permitted_now
from genom.genome import Scan
from tests.app.events import Event, consenting, order, view
from tests.app.house import DAY, HOUR, House
from tests.app.segment_house import PURPOSE, changes, define, members, pass_time, people, permitted, tend

CROWD = 2_500
OVERDUE = {"gene": "rhythm.orders.overdue", "is": ">=", "value": 3}
VIEWED = {"gene": "taste.viewed_categories.distinct.30d", "is": ">=", "value": 1}
LATE = {
    "overdue": "rhythm.orders.overdue", "gap": "rhythm.orders.gap_mean", "left": "intent.cart.abandoned_hours",
    "categories": "taste.categories.distinct.30d", "month": "taste.variety.expression",
    "spread": "value.basket.variance.30d",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "data", segment_floor=1, people_max=CROWD + 100) as opened:
        yield opened


def crowd(house: House) -> list[str]:
    """So many people who viewed something once."""
    names = [f"u{n}" for n in range(CROWD)]
    for start in range(0, CROWD, 500):
        house.serve(*(permitted(view(name)) for name in names[start : start + 500]))
    return names


def clock_that_runs_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the node does takes ten seconds by the clock of the machine."""
    at = iter(range(0, 1 << 40, 10))
    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: float(next(at))))


def test_one_sweep_finds_the_silent_one_among_thousands_who_enters(house: House, monkeypatch: Any) -> None:
    crowd(house)
    now = house.clock.now
    house.serve(*(permitted(order("ada", at=now - days * DAY)) for days in (20, 10)))
    define(house, OVERDUE)
    assert members(house) == set()
    clock_that_runs_away(monkeypatch)

    pass_time(house, 25 * DAY)

    assert members(house) == people(house, "ada")
    assert changes(house)[-1] == ("entered", house.person("ada"), "time")


def test_one_sweep_takes_thousands_out_whose_window_has_passed(house: House, monkeypatch: Any) -> None:
    crowd(house)
    define(house, VIEWED)
    assert len(house.node.segments.members(house.node.segments.live[0], now=house.clock.now)) == CROWD
    clock_that_runs_away(monkeypatch)

    pass_time(house, 31 * DAY)

    assert members(house) == set()


def test_a_sweep_reads_in_pieces_between_which_others_have_their_turn(house: House, monkeypatch: Any) -> None:
    crowd(house)
    define(house, {"any": [OVERDUE, VIEWED]})
    turns, pieces, read = [0], list[int](), Scan.fill_slow

    def counted(self: Scan, prepared: Any, who: Any, **how: Any) -> None:
        pieces.append(len(who) * len(prepared.slow))
        seen.append(turns[0])
        read(self, prepared, who, **how)

    async def others() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def sweep() -> None:
        beside = asyncio.create_task(others())
        await house.node.segments.tend(now=house.clock.now)
        beside.cancel()

    seen: list[int] = []
    monkeypatch.setattr(Scan, "fill_slow", counted)
    house.clock.now += DAY
    house.run(sweep())

    assert sum(pieces) == 2 * CROWD
    assert max(pieces) <= keeping._READ
    assert all(later > earlier for earlier, later in pairwise(seen))


def history(house: House, persons: int) -> list[Event]:
    """Orders and views of categories at random times of half a year."""
    random, now = np.random.default_rng(8), house.clock.now
    events = list[Event]()
    for n in range(persons):
        for _ in range(random.integers(1, 12)):
            at, category = now - int(random.integers(1, 180 * DAY)), ("TEA", "MILK", "CAKE")[random.integers(3)]
            made = order(f"p{n}", float(random.integers(1, 99)), at=at, category=category)
            made = made if random.random() < 0.7 else view(f"p{n}", category, at=at)
            events.append(consenting(made, personalise_onsite=n % 7 != 0))
    return events


@pytest.mark.parametrize("later", [0, 40])
def test_a_sweep_means_exactly_the_people_of_whom_their_page_says_so(house: House, later: int) -> None:
    house.serve(*history(house, 150))
    who = np.arange(1, house.node.world.profiles.count + 1)

    def pages(gene: str) -> dict[int, float]:
        at, genes = max(house.clock.now, house.node.world.last_ts + 1), house.node.world.layout.genes
        may = permitted_now(house.node, who, now=house.clock.now).tolist()
        read = {
            person: house.node.gate.view(person, purpose=PURPOSE, effective=mask, at=at).read(genes[gene]).value
            for person, mask in zip(who.tolist(), may, strict=True)
        }
        return {person: float(value) for person, value in read.items() if isinstance(value, float)}

    levels = {name: float(np.median([*pages(gene).values(), 0.5])) for name, gene in LATE.items()}
    for name, gene in LATE.items():
        define(house, {"gene": gene, "is": ">=", "value": levels[name]}, name)
        define(house, {"not": {"gene": gene, "is": ">=", "value": levels[name]}}, f"not_{name}")
    pass_time(house, later * DAY + HOUR)

    permits = set(
        who[permitted_now(house.node, who, now=house.clock.now) & house.node.purposes.bit(PURPOSE) != 0].tolist()
    )
    for name, gene in LATE.items():
        high = {person for person, value in pages(gene).items() if value >= levels[name]}
        assert numbers(house, name) == high, name
        assert numbers(house, f"not_{name}") == permits - high, name
    assert 0 < len(permits) < len(who)


def numbers(house: House, name: str) -> set[int]:
    """The people of a segment."""
    found: list[int] = house.node.segments.members(house.node.segments.shown(name), now=house.clock.now).tolist()
    return set(found)


def test_of_whom_does_not_permit_it_a_sweep_reads_nothing(house: House) -> None:
    now = house.clock.now
    rule = {"gene": "lifecycle.trend_savings.expression", "is": ">", "value": 10**6}  # of the family price, too
    both = {"personalise_onsite": True, "price": True}
    for user, permits in (("ada", both), ("ben", {"personalise_onsite": True}), ("eve", {"personalise_onsite": False})):
        house.serve(*(consenting(order(user, 9.0, at=now - days * DAY, discount=2), **permits) for days in (20, 10)))
    define(house, OVERDUE)
    define(house, {"not": rule}, "paying")

    pass_time(house, 25 * DAY)

    assert members(house) == people(house, "ada", "ben")
    assert members(house, "paying") == people(house, "ada")
    assert [kept(house, str(OVERDUE["gene"]), user) for user in ("ada", "ben", "eve")] == [True, True, False]
    assert [kept(house, str(rule["gene"]), user) for user in ("ada", "ben", "eve")] == [True, False, False]


def kept(house: House, gene: str, user: str) -> bool:
    """Whether the copy of a gene holds a number of somebody."""
    columns, person = house.node.segments._keeper.columns, house.node.public.number(house.person(user))
    place = next(place for column, place in columns._places.items() if column.gene == gene)
    return bool(np.isfinite(columns.columns.still[place.row, person]))


def test_all_of_a_large_group_enter_before_their_events_are_acknowledged(house: House) -> None:
    define(house, {"gene": "rhythm.orders.gap_mean", "is": ">=", "value": 1})
    now, users = house.clock.now, [f"u{n}" for n in range(200)]

    house.serve(*(permitted(order(user, at=now - days * DAY)) for user in users for days in (0, 3)))

    assert members(house) == people(house, *users)
    assert not house.node.segments._keeper.waiting.late


def test_texts_of_a_large_group_follow_and_nothing_else_waits_for_them(house: House) -> None:
    define(house, {"gene": "intent.funnel.funnel_stage", "is": "=", "value": "ordered"}, "done")
    define(house, {"gene": "rhythm.orders.count.lifetime", "is": ">=", "value": 1}, "bought")
    house.serve(permitted(order("ada")))
    users = [f"u{n}" for n in range(100)]

    house.serve(*(permitted(order(user)) for user in users))

    assert members(house, "bought") == people(house, "ada", *users)
    at_once = members(house, "done")
    assert house.person("ada") in at_once
    assert len(at_once) == 1 + keeping._LATE
    tend(house)
    assert members(house, "done") == people(house, "ada", *users)
