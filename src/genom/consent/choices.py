"""What each profile has chosen: the live state that the ledger folds to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

__all__ = ["NO_CHOICE", "RESTRICTED", "Choice", "Choices", "Holder", "effective"]

Holder = int | str  # a profile's number, or the hash of an identifier that has no profile yet


class Choice(NamedTuple):
    """Purposes granted and purposes denied, as masks; a purpose in neither was never chosen."""

    grant: int
    deny: int


NO_CHOICE = Choice(0, 0)
RESTRICTED = (1 << 64) - 1
"""What a person denies whose data may only be stored: everything, also what no refusal reaches."""


class Choices:
    """The last choice of every profile for every purpose.

    >>> choices = Choices()
    >>> choices.record([1], 32, True)
    >>> choices.record([2], 32, False)
    >>> choices.of([1])
    Choice(grant=32, deny=0)
    >>> choices.of([1, 2])
    Choice(grant=0, deny=32)
    """

    __slots__ = ("_minors", "_of", "_restricted", "erased", "refused_to_minors")

    def __init__(self) -> None:
        self._of: dict[Holder, Choice] = {}
        self._restricted = set[Holder]()
        self._minors = set[Holder]()
        self.refused_to_minors = 0  # purposes, as a mask
        self.erased: dict[str, int] = {}  # hash of an identifier → when its person was last erased, unix ms

    def record(self, profiles: Iterable[Holder], bit: int, granted: bool) -> None:
        """The person behind these profiles chose; it replaces their earlier choice for the purpose."""
        for profile in profiles:
            grant, deny = self._of.get(profile, NO_CHOICE)
            self._of[profile] = _shared(grant | bit, deny & ~bit) if granted else _shared(grant & ~bit, deny | bit)

    def forget(self, profiles: Iterable[Holder], bit: int) -> None:
        """As if these profiles had never chosen for the purpose."""
        for profile in profiles:
            if profile in self._of:
                grant, deny = self._of[profile]
                self._of[profile] = _shared(grant & ~bit, deny & ~bit)

    def end(self, profiles: Iterable[Holder], bit: int) -> None:
        """A grant ends, and nothing is denied by it; what was denied stays denied.

        >>> choices = Choices()
        >>> choices.record([1], 32, True)
        >>> choices.record([1], 64, False)
        >>> choices.end([1], 32 | 64)
        >>> choices.of([1])
        Choice(grant=0, deny=64)
        """
        for profile in profiles:
            if profile in self._of:
                grant, deny = self._of[profile]
                self._of[profile] = _shared(grant & ~bit, deny)

    def restrict(self, profiles: Iterable[Holder], *, on: bool) -> None:
        """The person's data may only be stored, or may be used as they chose again.

        >>> choices = Choices()
        >>> choices.record([1], 32, True)
        >>> choices.restrict([1], on=True)
        >>> effective(choices.of([1, 2]), always=1, consent_needed=32, fixed=1)
        0
        >>> choices.restrict([1], on=False)
        >>> effective(choices.of([1, 2]), always=1, consent_needed=32, fixed=1)
        33
        """
        (self._restricted.update if on else self._restricted.difference_update)(profiles)

    def note_minor(self, profiles: Iterable[Holder], *, on: bool) -> None:
        """The person is known to be a minor, or is of age: what minors are kept out of is refused, whatever is granted.

        >>> choices = Choices()
        >>> choices.refused_to_minors = 32
        >>> choices.note_minor([1], on=True)
        >>> choices.record([1], 32, True)
        >>> choices.of([1]), choices.note_minor([1], on=False), choices.of([1])
        (Choice(grant=0, deny=32), None, Choice(grant=32, deny=0))
        """
        (self._minors.update if on else self._minors.difference_update)(profiles)

    def restricted_profiles(self) -> frozenset[int]:
        """The profiles of everybody whose data are restricted."""
        return frozenset(one for one in self._restricted if isinstance(one, int))

    def restricted(self, profiles: Iterable[Holder]) -> bool:
        """Whether the data of any of these may only be stored."""
        return bool(self._restricted) and not self._restricted.isdisjoint(profiles)

    def erase(self, subject: str, holder: Holder, *, at: int) -> None:
        """The person with this identifier was erased: grants end, and refusals go on for whoever comes with it again.

        `holder` is who has the identifier now; a profile that is erased with it hands its refusals to the hash.

        >>> choices = Choices()
        >>> choices.record([1], 32, True)
        >>> choices.record([1], 64, False)
        >>> choices.erase("ab", 1, at=7)
        >>> choices.retire(1, "ab")
        >>> choices.adopt("ab", 2)
        >>> choices.of([1]), choices.of([2]), choices.erased
        (Choice(grant=0, deny=0), Choice(grant=0, deny=64), {'ab': 7})
        """
        self.erased[subject] = max(at, self.erased.get(subject, at))
        self._restricted.discard(holder)
        self._minors.discard(holder)
        known = self._of.pop(holder, NO_CHOICE)
        if known.deny:
            self._of[holder] = _shared(0, known.deny)

    def retire(self, profile: int, subject: str) -> None:
        """The profile's number is never used again: what is left of its choices waits under the identifier's hash."""
        if known := self._of.pop(profile, None):
            self._of[subject] = known

    def of(self, profiles: Iterable[int]) -> Choice:
        """The choice of a person: denials unite, and a grant counts if no profile denies."""
        profiles = tuple(profiles)
        if self.restricted(profiles):
            return Choice(0, RESTRICTED)
        grant = deny = 0
        for profile in profiles:
            known = self._of.get(profile)
            if known is not None:
                grant |= known.grant
                deny |= known.deny
        if self._minors and not self._minors.isdisjoint(profiles):
            deny |= self.refused_to_minors
        return _shared(grant & ~deny, deny)

    def adopt(self, subject: str, profile: int) -> None:
        """The identifier with this hash got its profile: choices recorded before belong to it from now on."""
        for held in (self._restricted, self._minors):
            if subject in held:
                held.add(profile)
        waiting = self._of.pop(subject, None)
        if waiting is not None:
            known = self._of.get(profile, NO_CHOICE)
            deny = known.deny | waiting.deny
            self._of[profile] = _shared((known.grant | waiting.grant) & ~deny, deny)


@lru_cache(maxsize=4096)
def _shared(grant: int, deny: int) -> Choice:
    """One object for each of the few choices that millions of profiles make."""
    return Choice(grant, deny)


def effective(choice: Choice, *, always: int, consent_needed: int, fixed: int = 0, assumed: int = 0) -> int:
    """Mask of the purposes that a person's data may serve now.

    `fixed` are the purposes that no record switches off; `assumed` are those that development mode
    assumes: a recorded choice wins over it. Pass the masks of `Purposes` of the same names.

    >>> effective(Choice(grant=8, deny=4), always=1 | 4, consent_needed=8 | 16)
    9
    >>> effective(Choice(grant=0, deny=16), always=1, consent_needed=8 | 16, assumed=8 | 16)
    9
    """
    if choice.deny == RESTRICTED:
        return 0
    permitted = (choice.grant & consent_needed) | always | (assumed & (consent_needed | always))
    return (permitted & ~choice.deny) | (always & fixed)
