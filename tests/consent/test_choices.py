"""What people chose, and what follows for a person made of several profiles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genom.consent import NO_CHOICE, Choice, Choices, effective, load_purposes

PURPOSES = load_purposes()
BITS = [PURPOSES.bit(name) for name in PURPOSES.names]
SERVICE, EMAIL, RECOMMEND = PURPOSES.mask(["service"]), PURPOSES.mask(["email"]), PURPOSES.mask(["recommend"])
AGGREGATE = PURPOSES.mask(["measure_aggregate"])

masks = st.integers(0, 2**20 - 1)
choices_of_a_person = st.builds(lambda grant, deny: Choice(grant & ~deny, deny), masks, masks)
records = st.lists(st.tuples(st.sets(st.integers(1, 5)), st.sampled_from(BITS), st.booleans()), max_size=40)


def recorded(history: list[tuple[set[int], int, bool]]) -> Choices:
    choices = Choices()
    for profiles, bit, granted in history:
        choices.record(profiles, bit, granted, at=0)
    return choices


def permitted(choice: Choice, *, assumed: int = 0) -> int:
    return effective(
        choice,
        always=PURPOSES.always,
        consent_needed=PURPOSES.consent_needed,
        fixed=PURPOSES.fixed,
        assumed=assumed,
    )


@given(history=records)
def test_the_last_choice_of_a_profile_counts(history: list[tuple[set[int], int, bool]]) -> None:
    choices = recorded(history)

    for profile in range(1, 6):
        last = {bit: granted for profiles, bit, granted in history if profile in profiles}
        grant = sum(bit for bit, granted in last.items() if granted)
        deny = sum(bit for bit, granted in last.items() if not granted)
        assert choices.of([profile], at=0) == Choice(grant, deny)


@given(history=records, people=st.permutations([1, 2, 3, 4, 5]), size=st.integers(0, 5))
def test_no_merge_loses_a_denial(history: list[tuple[set[int], int, bool]], people: list[int], size: int) -> None:
    choices = recorded(history)
    merged = people[:size]

    together = choices.of(merged, at=0)

    for profile in merged:
        alone = choices.of([profile], at=0)
        assert alone.deny & together.deny == alone.deny
        assert permitted(together) & alone.deny & ~PURPOSES.fixed == 0


@given(history=records, people=st.permutations([1, 2, 3, 4, 5]))
def test_a_merge_gives_the_same_in_any_order(history: list[tuple[set[int], int, bool]], people: list[int]) -> None:
    choices = recorded(history)

    assert choices.of(people, at=0) == choices.of(sorted(people), at=0)


def test_a_grant_counts_if_any_profile_granted_and_none_denied() -> None:
    choices = recorded([({1}, EMAIL, True), ({2}, RECOMMEND, True), ({3}, EMAIL, False)])

    assert choices.of([1, 2], at=0) == Choice(EMAIL | RECOMMEND, 0)
    assert choices.of([1, 2, 3], at=0) == Choice(RECOMMEND, EMAIL)
    assert choices.of([9], at=0) == NO_CHOICE


def test_a_choice_for_an_identifier_without_profile_waits_for_it() -> None:
    choices = Choices()
    choices.record(["ab12"], EMAIL, False, at=0)
    assert choices.of([7], at=0) == NO_CHOICE

    choices.adopt("ab12", 7)
    choices.adopt("ab12", 8)

    assert choices.of([7], at=0) == Choice(0, EMAIL)
    assert choices.of([8], at=0) == NO_CHOICE


def test_a_waiting_grant_does_not_lift_a_denial() -> None:
    choices = recorded([({7}, EMAIL, False)])
    choices.record(["ab12"], EMAIL, True, at=0)

    choices.adopt("ab12", 7)

    assert choices.of([7], at=0) == Choice(0, EMAIL)


def test_without_any_choice_only_what_needs_no_consent_is_permitted() -> None:
    assert PURPOSES.names_of(permitted(NO_CHOICE)) == ["service", "security", "measure_aggregate"]


def test_a_grant_permits_and_a_withdrawal_ends_it() -> None:
    assert permitted(Choice(EMAIL, 0)) == PURPOSES.always | EMAIL
    assert permitted(Choice(0, EMAIL)) == PURPOSES.always


def test_an_objection_ends_a_purpose_that_needs_no_consent() -> None:
    assert permitted(Choice(0, AGGREGATE)) & AGGREGATE == 0


def test_no_record_switches_service_off() -> None:
    assert permitted(Choice(0, SERVICE)) & SERVICE == SERVICE


@given(choice=choices_of_a_person, assumed=masks)
def test_a_recorded_choice_beats_an_assumption(choice: Choice, assumed: int) -> None:
    mask = permitted(choice, assumed=assumed)

    assert mask & choice.deny & ~PURPOSES.fixed == 0
    assert mask & choice.grant == choice.grant


@given(choice=choices_of_a_person, assumed=masks)
def test_a_person_is_permitted_what_was_granted_assumed_or_needs_no_consent(choice: Choice, assumed: int) -> None:
    mask = permitted(choice, assumed=assumed)

    assert mask & ~(choice.grant | assumed | PURPOSES.always) == 0
