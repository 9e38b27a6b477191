"""An erasure holds whatever the node's clock says: one that goes back, is behind, or was ahead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.consent import ERASURE
from tests.app.events import consenting, identify, order, when
from tests.app.house import DAY, HOUR, START, House
from tests.app.test_erasing import begin_again, erase
from tests.app.test_erasing_beside import same_after_a_start

YEAR = 365 * DAY


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1", at=START - HOUR), order("u2"))
        yield house


def erasures(house: House) -> list[int]:
    return [entry.at for entry in house.node.ledger.replay() if entry.act == ERASURE]


def sent(house: House, *, at: int, rich: bool) -> Any:
    """What is answered to an order that no dedupe knows, as columns or one by one."""
    event = order("u1", at=at) | {"messageId": f"m-{at}-{rich}"}
    return house.send(consenting(event, email=False) if rich else event, key=house.server_key).told


def test_a_second_erasure_is_in_the_ledger_though_the_clock_went_back(house: House) -> None:
    erase(house)
    house.clock.now += HOUR
    house.serve(order("u1"))
    house.consent("u1", "email", granted=True)
    house.clock.now = START - 30 * DAY
    asked = erase(house)["asked_at"]

    first, second = erasures(house)

    assert second > first
    assert asked == START - 30 * DAY  # the receipt says what the clock said
    same_after_a_start(house)
    house.clock.now = START + DAY
    house.serve(order("u1"))
    profile = house.node.world.profiles.find("user_id", "u1")
    assert house.node.choices.of([profile], at=house.clock.now).grant == 0


def test_one_that_a_crash_ended_goes_on_with_its_own_moment(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(house)
    house.clock.now += HOUR
    house.serve(order("u1"))
    house.clock.now = START - DAY
    with monkeypatch.context() as patched:  # it ends behind the ledger
        patched.setattr(house.app.erasing, "_drop", lambda *_: 1 / 0)
        assert house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).status == 500
    begin_again(house)
    house.run(house.app.erasing.finish())

    assert len(erasures(house)) == 2
    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404


def test_of_two_identifiers_the_later_erasure_of_before_counts(house: House) -> None:
    house.clock.now = START + DAY
    house.serve(identify("u3", "a-3"))
    erase(house, "u3")
    house.clock.now = START + 2 * DAY
    house.serve(identify("u3", "a-3"))
    house.consent("u3", "email", granted=True)
    house.clock.now = START
    erase(house, "u3")

    assert len(erasures(house)) == 2
    same_after_a_start(house)


@pytest.mark.parametrize("rich", [False, True])
def test_behind_what_the_node_has_known_does_not_come_back(house: House, rich: bool) -> None:
    house.clock.now = START - DAY
    erase(house)
    house.clock.now = START + HOUR

    for _ in range(2):
        assert sent(house, at=START - HOUR + 1, rich=rich)["erased"] == 1
        assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404
        begin_again(house)
    assert sent(house, at=START + HOUR, rich=rich)["accepted"] == 1


@pytest.mark.parametrize("rich", [False, True])
def test_a_clock_that_was_ahead_keeps_nobody_out_for_long(house: House, rich: bool) -> None:
    house.clock.now = START + YEAR
    erase(house)
    house.clock.now = START + HOUR

    old = sent(house, at=START - HOUR + 1, rich=rich)
    unknown = sent(house, at=START + YEAR, rich=rich)  # of a time to come, so nobody knows when it was
    new = sent(house, at=START + HOUR - 1, rich=rich)

    assert (old["erased"], unknown["erased"], new["accepted"]) == (1, 1, 1)
    assert house.person("u1")
    begin_again(house)
    assert sent(house, at=START + HOUR, rich=rich)["accepted"] == 1
    assert sent(house, at=START - HOUR + 2, rich=rich)["erased"] == 1
    house.clock.now = START + YEAR - HOUR  # less than a day: it may have been right
    assert sent(house, at=START + YEAR - HOUR, rich=rich)["erased"] == 1


def test_a_clock_that_was_ahead_before_keeps_nobody_out_for_long(house: House) -> None:
    house.clock.now = START + YEAR
    house.serve(order("u2") | when(START))
    house.clock.now = START + HOUR

    erase(house)

    (at,) = erasures(house)
    assert at == START + HOUR + 7 * DAY  # no later, whatever the node believes to have known
