"""State = fold(ledger), live and after any restart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from genom.consent import CHOICE, ENDED, NO_CHOICE, Choice, Choices, Entry, Ledger, Purposes, fold, load_purposes, take

PURPOSES = load_purposes()
PROFILES = {f"{number:02x}": number for number in range(4)}  # the identifier with hash "ff" has no profile
EMAIL = PURPOSES.bit("email")


def entry(
    purpose: str, *, granted: bool, subjects: tuple[str, ...] = ("01",), text: str | None = None, act: str = CHOICE
) -> Entry:
    return Entry(
        at=0,
        subjects=subjects,
        purpose=purpose,
        granted=granted,
        text=PURPOSES.text_hash(purpose) if text is None else text,
        act=act,
    )


def folded(*entries: Entry) -> Choices:
    return fold(entries, purposes=PURPOSES, profile_of=PROFILES.get)


entries = st.builds(
    entry,
    st.sampled_from(PURPOSES.names),
    granted=st.booleans(),
    subjects=st.lists(st.sampled_from([*PROFILES, "ff"]), min_size=1, max_size=3, unique=True).map(tuple),
    text=st.sampled_from([None, "an older text"]),
    act=st.sampled_from([CHOICE, ENDED]),
)


@settings(max_examples=40)
@given(starts=st.lists(st.lists(st.lists(entries, max_size=4), max_size=4), max_size=4))
def test_the_state_is_the_fold_of_the_ledger_after_any_restarts(starts: list[list[list[Entry]]]) -> None:
    live = Choices()
    with TemporaryDirectory() as directory:
        for batches in starts:
            with Ledger(Path(directory), file_bytes=700) as ledger:
                for batch in batches:
                    for each in ledger.append(batch):
                        take(live, each, purposes=PURPOSES, profile_of=PROFILES.get)
        with Ledger(Path(directory)) as ledger:
            replayed = fold(ledger.replay(), purposes=PURPOSES, profile_of=PROFILES.get)

    for choices in (live, replayed):
        choices.adopt("ff", 255)
    assert [replayed.of([p], at=0) for p in (*range(4), 255)] == [live.of([p], at=0) for p in (*range(4), 255)]


def test_a_choice_counts_for_every_profile_of_the_person() -> None:
    choices = folded(entry("email", granted=True, subjects=("01", "02")))

    assert [choices.of([profile], at=0) for profile in (1, 2, 3)] == [Choice(EMAIL, 0), Choice(EMAIL, 0), NO_CHOICE]


def test_a_withdrawal_ends_a_grant_and_a_new_grant_ends_the_withdrawal() -> None:
    grant, withdrawal = entry("email", granted=True), entry("email", granted=False)

    assert folded(grant, withdrawal).of([1], at=0) == Choice(0, EMAIL)
    assert folded(grant, withdrawal, grant).of([1], at=0) == Choice(EMAIL, 0)


def test_a_grant_for_an_older_text_does_not_cover_the_present_one() -> None:
    old = entry("email", granted=True, text="an older text")

    assert folded(old).of([1], at=0) == NO_CHOICE
    assert folded(entry("email", granted=False), old).of([1], at=0) == NO_CHOICE
    assert folded(old, entry("email", granted=True)).of([1], at=0) == Choice(EMAIL, 0)


def test_a_denial_counts_whatever_the_text_said() -> None:
    assert folded(entry("email", granted=False, text="an older text")).of([1], at=0) == Choice(0, EMAIL)


def test_a_choice_for_a_retired_purpose_counts_for_nothing() -> None:
    definition = PURPOSES.as_definition()
    bit = definition["purposes"].pop("email")["bit"]
    definition["retired"] = [{"id": "email", "bit": bit}]

    choices = fold(
        [entry("email", granted=True)], purposes=Purposes.from_definition(definition), profile_of=PROFILES.get
    )

    assert choices.of([1], at=0) == NO_CHOICE


def test_a_choice_made_before_the_first_event_is_there_when_the_profile_comes() -> None:
    choices = folded(entry("email", granted=False, subjects=("ff",)))

    choices.adopt("ff", 9)

    assert choices.of([9], at=0) == Choice(0, EMAIL)


def test_an_end_takes_a_grant_away_and_neither_denies_nor_lifts() -> None:
    end, grant = entry("email", granted=False, act=ENDED), entry("email", granted=True)
    elsewhere = entry("recommend", granted=False, act=ENDED)

    assert folded(grant, end).of([1], at=0) == NO_CHOICE
    assert folded(grant, end, grant).of([1], at=0) == Choice(EMAIL, 0)
    assert folded(entry("email", granted=False), end).of([1], at=0) == Choice(0, EMAIL)
    assert folded(grant, elsewhere).of([1], at=0).grant == EMAIL
