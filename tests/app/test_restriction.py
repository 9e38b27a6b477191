"""Restriction (Art. 18 GDPR): stored and nothing else.  Objection (Art. 21): a refusal that says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.commit import now_ms
from genom.app.consenting import Chosen, record_choices, record_restriction
from genom.consent import OBJECTION, RESTRICTED
from tests.app.events import consenting, order, view
from tests.app.house import DAY, House
from tests.app.portal import PATHS, visit


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("u2"))
        house.consent("u1", "personalise_onsite", granted=True)
        house.consent("u1", "email", granted=False)
        yield house


def restrict(house: House, *, on: bool = True) -> None:
    person = house.node.world.profiles.find("user_id", "u1")
    house.run(record_restriction(house.app, person, on=on, actor="key:first", mechanism="request"))


def test_nothing_is_read_for_any_purpose_and_everything_is_kept(house: House) -> None:
    person = house.node.world.profiles.find("user_id", "u1")
    before = len(house.node.journal.rows_of([person]).rows)

    restrict(house)

    assert house.node.effective(person, house.clock.now) == 0
    for purpose in house.node.gate.purposes:
        values = house.genome("u1", purpose=purpose)
        assert {value for name, value in values.items() if name != "as_of"} == {"withheld"}
    assert len(house.node.journal.rows_of([person]).rows) == before
    assert house.orders("u2") == 1


def test_decisions_go_neutral(house: House) -> None:
    restrict(house)

    record = house.decide("u1")

    assert record["mask"] == 0
    assert record["evidence"] is None


def test_what_happens_meanwhile_is_stored_and_counts_for_nothing_ever(house: House) -> None:
    restrict(house)
    house.serve(view("u1"), order("u1"))
    person = house.node.world.profiles.find("user_id", "u1")
    rows = house.node.journal.rows_of([person]).rows
    assert rows[rows["kind"] < 200]["mask"].tolist()[-3:] == [0, 0, 0]

    restrict(house, on=False)

    assert house.orders("u1", purpose="personalise_onsite") == 1


def test_lifting_brings_back_what_was_chosen_after_a_restart_too(house: House) -> None:
    restrict(house)
    house.restart()
    person = house.node.world.profiles.find("user_id", "u1")
    assert house.node.pipeline.permits.choice_of(person, now_ms()).deny == RESTRICTED

    restrict(house, on=False)

    for _ in range(2):
        choice, bit = house.node.pipeline.permits.choice_of(person, now_ms()), house.node.purposes.bit
        assert choice.grant & bit("personalise_onsite")
        assert choice.deny == bit("email")
        house.restart()


def test_a_profile_that_is_linked_brings_its_restriction_along(house: House) -> None:
    restrict(house)
    person = house.node.world.profiles.find("user_id", "u1")
    house.serve({"type": "identify", "userId": "u1", "anonymousId": "a-9"})

    assert house.node.effective(house.node.world.people.person(person), house.clock.now) == 0


def test_an_erasure_ends_it(house: House) -> None:
    restrict(house)
    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    house.clock.now += DAY
    house.serve(order("u1", at=house.clock.now))

    person = house.node.world.profiles.find("user_id", "u1")
    assert house.node.pipeline.permits.choice_of(person, now_ms()).deny == house.node.purposes.bit("email")


def test_an_objection_refuses_every_purpose_of_marketing_and_outlives_an_erasure(house: House) -> None:
    node = house.node
    marketing = [one for one in node.purposes.every if one.direct_marketing]
    assert {"email", "personalise_onsite", "ads_retarget", "lookalike"} <= {one.name for one in marketing}
    person = node.world.profiles.find("user_id", "u1")
    chosen = [
        Chosen(person=person, purpose=one.name, granted=False, mechanism="request", act=OBJECTION) for one in marketing
    ]
    house.run(record_choices(house.app, chosen, actor="key:first"))
    assert not node.effective(person, house.clock.now) & node.purposes.mask([one.name for one in marketing])

    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    house.clock.now += DAY
    house.serve(order("u1", at=house.clock.now))
    house.restart()

    node = house.node
    person = node.world.profiles.find("user_id", "u1")
    refused = node.purposes.mask([one.name for one in node.purposes.every if one.direct_marketing])
    assert node.pipeline.permits.choice_of(person, now_ms()).deny & refused == refused
    assert {entry.act for entry in node.ledger.replay() if entry.purpose == "email"} == {"choice", OBJECTION}


def test_the_persons_own_pages_open_while_restricted(house: House) -> None:
    restrict(house)
    me = visit(house, "u1")
    for path in PATHS:
        assert me.text(path)
    cookie = house.sign_in()
    assert house.browse(f"/people/{house.person('u1')}", cookie=cookie).status == 200


def test_what_is_refused_while_data_are_restricted_stays_refused_when_that_ends(house: House) -> None:
    house.consent("u1", "recommend", granted=True)
    restrict(house, on=True)

    house.serve(consenting(order("u1"), recommend=False), headers={"sec-gpc": "1"})
    restrict(house, on=False)

    person = house.node.world.people.person(house.node.world.profiles.find("user_id", "u1"))
    refused = house.node.purposes.names_of(house.node.pipeline.permits.choice_of(person, house.clock.now).deny)
    assert {"recommend", "sale_us"} <= set(refused)
