"""Consent: what is assumed, what is required, what a choice changes and when."""

from __future__ import annotations

import pytest

from tests.contract.http.black_box import Door, Event, add_source, basic, order, sources, unique

FORWARDED = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}


@pytest.fixture(scope="module")
def counts(door: Door) -> set[str]:
    """Genes that count orders."""
    return door.counting_genes()[0]


@pytest.fixture(scope="module")
def strict(door: Door) -> str:
    """Write key of a source that assumes nothing."""
    return add_source(door.node.data, "--consent", "required")


def consenting(event: Event, **purposes: bool) -> Event:
    return event | {"context": {"consent": {"categoryPreferences": purposes}}}


def orders(door: Door, user: str, counts: set[str], kind: str = "user_id") -> set[object]:
    """What the counting genes say: their values, or their states where there is none."""
    genes = door.genes(door.person(user, kind))
    return {genes[name].get("value", genes[name]["state"]) for name in counts}


def test_in_development_an_event_without_consent_may_personalise(door: Door, counts: set[str]) -> None:
    door.take(order(user := unique()))

    assert orders(door, user, counts) == {1}


@pytest.mark.parametrize("purpose", ["email", "ads_retarget", "sale_us", "special_category", "model_training"])
def test_development_assumes_nothing_beyond_the_four_purposes(door: Door, purpose: str) -> None:
    door.take(order(user := unique()))

    states = {gene["state"] for gene in door.genes(door.person(user), purpose=purpose).values()}

    assert "known" not in states


@pytest.mark.parametrize("header", FORWARDED)
def test_an_event_that_was_forwarded_gets_no_assumed_purposes(door: Door, counts: set[str], header: str) -> None:
    door.send("/v1/batch", {"batch": [order(user := unique())]}, headers={header: FORWARDED[header]})

    assert not orders(door, user, counts) & {1}


def test_a_source_that_requires_consent_serves_no_personal_purpose_without(
    door: Door, counts: set[str], strict: str
) -> None:
    door.take(order(user := unique()), key=strict)

    assert orders(door, user, counts) <= {"withheld", "unknown"}
    assert len(door.events(door.person(user))) == 1  # the service itself may know it


def test_consent_that_comes_with_a_visitors_event_counts(door: Door, counts: set[str], strict: str) -> None:
    event = consenting(order(""), personalise_onsite=True) | {"anonymousId": (visitor := unique("a"))}
    del event["userId"]

    door.take(event, key=strict)

    assert orders(door, visitor, counts, "anonymous_id") == {1}


def test_consent_that_comes_from_a_server_counts(door: Door, counts: set[str]) -> None:
    door.serve(consenting(order(user := unique()), personalise_onsite=True))

    assert orders(door, user, counts) == {1}


def test_a_denial_that_comes_with_the_event_wins_over_the_development_mode(door: Door, counts: set[str]) -> None:
    door.take(consenting(order(user := unique()), personalise_onsite=False))

    assert orders(door, user, counts) <= {"withheld", "unknown"}


def test_withdrawal_acts_on_the_next_read(door: Door, counts: set[str]) -> None:
    door.take(order(user := unique()))

    door.consent(user, "personalise_onsite", granted=False)

    assert orders(door, user, counts) == {"withheld"}


def test_a_renewed_grant_shows_again_what_was_permitted_at_its_time(door: Door, counts: set[str]) -> None:
    door.take(order(user := unique()))
    door.consent(user, "personalise_onsite", granted=False)

    door.consent(user, "personalise_onsite", granted=True)

    assert orders(door, user, counts) == {1}


def test_a_later_grant_does_not_widen_earlier_events(door: Door, counts: set[str]) -> None:
    door.take(order(user := unique()))
    door.consent(user, "personalise_onsite", granted=False)
    door.take(order(user), order(user))

    door.consent(user, "personalise_onsite", granted=True)

    assert orders(door, user, counts) == {1}


def test_one_purpose_withdrawn_leaves_the_others(door: Door, counts: set[str]) -> None:
    door.take(order(user := unique()))

    door.consent(user, "recommend", granted=False)

    assert orders(door, user, counts) == {1}
    assert "known" not in {gene["state"] for gene in door.genes(door.person(user), purpose="recommend").values()}


@pytest.mark.parametrize(("point", "purpose"), [("next_product", "recommend"), ("next_offer", "personalise_onsite")])
def test_without_permission_the_choice_is_neutral_and_says_why(door: Door, point: str, purpose: str) -> None:
    door.take(order(user := unique()))
    door.consent(user, purpose, granted=False)

    decision = door.decide(user, point)

    assert [choice["action"] for choice in decision["choices"]] == ["do_nothing"]
    assert "permission" in decision["choices"][0]["reasons"][0]["label"]
    assert decision["purpose"] == purpose


def test_a_choice_holds_for_a_person_who_is_not_known_yet(door: Door, counts: set[str]) -> None:
    user = unique()
    door.consent(user, "personalise_onsite", granted=False)

    door.take(order(user))

    assert orders(door, user, counts) <= {"withheld", "unknown"}


def test_assumed_purposes_end_when_the_source_requires_consent(door: Door, counts: set[str]) -> None:
    key = add_source(door.node.data, "--consent", "development", name=(name := unique("source")))
    door.take(order(user := unique()), key=key)
    before = orders(door, user, counts)

    sources(door.node.data, "set", name, "--consent", "required")

    assert before == {1}
    assert orders(door, user, counts) <= {"withheld", "unknown"}


def test_the_health_page_says_that_consent_is_assumed(door: Door) -> None:
    assert "development" in door.ask("/health").text.lower()


def test_a_write_key_cannot_change_a_choice(door: Door) -> None:
    body = {"type": "user_id", "value": unique(), "purpose": "email", "granted": True}

    reply = door.http.post("/v1/consent", json=body, headers=basic(door.node.write_key))

    assert reply.status_code in {401, 403}
