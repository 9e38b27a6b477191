"""Signals of consent at the door: Global Privacy Control and TC strings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import consenting, identify, order, view
from tests.app.house import House
from tests.app.portal import visit
from tests.consent.tc_strings import encode
from tests.consent.test_tcf import PLAIN

GPC = {"Sec-GPC": "1"}
SOLD = {"sale_us", "share_partner", "ads_retarget", "lookalike", "ads_measure"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def denied(house: House, value: str = "u1", kind: str = "user_id") -> set[str]:
    node = house.node
    person = node.world.people.person(node.world.profiles.find(kind, value))
    return set(node.purposes.names_of(node.pipeline.permits.choice_of(person).deny))


@pytest.mark.parametrize("rich", [False, True])
def test_global_privacy_control_refuses_what_sells_and_shares(house: House, rich: bool) -> None:
    house.consent("u1", "ads_retarget", granted=True)
    event = consenting(order("u1"), email=True) if rich else order("u1")

    house.take(event, headers=GPC)

    assert denied(house) == SOLD
    entries = [entry for entry in house.node.ledger.replay() if entry.mechanism == "gpc"]
    assert {entry.purpose for entry in entries} == SOLD
    assert {entry.evidence for entry in entries} == {"Sec-GPC: 1"}
    rows = house.node.journal.rows_of([house.node.world.profiles.find("user_id", "u1")]).rows
    events = rows[rows["kind"] < 200]
    assert not any(int(mask) & house.node.purposes.gpc for mask in events["mask"])  # of this very event, too
    house.restart()
    assert denied(house) == SOLD


def test_it_is_recorded_once_and_not_with_each_request(house: House) -> None:
    for _ in range(5):
        house.take(order("u1"), view("u1"), headers=GPC)

    assert sum(entry.mechanism == "gpc" for entry in house.node.ledger.replay()) == len(SOLD)


@pytest.mark.parametrize("value", ["0", "true", "", "1 ", "2"])
def test_only_one_is_the_signal(house: House, value: str) -> None:
    house.take(order("u1"), headers={"Sec-GPC": value})

    assert denied(house) == set()


def test_it_reaches_whoever_is_known_behind_the_browser(house: House) -> None:
    house.serve(identify("u1", "a-1"))
    house.take(view("a-1"), headers=GPC)

    assert denied(house) == SOLD


def test_in_one_commit_only_the_browsers_that_sent_it(house: House) -> None:
    async def send(user: str, headers: dict[str, str]) -> None:
        assert (await house.ask("POST", "/v1/track", order(user), key=house.write_key, headers=headers)).status == 200

    house.together(send("u1", GPC), send("u2", {}), send("u3", GPC))

    assert (denied(house, "u1"), denied(house, "u2"), denied(house, "u3")) == (SOLD, set(), SOLD)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_persons_page_says_that_it_is_honoured(house: House, language: str) -> None:
    house.take(order("u1"), headers=GPC)

    assert "Global Privacy Control" in visit(house, "u1", language=language).text("/me/choices")
    house.take(order("u2"))
    assert "Global Privacy Control" not in visit(house, "u2", language=language).text("/me/choices")


def test_a_tc_string_grants_and_refuses_by_its_purposes(house: House) -> None:
    consents = sum(1 << purpose - 1 for purpose in (1, 3, 4, 5, 6))
    text = encode(PLAIN._replace(consents=consents))

    told = house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": text}).told["choices"]

    said = {one["purpose"]: one["granted"] for one in told}
    assert said == {
        "measure_person": False, "personalise_onsite": True, "ads_measure": False, "ads_retarget": True,
        "model_training": False,
    }  # fmt: skip
    person = house.node.world.profiles.find("user_id", "u1")
    choice = house.node.pipeline.permits.choice_of(person)
    assert set(house.node.purposes.names_of(choice.grant)) == {name for name, granted in said.items() if granted}
    assert {entry.evidence for entry in house.node.ledger.replay()} == {text}


def test_without_storage_on_the_device_nothing_is_granted(house: House) -> None:
    text = encode(PLAIN._replace(consents=0b11111111110))

    told = house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": text}).told["choices"]

    assert not any(one["granted"] for one in told)


def test_a_tc_string_never_widens_what_the_person_refused(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=False)

    house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": encode(PLAIN._replace(consents=2047))}).told  # noqa: B018

    assert "personalise_onsite" in denied(house)


@pytest.mark.parametrize("text", ["", "damaged", encode(PLAIN, specific=0), encode(PLAIN)[:-1] + "B"])
def test_a_damaged_tc_string_records_nothing(house: House, text: str) -> None:
    answer = house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": text})

    assert (answer.status, answer.json["code"]) == (400, "consent.tc-damaged")
    assert list(house.node.ledger.replay()) == []
