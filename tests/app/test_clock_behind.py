"""A clock that is behind what the node has known, by more than a week, and is put right later: what holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app import audit
from tests.app.events import consenting, order
from tests.app.house import DAY, HOUR, START, House
from tests.app.test_erasing import erase
from tests.app.test_erasing_beside import same_after_a_start

BEHIND = 30 * DAY


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Ada permits; then the node starts with a clock that is a month behind."""
    with House(tmp_path / "d") as house:
        house.consent("ada", "email", granted=True)
        house.consent("ada", "recommend", granted=True)
        house.serve(order("ada", at=START - HOUR))
        house.clock.now = START - BEHIND
        house.restart()
        yield house


def put_right(house: House, *, restart: bool) -> None:
    house.clock.now = START + HOUR
    if restart:
        house.restart()


@pytest.mark.parametrize("restart", [False, True])
def test_a_withdrawal_counts_at_once_and_when_the_clock_is_right_again(house: House, restart: bool) -> None:
    house.consent("ada", "email", granted=False)
    behind = house.node.effective(1, house.clock.now)

    put_right(house, restart=restart)

    bit = house.node.purposes.bit("email")
    assert behind & bit == house.node.effective(1, house.clock.now) & bit == 0
    same_after_a_start(house)


@pytest.mark.parametrize("restart", [False, True])
def test_a_withdrawal_by_an_event_counts_too(house: House, restart: bool) -> None:
    house.serve(consenting(order("ada"), email=False))
    behind = house.node.effective(1, house.clock.now)

    put_right(house, restart=restart)

    bit = house.node.purposes.bit("email")
    assert behind & bit == house.node.effective(1, house.clock.now) & bit == 0


def test_a_grant_after_a_withdrawal_follows_the_order_in_which_they_came(house: House) -> None:
    house.consent("ada", "email", granted=False)
    house.clock.now -= DAY
    house.consent("ada", "email", granted=True)
    put_right(house, restart=True)
    bit = house.node.purposes.bit("email")
    assert house.node.effective(1, house.clock.now) & bit


def test_ledger_audit_and_journal_verify(house: House) -> None:
    house.consent("ada", "email", granted=False)
    house.serve(order("ada"))
    house.get(f"/v1/people/{house.person('ada')}/events", headers={"X-Reason": "x"})
    house.app.looks.write()
    assert house.verify().equal
    put_right(house, restart=True)
    house.serve(order("ada"))
    assert house.verify().equal
    assert audit.verify(house.node.catalogue).problem == ""
    assert [entry.n for entry in house.node.ledger.replay()] == [1, 2, 3]


def test_an_erasure_holds_when_the_clock_is_right_again(house: House) -> None:
    erase(house, "ada")
    put_right(house, restart=True)

    old = house.send(order("ada", at=START - BEHIND - DAY), key=house.server_key).told
    new = house.send(order("ada", at=START + HOUR - 1), key=house.server_key).told

    assert (old["erased"], new["accepted"]) == (1, 1)
    assert (
        house.node.effective(house.node.world.people.person(1), house.clock.now) & house.node.purposes.bit("email") == 0
    )


def test_nothing_is_overwritten_because_of_it(house: House) -> None:
    house.serve(consenting(order("ada"), ads_retarget=True))
    house.run(house.node.retention.tend())
    house.run(house.node.forgetting.tend())
    put_right(house, restart=True)

    assert len(house.get(f"/v1/people/{house.person('ada')}/events").told["events"]) == 2
    assert house.verify().equal


def test_a_grant_that_ran_out_counts_until_the_clock_is_right(house: House) -> None:
    house.clock.now = START - 13 * 30 * DAY
    house.consent("ben", "email", granted=True)
    house.serve(order("ben"))
    bit, ben = (
        house.node.purposes.bit("email"),
        house.node.world.people.person(house.node.world.profiles.find("user_id", "ben")),
    )
    assert house.node.effective(ben, house.clock.now) & bit

    put_right(house, restart=True)

    assert house.node.effective(ben, house.clock.now) & bit == 0


def test_it_is_told_on_the_start_page_until_it_is_right(house: House) -> None:
    def home(language: str) -> str:
        return house.browse("/", cookie=house.sign_in(), language=language).body.decode()

    assert "The clock is 30 days behind" in home("en")
    assert "30 Tage nach" in home("de")
    put_right(house, restart=False)
    assert "The clock is" not in home("en")
    house.clock.now = START - 6 * DAY
    assert "The clock is" not in home("en")
