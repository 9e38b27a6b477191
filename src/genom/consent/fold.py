"""State = fold(ledger): the same step serves the live way and the replay at start."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from genom.consent.choices import Choices, Holder
from genom.consent.entry import (
    BANNER,
    CHOICE,
    ENDED,
    ERASURE,
    LIFTED,
    MINOR,
    OF_AGE,
    REGION,
    RESTRICTION,
    RESTRICTION_LIFTED,
    Entry,
)
from genom.consent.grounds import Grounds
from genom.consent.purposes import Purposes
from genom.consent.regions import UNKNOWN

__all__ = ["fold", "take"]


def fold(entries: Iterable[Entry], *, purposes: Purposes, profile_of: Callable[[str], int | None]) -> Choices:
    """The choices that a ledger holds; `profile_of` knows the profile of an identifier's hash, if it has one."""
    grounds = Grounds(purposes.law_of, differing=purposes.differing)
    choices = Choices(purposes.lifetimes, grounds=grounds)
    choices.refused_to_minors = purposes.mask(one.name for one in purposes.every if one.minors == "refused")
    for entry in entries:
        take(choices, entry, purposes=purposes, profile_of=profile_of)
    return choices


def take(choices: Choices, entry: Entry, *, purposes: Purposes, profile_of: Callable[[str], int | None]) -> None:
    """Let one entry count.

    A grant given for another text does not cover the present one, so it leaves the person without a choice;
    a denial counts whatever the text said, until it is lifted. The age of a grant counts from the entry's time.
    A choice for a retired purpose counts for nothing. A choice of an identifier without a profile waits for
    `Choices.adopt`.  An end takes a grant away and objects to nothing; an erasure ends every grant before it.
    Without a table of countries nobody has a region, and one that the table leads to no more is unknown.
    """
    if entry.act == ERASURE:
        for subject in entry.subjects:
            choices.erase(subject, _holder(subject, profile_of), at=entry.at)
        return
    if entry.act in {RESTRICTION, RESTRICTION_LIFTED}:
        holders = [_holder(subject, profile_of) for subject in entry.subjects]
        choices.restrict(holders, on=entry.act == RESTRICTION)
        return
    if entry.act in {MINOR, OF_AGE}:
        choices.note_minor([_holder(subject, profile_of) for subject in entry.subjects], on=entry.act == MINOR)
        return
    if entry.act == REGION:
        if purposes.regions is not None:
            region = entry.region if entry.region in purposes.laws else UNKNOWN
            choices.grounds.place([_holder(one, profile_of) for one in entry.subjects], region, at=entry.at)
        return
    choices.heard.add(entry.message)
    purpose = purposes.by_name.get(entry.purpose)
    if purpose is None:
        return
    holders = [_holder(subject, profile_of) for subject in entry.subjects]
    if entry.act == ENDED:
        choices.end(holders, purpose.mask)
    elif entry.source == LIFTED or (entry.granted and entry.text != purpose.text_hash):
        choices.forget(holders, purpose.mask)
    else:
        said = entry.mechanism == BANNER and entry.act == CHOICE
        choices.record(holders, purpose.mask, entry.granted, at=entry.at, banner=said)


def _holder(subject: str, profile_of: Callable[[str], int | None]) -> Holder:
    profile = profile_of(subject)
    return subject if profile is None else profile
