"""Who is sent to recipients where the law of a region needs no consent, and who has left when they move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.app.destination_house import MAIL, Recipient, define, deliver
from tests.app.events import order
from tests.app.house import House
from tests.app.learned import record_of
from tests.app.segment_house import ORDERS
from tests.app.segment_house import define as define_segment
from tests.app.test_regions import move, number, purposes_with, required

USERS = ("ada", "ben", "cleo")
ADS = MAIL | {"id": "ads", "recipient": "Ads Inc", "purposes": ["ads_measure"]}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three people in the US who have chosen nothing."""
    purposes_with(tmp_path / "d")
    file = tmp_path / "d" / "purposes.yaml"
    parts = yaml.safe_load(file.read_text("utf-8"))
    parts["purposes"]["ads_measure"]["recipients"] = ["Ads Inc"]
    file.write_text(yaml.safe_dump(parts, allow_unicode=True), "utf-8")
    with House(tmp_path / "d", segment_floor=1) as house:
        required(house)
        for user in USERS:
            move(house, "US", user)
            house.serve(order(user))
        define_segment(house, {"gene": ORDERS, "is": ">=", "value": 1})
        yield house


def test_a_processor_takes_whom_the_law_permits_and_a_move_takes_them_out(house: House) -> None:
    recipient = Recipient()
    define(house, ADS)
    deliver(house, recipient)
    assert len(recipient.members) == 3

    move(house, "DE", "ben")
    deliver(house, recipient)

    assert len(recipient.members) == 2


def test_a_third_party_takes_only_who_agreed(house: House) -> None:
    recipient = Recipient()
    define(house, ADS | {"contract": "third_party"})
    deliver(house, recipient)
    assert not recipient.members

    for user in ("ada", "cleo"):
        house.consent(user, "ads_measure", granted=True)
    deliver(house, recipient)

    assert len(recipient.members) == 2


def test_trainings_read_whom_the_law_permits(house: House) -> None:
    bit = house.node.purposes.bit("model_training")
    assert all(int(record_of(house).permitted[number(house, user)]) & bit for user in USERS)

    move(house, "DE", "ben")

    read = record_of(house).permitted
    assert [bool(int(read[number(house, user)]) & bit) for user in USERS] == [True, False, True]
