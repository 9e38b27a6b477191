"""Known minors: what the registry keeps them out of is refused, whatever was or is granted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import identify, order
from tests.app.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("u2"))
        house.consent("u1", "ads_retarget", granted=True)
        yield house


def permits(house: House, purpose: str, user: str = "u1") -> bool:
    node = house.node
    person = node.world.people.person(node.world.profiles.find("user_id", user))
    return bool(node.effective(person, house.clock.now) & node.purposes.bit(purpose))


def note(house: House, *, minor: bool = True) -> None:
    house.post("/v1/consent/minor", {"type": "user_id", "value": "u1", "minor": minor}).told  # noqa: B018


def test_ads_and_sale_are_refused_and_the_service_goes_on(house: House) -> None:
    assert permits(house, "ads_retarget")

    note(house)

    refused = [one.name for one in house.node.purposes.every if one.minors == "refused"]
    assert {"ads_retarget", "sale_us", "lookalike", "email", "price"} <= set(refused)
    assert not any(permits(house, name) for name in refused)
    assert permits(house, "service")
    house.restart()
    assert not permits(house, "ads_retarget")


def test_a_later_grant_does_not_lift_it_and_being_of_age_does(house: House) -> None:
    note(house)
    house.consent("u1", "recommend", granted=True)
    assert not permits(house, "recommend")

    note(house, minor=False)

    assert permits(house, "recommend")
    assert permits(house, "ads_retarget")
    house.restart()
    assert permits(house, "recommend")


def test_a_device_that_turns_out_to_be_theirs_is_kept_out_too(house: House) -> None:
    note(house)
    house.serve(identify("u1", "a-9"))

    node = house.node
    device = node.world.people.person(node.world.profiles.find("anonymous_id", "a-9"))
    assert not node.effective(device, house.clock.now) & node.purposes.bit("ads_retarget")


def test_events_that_bring_a_grant_of_their_own_are_kept_out(house: House) -> None:
    note(house)
    event = order("u1") | {"context": {"consent": {"categoryPreferences": {"recommend": True, "ads_retarget": True}}}}
    house.take(event)

    node = house.node
    rows = node.journal.rows_of([node.world.profiles.find("user_id", "u1")]).rows
    bits = node.purposes.mask(["recommend", "ads_retarget"])
    assert not int(rows[rows["kind"] < 200]["mask"][-1]) & bits


def test_nobody_known_by_that_name(house: House) -> None:
    assert house.post("/v1/consent/minor", {"type": "user_id", "value": "x9", "minor": True}).status == 404
