"""Consent on its way through the whole house: recorded, joined, withdrawn, and never widened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import consenting, identify, order
from tests.app.house import House

NEEDS_NONE = ["service", "security", "measure_aggregate"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose default source requires consent."""
    with House(tmp_path / "d") as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"})
        yield house


def purposes(house: House, user: str, kind: str = "user_id") -> list[str]:
    event = house.get(f"/v1/people/{house.person(user, kind)}/events").told["events"][0]
    assert event["assumed"] == []
    return list(event["purposes"])


def test_without_consent_information_an_event_serves_only_what_needs_none(house: House) -> None:
    house.take(order("u1"))

    assert purposes(house, "u1") == NEEDS_NONE
    assert house.orders("u1") == "withheld"


def test_a_grant_before_the_first_event_counts_for_it(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    house.restart()

    house.take(order("u1"))

    assert purposes(house, "u1") == [*NEEDS_NONE, "personalise_onsite"]
    assert house.orders("u1") == 1


def test_a_denial_before_the_first_event_holds_for_an_event_that_says_otherwise(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=False)

    house.serve(consenting(order("u1"), personalise_onsite=True))

    assert house.orders("u1") == "withheld"


def test_a_later_grant_does_not_widen_what_came_before(house: House) -> None:
    house.take(order("u1"))

    house.consent("u1", "personalise_onsite", granted=True)
    house.take(order("u1"))

    assert house.orders("u1") == 1


def test_withdrawal_acts_on_the_next_read_and_the_next_decision(house: House) -> None:
    for purpose in ("personalise_onsite", "recommend"):
        house.consent("u1", purpose, granted=True)
    house.take(order("u1"))
    assert house.decide("u1")["choices"][0]["action"] in {"TEA", "do_nothing"}

    house.consent("u1", "recommend", granted=False)

    assert house.orders("u1", purpose="recommend") == "withheld"
    assert house.orders("u1") == 1
    record = house.decide("u1")
    assert (record["choices"][0]["action"], record["basis"], record["evidence"]) == ("do_nothing", "denied", None)
    assert record["choices"][0]["reasons"] == [
        {"gene": None, "label": "no permission for recommend", "contribution": 0}
    ]


def test_choices_outlive_a_restart(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    house.take(order("u1"), consenting(order("u2"), recommend=False))
    house.consent("u1", "personalise_onsite", granted=False)

    house.restart()

    assert house.orders("u1") == "withheld"
    house.serve(consenting(order("u2"), recommend=True))
    assert house.orders("u2", purpose="recommend") == "withheld"


def test_the_denials_of_linked_profiles_unite(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    house.consent("a-1", "personalise_onsite", granted=False, kind="anonymous_id")
    house.take(order("u1"))
    assert house.orders("u1") == 1

    house.serve(identify("u1", "a-1"))
    assert house.orders("u1") == "withheld"
    house.restart()
    assert house.orders("u1") == "withheld"


def test_a_choice_of_a_linked_person_replaces_what_each_profile_chose(house: House) -> None:
    house.consent("a-1", "personalise_onsite", granted=False, kind="anonymous_id")
    house.serve(identify("u1", "a-1"))

    house.consent("u1", "personalise_onsite", granted=True)
    house.restart()
    house.take(order("u1"))

    assert house.orders("u1") == 1
    house.unlink("a-1", "anonymous_id")
    assert house.orders("a-1", kind="anonymous_id") == "unknown"


def test_a_denial_by_one_name_reaches_events_under_another(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    house.serve(identify("u1", "a-1"))

    house.consent("a-1", "personalise_onsite", granted=False, kind="anonymous_id")
    house.take(order("u1"))

    assert "personalise_onsite" not in purposes(house, "u1")


def test_a_visitors_own_grant_is_recorded(house: House) -> None:
    house.take(consenting(order("a-1"), personalise_onsite=True))
    house.restart()

    house.take(order("a-1"))

    assert house.orders("a-1", kind="anonymous_id") == 2


def test_a_public_key_cannot_grant_for_a_known_person_beyond_its_own_event(house: House) -> None:
    house.take(consenting(order("u1"), personalise_onsite=True))

    house.take(order("u1"))

    assert purposes(house, "u1") == NEEDS_NONE


def test_a_public_key_may_deny_for_a_known_person(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)

    house.take(consenting(order("u1"), personalise_onsite=False))

    assert house.orders("u1") == "withheld"


def test_the_answer_names_the_person_the_purpose_and_the_choice(house: House) -> None:
    told = house.post("/v1/consent", {"type": "user_id", "value": "u1", "purpose": "email", "granted": True}).told

    assert told == {"person": house.person("u1"), "purpose": "email", "granted": True}


@pytest.mark.parametrize(("alias", "kind"), [("userId", "user_id"), ("anonymousId", "anonymous_id")])
def test_a_denial_under_the_clients_spelling_of_the_type_reaches_its_person(
    house: House, alias: str, kind: str
) -> None:
    house.consent("x-1", "personalise_onsite", granted=True, kind=kind)
    house.take(order("x-1") if kind == "user_id" else order("a-") | {"anonymousId": "x-1"})
    assert house.orders("x-1", kind=kind) == 1

    house.consent("x-1", "personalise_onsite", granted=False, kind=alias)

    assert house.orders("x-1", kind=kind) == "withheld"


@pytest.mark.parametrize("kind", ["", "User ID", "E-Mail", "person", "x" * 41])
def test_a_choice_under_a_type_that_no_event_can_have_is_refused(house: House, kind: str) -> None:
    given = {"type": kind, "value": "x", "purpose": "email", "granted": False}

    assert house.post("/v1/consent", given).status == 400


@pytest.mark.parametrize("value", ["consents", '{"consents":[]}'])
def test_a_person_may_be_called_anything(house: House, value: str) -> None:
    house.consent(value, "email", granted=False)

    assert house.person(value)


def test_several_choices_in_one_request_are_all_recorded(house: House) -> None:
    given = [{"type": "user_id", "value": f"u{n}", "purpose": "recommend", "granted": n > 1} for n in range(4)]

    assert house.post("/v1/consent", {"consents": given}).told == {"recorded": 4}

    house.take(*[order(f"u{n}") for n in range(4)])
    assert [house.orders(f"u{n}", purpose="recommend") for n in range(4)] == ["withheld", "withheld", 1, 1]


def test_nothing_is_recorded_of_a_request_with_one_bad_choice(house: House) -> None:
    good = {"type": "user_id", "value": "u1", "purpose": "recommend", "granted": True}

    assert house.post("/v1/consent", {"consents": [good, good | {"purpose": "recomend"}]}).status == 400

    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404


def test_the_last_of_many_choices_at_once_is_the_one_that_a_restart_knows(house: House) -> None:
    def choice(number: int) -> dict[str, object]:
        return {"type": "user_id", "value": "u1", "purpose": "recommend", "granted": number % 2 == 0}

    house.together(*[house.ask("POST", "/v1/consent", choice(number)) for number in range(9)])
    live = house.node.effective(1, house.clock.now)
    house.restart()

    assert house.node.effective(1, house.clock.now) == live


def test_forbidden_events_change_no_other_purpose(house: House) -> None:
    """Non-interference (law L6): who forbids recommendations reads the same elsewhere, bit for bit."""
    for user, purposes in (("u1", ["personalise_onsite"]), ("u2", ["personalise_onsite", "recommend"])):
        for purpose in purposes:
            house.consent(user, purpose, granted=True)
    for total in (1.1, 7.7, 3.3):
        house.take(order("u1", total), order("u2", total))

    states = [
        house.node.gate.view(n, purpose="personalise_onsite", effective=2**63 - 1, at=2**41).state() for n in (1, 2)
    ]

    assert states[0].decayed.tobytes() == states[1].decayed.tobytes()
    assert house.orders("u1", purpose="recommend") == "withheld"
    assert house.orders("u2", purpose="recommend") == 3


def test_a_choice_that_is_sent_again_is_recorded_once_and_what_was_chosen_since_stands(house: House) -> None:
    granted = {"type": "user_id", "value": "u1", "purpose": "personalise_onsite", "granted": True, "messageId": "c-1"}
    refused = granted | {"granted": False, "messageId": "c-2"}
    first = house.post("/v1/consent", granted).told
    house.post("/v1/consent", {"consents": [refused, refused]})
    house.take(order("u1"))

    again = house.post("/v1/consent", granted).told
    house.restart()
    house.post("/v1/consent", {"consents": [granted, refused]})

    assert again == first
    assert [entry.granted for entry in house.node.ledger.replay()] == [True, False]
    assert house.orders("u1") == "withheld"


def test_without_an_id_or_with_another_one_it_is_a_new_choice(house: House) -> None:
    choice = {"type": "user_id", "value": "u1", "purpose": "personalise_onsite", "granted": True}

    house.post("/v1/consent", {"consents": [choice, choice, choice | {"messageId": "c-1"}]})
    house.post("/v1/consent", {"consents": [choice, choice | {"messageId": "c-2"}]})

    assert len([*house.node.ledger.replay()]) == 5
