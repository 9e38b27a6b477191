"""Events count for a segment as long as its purpose may read them: live, in a sweep and after a restart alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.app.events import consenting, order, view
from tests.app.house import DAY, HOUR, House
from tests.app.segment_house import body, changes, members, pass_time, tend

PURPOSE = "ads_retarget"
WINDOW = 90  # days that it may read
USERS = [f"u{number}" for number in range(12)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "data", segment_floor=1) as opened:
        yield opened


def permitted(event: dict[str, Any]) -> dict[str, Any]:
    return consenting(event, ads_retarget=True)


def asked(days: float, **times: int) -> dict[str, Any]:
    return {"event": "Order Completed", "days": days, **times}


def define(house: House, rule: dict[str, Any], name: str = "buyers") -> None:
    house.post("/v1/segments", body(rule, name, purpose=PURPOSE)).told  # noqa: B018 -- must be good
    tend(house)


def belonging(rule: dict[str, Any], orders: list[int], now: int) -> bool:
    """What the rule and the window mean: within the days of the rule, and on one of the last days of the window."""
    first = (now // DAY + 1 - WINDOW) * DAY
    count = sum(at >= first and at > now - rule["days"] * DAY for at in orders)
    return count >= rule["at_least"] if "at_least" in rule else count <= rule["at_most"]


def test_an_event_past_the_window_keeps_nobody(house):
    define(house, asked(WINDOW, at_least=1))
    house.serve(permitted(order("ada")))
    assert members(house) == {house.person("ada")}

    pass_time(house, WINDOW * DAY - HOUR)  # less than the rule asks for, and past the days that may be read

    assert members(house) == set()
    assert changes(house)[-1] == ("left", house.person("ada"), "time")


def test_live_a_sweep_and_a_start_agree(house):
    dice, orders = Random(7), {user: [] for user in USERS}
    rules = {
        f"s{number}": asked(days, **times)
        for number, (days, times) in enumerate(
            (days, times)
            for days in (2.5, 30, 89.5, WINDOW)
            for times in ({"at_least": 1}, {"at_least": 3}, {"at_most": 1})
        )
    }
    for name, rule in rules.items():
        define(house, rule, name)
    for turn in range(8):
        who = [user for user in USERS if dice.random() < 0.7 or turn == 0]
        for user in who:
            at = house.clock.now - dice.choice([0, 1, 29, 89, 89, 89, 95]) * DAY - dice.randrange(DAY)
            orders[user].append(at)
            house.serve(permitted(order(user, at=at)), permitted(view(user)))
        means = {
            name: {house.person(user) for user in USERS if belonging(rule, orders[user], house.clock.now)}
            for name, rule in rules.items()
        }
        tend(house)
        assert {name: members(house, name) for name in rules} == means
        house.restart()
        tend(house)
        assert {name: members(house, name) for name in rules} == means
        pass_time(house, dice.choice([13 * HOUR, 13 * HOUR, 30 * DAY]))
        house.serve(*(permitted(view(user)) for user in USERS[:6]))  # judged by their own event, the others by a sweep
        means = {
            name: {house.person(user) for user in USERS if belonging(rule, orders[user], house.clock.now)}
            for name, rule in rules.items()
        }
        assert {name: members(house, name) for name in rules} == means


def test_a_rule_that_asks_for_more_than_may_be_read_is_refused_in_words(house):
    told = house.post("/v1/segments", body(asked(365, at_least=1), purpose=PURPOSE))

    assert told.status == 400
    assert told.json["code"] == "segments.read-window"
    assert "90 days" in told.json["fix"]
    assert house.post("/v1/segments/preview", {"purpose": PURPOSE, "rule": asked(365, at_least=1)}).status == 400
    assert house.post("/v1/segments", body(asked(365, at_least=1))).status == 200  # another purpose, for ever
