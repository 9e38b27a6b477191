"""Grants run out: at their very millisecond, whatever happens or does not happen meanwhile; refusals never do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.consent import (
    ENDED,
    LIFTED,
    NEVER,
    NO_CHOICE,
    Choice,
    Choices,
    Entry,
    Purposes,
    effective,
    event_mask,
    fold,
    load_purposes,
    parse_lifetime,
)
from genom.errors import BadConfiguration

DAY = 86_400_000  # ms
BUILT_IN = load_purposes()


def purposes_with(**lifetimes: str) -> Purposes:
    definition = BUILT_IN.as_definition()
    for name, lifetime in lifetimes.items():
        definition["purposes"][name]["consent_expires"] = lifetime
    return Purposes.from_definition(definition)


PURPOSES = purposes_with(email="2d", recommend="3d", price="never")
EMAIL, RECOMMEND, PRICE = (PURPOSES.bit(name) for name in ("email", "recommend", "price"))
DAYS = {"email": 2, "recommend": 3, "price": 10**6}
PROFILES = {"01": 1, "02": 2, "03": 3}
WAITS = "ff"  # an identifier that gets its profile, 9, when all is recorded


def entry(at: int, purpose: str = "email", *, granted: bool = True, subjects: tuple[str, ...] = ("01",), **more: str):
    return Entry(
        at=at, subjects=subjects, purpose=purpose, granted=granted, text=PURPOSES.text_hash(purpose), **more
    )  # fmt: skip


def folded(*entries: Entry, purposes: Purposes = PURPOSES) -> Choices:
    return fold(entries, purposes=purposes, profile_of=PROFILES.get)


def moment(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_a_grant_counts_until_its_last_millisecond() -> None:
    choices = folded(entry(7))

    assert choices.of([1], at=7 + 2 * DAY - 1) == Choice(EMAIL, 0)
    assert choices.of([1], at=7 + 2 * DAY) == Choice(0, 0, lapsed=EMAIL)
    assert choices.standing([1], at=7).until == 7 + 2 * DAY
    assert choices.standing([1], at=7 + 2 * DAY).until == NEVER


def test_a_grant_that_counted_in_the_past_is_still_seen_to_have_counted_then() -> None:
    choices = folded(entry(0))
    assert choices.of([1], at=5 * DAY).grant == 0

    assert choices.of([1], at=DAY).grant == EMAIL


@pytest.mark.parametrize(
    ("given", "lifetime", "end"),
    [
        ("2026-03-02 12:00:00.001", "12mo", "2027-03-02 12:00:00.001"),
        ("2024-02-29 00:00:00", "12mo", "2025-02-28 00:00:00"),
        ("2024-02-29 00:00:00", "48mo", "2028-02-29 00:00:00"),
        ("2026-08-31 23:59:59.999", "6mo", "2027-02-28 23:59:59.999"),
        ("2026-12-15 08:00:00", "1mo", "2027-01-15 08:00:00"),
        ("2026-03-02 12:00:00", "365d", "2027-03-02 12:00:00"),
    ],
)
def test_months_are_those_of_the_calendar(given: str, lifetime: str, end: str) -> None:
    assert parse_lifetime(lifetime).end(moment(given)) == moment(end)


@given(at=st.integers(0, 2**45), months=st.integers(1, 9999))
def test_every_moment_has_an_end_and_later_grants_never_end_earlier(at: int, months: int) -> None:
    lifetime = parse_lifetime(f"{months}mo")

    assert at < lifetime.end(at)
    assert lifetime.end(at - at % DAY) <= lifetime.end(at)
    assert lifetime.end(at) - at >= months * 28 * DAY


def test_a_grant_of_a_purpose_that_never_expires_stays() -> None:
    assert folded(entry(0, "price")).of([1], at=10**15) == Choice(PRICE, 0)


def test_a_renewed_grant_starts_anew() -> None:
    choices = folded(entry(0), entry(DAY))

    assert choices.of([1], at=2 * DAY).grant == EMAIL
    assert choices.of([1], at=3 * DAY).grant == 0


def test_the_purposes_of_one_request_run_out_each_at_its_own_time() -> None:
    choices = folded(entry(0), entry(0, "recommend"), entry(0, "price"))

    assert choices.of([1], at=2 * DAY) == Choice(RECOMMEND | PRICE, 0, lapsed=EMAIL)
    assert choices.of([1], at=3 * DAY) == Choice(PRICE, 0, lapsed=EMAIL | RECOMMEND)


def test_a_refusal_never_runs_out() -> None:
    assert folded(entry(0, granted=False)).of([1], at=10**15) == Choice(0, EMAIL)


def test_of_two_profiles_grants_the_later_counts_and_one_refusal_ends_both() -> None:
    granted = [entry(0), entry(DAY, subjects=("02",))]
    refused = entry(0, granted=False, subjects=("03",))

    assert folded(*granted).of([1], at=2 * DAY).grant == 0
    assert folded(*granted).of([1, 2], at=2 * DAY) == Choice(EMAIL, 0)
    assert folded(*granted, refused).of([1, 2, 3], at=2 * DAY) == Choice(0, EMAIL)


def test_nothing_is_assumed_in_place_of_a_grant_that_ran_out() -> None:
    choice = Choice(0, 0, lapsed=RECOMMEND)

    assert effective(choice, always=1, consent_needed=PURPOSES.consent_needed, assumed=RECOMMEND | PRICE) == 1 | PRICE
    assert event_mask(choice, purposes=PURPOSES, event_consent=None, development=True)[1] & RECOMMEND == 0


def test_what_an_event_repeats_brings_no_grant_back_that_ran_out() -> None:
    old = Choice(0, 0, lapsed=EMAIL)

    for choice, permitted in ((NO_CHOICE, EMAIL), (old, 0)):
        mask, _ = event_mask(choice, purposes=PURPOSES, event_consent={"email": True}, development=False)
        assert mask & EMAIL == permitted


acts = st.sampled_from(["grant", "grant", "deny", "ended", "lifted"])
history = st.lists(
    st.tuples(
        st.integers(0, 12),  # half days
        st.sampled_from(sorted(DAYS)),
        acts,
        st.sets(st.sampled_from([*PROFILES, WAITS]), min_size=1).map(lambda s: tuple(sorted(s))),
    ),
    max_size=14,
)


def recorded(step: tuple[int, str, str, tuple[str, ...]]) -> Entry:
    half, purpose, act, subjects = step
    more = {"ended": {"act": ENDED}, "lifted": {"source": LIFTED}}.get(act, {})
    return entry(half * DAY // 2, purpose, granted=act == "grant", subjects=subjects, **more)


def by_hand(
    steps: list[tuple[int, str, str, tuple[str, ...]]], profiles: set[str], at: int
) -> tuple[set[str], set[str]]:
    """Purposes granted and denied at a moment, by looking at each profile's last word."""
    granted, denied = set[str](), set[str]()
    for subject in profiles:
        for purpose, days in DAYS.items():
            word = None
            for half, about, act, subjects in steps:
                if about != purpose or subject not in subjects:
                    continue
                if act == "ended":
                    word = None if word and word[0] == "grant" else word
                else:
                    word = None if act == "lifted" else (act, half * DAY // 2)
            if word and word[0] == "deny":
                denied.add(purpose)
            elif word and at < word[1] + days * DAY:
                granted.add(purpose)
    return granted - denied, denied


@given(
    steps=history,
    profiles=st.sets(st.sampled_from([*PROFILES, WAITS]), min_size=1),
    at=st.integers(0, 24).flatmap(lambda half: st.sampled_from([half * DAY // 2 - 1, half * DAY // 2])),
)
def test_the_state_at_any_moment_is_what_a_look_at_every_entry_says(
    steps: list[tuple[int, str, str, tuple[str, ...]]], profiles: set[str], at: int
) -> None:
    choices = folded(*map(recorded, steps))
    choices.adopt(WAITS, 9)

    standing = choices.standing([{**PROFILES, WAITS: 9}[one] for one in profiles], at=at)

    granted, denied = by_hand(steps, profiles, at)
    assert standing.choice.grant == PURPOSES.mask(granted)
    assert standing.choice.deny == PURPOSES.mask(denied)
    assert standing.choice.lapsed & (standing.choice.grant | standing.choice.deny) == 0
    if standing.until != NEVER:
        assert at < standing.until
        before = by_hand(steps, profiles, standing.until - 1)
        assert PURPOSES.mask(before[0]) == standing.choice.grant


@given(steps=history, at=st.integers(0, 24).map(lambda half: half * DAY // 2))
def test_an_identifier_that_gets_a_profile_with_choices_of_its_own_has_what_both_had(
    steps: list[tuple[int, str, str, tuple[str, ...]]], at: int
) -> None:
    choices = folded(*map(recorded, steps))
    choices.adopt(WAITS, 1)

    granted, denied = by_hand(steps, {"01", WAITS}, at)
    assert choices.of([1], at=at)[:2] == (PURPOSES.mask(granted), PURPOSES.mask(denied))


@pytest.mark.parametrize("waiting_first", [True, False])
def test_of_the_grants_of_an_identifier_and_its_new_profile_the_later_counts(*, waiting_first: bool) -> None:
    first, second = ((WAITS,), ("01",)) if waiting_first else (("01",), (WAITS,))
    choices = folded(entry(0, subjects=first), entry(DAY, subjects=second))

    choices.adopt(WAITS, 1)

    assert choices.standing([1], at=0).until == 3 * DAY


def test_without_a_word_about_it_a_grant_counts_for_twelve_months() -> None:
    assert {one.consent_expires for one in BUILT_IN.every if one.needs_consent} == {"12mo"}
    assert BUILT_IN.purpose("service").lifetime.end(0) == NEVER


@pytest.mark.parametrize("bad", ["", "12", "0mo", "12 mo", "1y", "-3d", "99999d", "12MO", "forever"])
def test_a_lifetime_that_cannot_be_read_stops_the_start_and_says_how_it_is_written(bad: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        purposes_with(email=bad)

    assert "'email' has an unusable 'consent_expires'" in caught.value.what
    assert "'12mo'" in caught.value.fix


def test_a_number_is_no_lifetime() -> None:
    definition = BUILT_IN.as_definition()
    definition["purposes"]["email"]["consent_expires"] = 12

    with pytest.raises(BadConfiguration, match="consent_expires"):
        Purposes.from_definition(definition)


def test_what_needs_no_consent_has_no_grant_that_could_run_out() -> None:
    with pytest.raises(BadConfiguration, match="'service' sets 'consent_expires'"):
        purposes_with(service="6mo")
