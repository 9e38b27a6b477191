"""What an event may serve, by record, by its own consent and by assumption."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.consent import NO_CHOICE, Choice, Choices, event_mask, load_purposes

PURPOSES = load_purposes()
NEVER_ASSUMED = PURPOSES.mask(
    ["email", "sms_push", "ads_measure", "ads_retarget", "lookalike", "share_partner", "sale_us", "special_category"]
)

masks = st.integers(0, 2**20 - 1)
recorded_choices = st.builds(lambda grant, deny: Choice(grant & ~deny, deny), masks, masks)
event_consents = st.none() | st.dictionaries(st.sampled_from([*PURPOSES.names, "fax", ""]), st.booleans(), max_size=8)


def named(choice: Choice, consent: dict[str, bool] | None, *, development: bool = False) -> tuple[list[str], list[str]]:
    mask, assumed = event_mask(choice, purposes=PURPOSES, event_consent=consent, development=development)
    return PURPOSES.names_of(mask), PURPOSES.names_of(assumed)


@pytest.mark.parametrize("consent", [None, {}])
def test_without_consent_information_an_event_serves_what_needs_none(consent: dict[str, bool] | None) -> None:
    assert named(NO_CHOICE, consent) == (["service", "security", "measure_aggregate"], [])


def test_development_mode_assumes_beside_it() -> None:
    mask, assumed = named(NO_CHOICE, None, development=True)

    assert mask == ["service", "security", "measure_aggregate"]
    assert assumed == ["measure_person", "personalise_onsite", "recommend"]


def test_an_event_can_bring_its_own_consent() -> None:
    mask, assumed = named(NO_CHOICE, {"email": True, "recommend": False}, development=True)

    assert mask == ["service", "security", "measure_aggregate", "email"]
    assert assumed == []  # nothing is guessed where something was said


def test_empty_consent_information_is_information() -> None:  # a banner was shown, and nothing ticked
    assert named(NO_CHOICE, {}, development=True) == (["service", "security", "measure_aggregate"], [])


def test_an_event_cannot_grant_what_a_record_denies() -> None:
    denied = Choice(0, PURPOSES.bit("email"))

    assert "email" not in named(denied, {"email": True})[0]


def test_an_event_can_refuse_what_a_record_grants() -> None:
    granted = Choice(PURPOSES.bit("email"), 0)

    assert "email" in named(granted, None)[0]
    assert "email" not in named(granted, {"email": False})[0]


def test_an_event_can_object_to_statistics_but_not_to_service() -> None:
    mask, _ = named(NO_CHOICE, {"measure_aggregate": False, "service": False, "security": False})

    assert mask == ["service", "security"]


def test_unknown_purposes_and_values_that_are_not_true_grant_nothing() -> None:
    sent = {"fax": True, "email": "false", "recommend": 1}

    assert named(NO_CHOICE, sent) == (["service", "security", "measure_aggregate"], [])  # type: ignore[arg-type]


def test_a_later_grant_does_not_widen_a_mask_already_given() -> None:
    choices = Choices()
    before = event_mask(choices.of([1], at=0), purposes=PURPOSES, event_consent=None, development=False)
    kept = before

    choices.record([1], PURPOSES.bit("email"), True, at=0)
    after = event_mask(choices.of([1], at=0), purposes=PURPOSES, event_consent=None, development=False)

    assert before == kept == (PURPOSES.always, 0)
    assert after == (PURPOSES.always | PURPOSES.bit("email"), 0)


@given(choice=recorded_choices, consent=event_consents, development=st.booleans())
def test_what_is_assumed_was_never_chosen(choice: Choice, consent: dict[str, bool] | None, development: bool) -> None:
    mask, assumed = event_mask(choice, purposes=PURPOSES, event_consent=consent, development=development)
    spoken = choice.grant | choice.deny | PURPOSES.mask(name for name in consent or () if name in PURPOSES.names)

    assert assumed & (mask | spoken) == 0
    assert assumed & NEVER_ASSUMED == 0
    assert assumed & ~(PURPOSES.assumable if development else 0) == 0


@given(choice=recorded_choices, consent=event_consents, development=st.booleans())
def test_an_event_serves_exactly_what_was_granted_and_not_refused(
    choice: Choice, consent: dict[str, bool] | None, development: bool
) -> None:
    mask, _ = event_mask(choice, purposes=PURPOSES, event_consent=consent, development=development)

    for name in PURPOSES.names:
        bit, said = PURPOSES.bit(name), (consent or {}).get(name)
        refused = choice.deny & bit or said is False
        allowed = choice.grant & bit or said is True or PURPOSES.always & bit
        expected = name in {"service", "security"} or (allowed and not refused)
        assert bool(mask & bit) == bool(expected), name


@given(choice=recorded_choices, consent=event_consents)
def test_development_mode_changes_nothing_that_an_event_serves_for_good(
    choice: Choice, consent: dict[str, bool] | None
) -> None:
    strict, nothing = event_mask(choice, purposes=PURPOSES, event_consent=consent, development=False)
    mask, _ = event_mask(choice, purposes=PURPOSES, event_consent=consent, development=True)

    assert (mask, nothing) == (strict, 0)


def test_two_sets_of_purposes_do_not_share_masks() -> None:
    definition = PURPOSES.as_definition()
    definition["purposes"]["email"]["basis"] = {"eu": "contract"}
    other = type(PURPOSES).from_definition(definition)

    mask, _ = event_mask(NO_CHOICE, purposes=other, event_consent=None, development=False)

    assert mask == PURPOSES.always | PURPOSES.bit("email")
