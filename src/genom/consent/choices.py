"""What each profile has chosen: the live state that the ledger folds to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from genom.consent.grounds import Grounds, Holder
from genom.consent.heard import Heard
from genom.consent.held import NOTHING, Held, chosen, joined, moments, without
from genom.consent.law import Law
from genom.consent.lifetime import NEVER, Lifetime

__all__ = ["NO_CHOICE", "RESTRICTED", "Choice", "Choices", "Holder", "Standing", "effective"]


class Choice(NamedTuple):
    """Purposes granted and purposes denied, as masks; a purpose in neither was never chosen, or its grant ran out."""

    grant: int
    deny: int
    lapsed: int = 0  # purposes whose grants ran out: nothing is assumed for them, and nobody's old word renews them


class Standing(NamedTuple):
    """What a person's choice is at a moment, until when it stays so if nobody chooses anew, and which law counts."""

    choice: Choice
    until: int  # unix ms: from then on a grant less; NEVER
    law: Law


NO_CHOICE = Choice(0, 0)
RESTRICTED = (1 << 64) - 1
"""What a person denies whose data may only be stored: everything, also what no refusal reaches."""


class Choices:
    """The last choice of every profile for every purpose; moments are unix ms, UTC.

    `lifetimes` says how long the grants for which purposes count (masks that share no bit); for others they do not end,
    nor do they where the person's law, which `grounds` knows, needs no consent.

    >>> choices = Choices([(32, Lifetime(days=1))])
    >>> choices.record([1], 32, True, at=0)
    >>> choices.record([2], 32, False, at=0)
    >>> choices.of([1], at=86_399_999), choices.of([1], at=86_400_000)
    (Choice(grant=32, deny=0, lapsed=0), Choice(grant=0, deny=0, lapsed=32))
    >>> choices.of([1, 2], at=86_400_000)
    Choice(grant=0, deny=32, lapsed=0)
    """

    __slots__ = (
        "_banner",
        "_lifetimes",
        "_minors",
        "_of",
        "_restricted",
        "erased",
        "grounds",
        "heard",
        "refused_to_minors",
    )

    def __init__(self, lifetimes: Iterable[tuple[int, Lifetime]] = (), *, grounds: Grounds | None = None) -> None:
        self.grounds = Grounds() if grounds is None else grounds
        self._of: dict[Holder, Held] = {}
        self._lifetimes = tuple((mask, lifetime) for mask, lifetime in lifetimes if lifetime != Lifetime())
        self._banner: dict[Holder, int] = {}  # purposes that a banner's signal alone has denied
        self._restricted = set[Holder]()
        self._minors = set[Holder]()
        self.refused_to_minors = 0  # purposes, as a mask
        self.heard = Heard()
        self.erased: dict[str, int] = {}  # hash of an identifier → when its person was last erased, unix ms

    def record(self, profiles: Iterable[Holder], bit: int, granted: bool, *, at: int, banner: bool = False) -> None:
        """The person behind these profiles chose; it replaces their earlier choice for the purpose.

        `banner`: a signal says so whose next word may take a refusal back; see `refused`.
        """
        profiles = tuple(profiles)
        if granted:
            self.grounds.agree(profiles, bit)
        for profile in profiles:
            held = self._of.get(profile, NOTHING)
            if banner and not granted and (not held[1] & bit or self._banner.get(profile, 0) & bit):
                self._banner[profile] = self._banner.get(profile, 0) | bit
            else:
                self._unflag(profile, bit)
            self._of[profile] = chosen(held, bit, granted, at)

    def refused(self, profiles: Iterable[Holder]) -> int:
        """The purposes that the person has refused in a way that no later string of a banner takes back, as a mask.

        What restriction and age deny beside it is not in it: a refusal is a refusal after they end, too.

        >>> choices = Choices()
        >>> choices.record([1], 32, False, at=0, banner=True)
        >>> choices.refused([1]), choices.record([1], 32, False, at=1), choices.refused([1])
        (0, None, 32)
        """
        mask = 0
        for one in profiles:
            mask |= self._of.get(one, NOTHING)[1] & ~self._banner.get(one, 0)
        return mask

    def _unflag(self, profile: Holder, bits: int) -> None:
        if flagged := self._banner.get(profile, 0) & bits:
            self._banner[profile] -= flagged
            if not self._banner[profile]:
                del self._banner[profile]

    def forget(self, profiles: Iterable[Holder], bit: int) -> None:
        """As if these profiles had never chosen for the purpose."""
        for profile in profiles:
            if profile in self._of:
                self._of[profile] = without(self._of[profile], bit)
                self._unflag(profile, bit)

    def end(self, profiles: Iterable[Holder], bit: int) -> None:
        """A grant ends, and nothing is objected to by it; what was denied stays denied.

        >>> choices = Choices()
        >>> choices.record([1], 32, True, at=0)
        >>> choices.record([1], 64, False, at=0)
        >>> choices.end([1], 32 | 64)
        >>> choices.of([1], at=0)
        Choice(grant=0, deny=64, lapsed=0)
        """
        profiles = tuple(profiles)
        self.grounds.deny(profiles, bit)
        for profile in profiles:
            if profile in self._of:
                held = self._of[profile]
                self._of[profile] = without(held, bit & held[0])

    def restrict(self, profiles: Iterable[Holder], *, on: bool) -> None:
        """The person's data may only be stored, or may be used as they chose again.

        >>> choices = Choices()
        >>> choices.record([1], 32, True, at=0)
        >>> choices.restrict([1], on=True)
        >>> effective(choices.of([1, 2], at=0), always=1, consent_needed=32, fixed=1)
        0
        >>> choices.restrict([1], on=False)
        >>> effective(choices.of([1, 2], at=0), always=1, consent_needed=32, fixed=1)
        33
        """
        (self._restricted.update if on else self._restricted.difference_update)(profiles)

    def note_minor(self, profiles: Iterable[Holder], *, on: bool) -> None:
        """The person is known to be a minor, or is of age: what minors are kept out of is refused, whatever is granted.

        >>> choices = Choices()
        >>> choices.refused_to_minors = 32
        >>> choices.note_minor([1], on=True)
        >>> choices.record([1], 32, True, at=0)
        >>> choices.of([1], at=0), choices.note_minor([1], on=False), choices.of([1], at=0)
        (Choice(grant=0, deny=32, lapsed=0), None, Choice(grant=32, deny=0, lapsed=0))
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
        >>> choices.record([1], 32, True, at=0)
        >>> choices.record([1], 64, False, at=0)
        >>> choices.erase("ab", 1, at=7)
        >>> choices.retire(1, "ab")
        >>> choices.adopt("ab", 2)
        >>> choices.of([1], at=9), choices.of([2], at=9), choices.erased
        (Choice(grant=0, deny=0, lapsed=0), Choice(grant=0, deny=64, lapsed=0), {'ab': 7})
        """
        self.erased[subject] = max(at, self.erased.get(subject, at))
        self._restricted.discard(holder)
        self._minors.discard(holder)
        self.grounds.forget(holder)
        known = self._of.pop(holder, NOTHING)
        if known[1]:
            self._of[holder] = without(known, known[0])

    def retire(self, profile: int, subject: str) -> None:
        """The profile's number is never used again: what is left of its choices waits under the identifier's hash."""
        if known := self._of.pop(profile, None):
            self._of[subject] = known
        if flagged := self._banner.pop(profile, 0):
            self._banner[subject] = flagged
        self.grounds.move(profile, subject)

    def of(self, profiles: Iterable[int], *, at: int) -> Choice:
        """The choice of a person at a moment: see `standing`."""
        return self.standing(profiles, at=at).choice

    def standing(self, profiles: Iterable[int], *, at: int) -> Standing:
        """The choice of a person at a moment: denials unite, and a grant counts if no profile denies.

        A grant counts until its time is over, and of two grants for one purpose the one that ends later.
        """
        profiles = tuple(profiles)
        law = self.grounds.law(profiles)
        if self.restricted(profiles):
            return Standing(Choice(0, RESTRICTED), NEVER, law)
        grant = deny = lapsed = 0
        until = NEVER
        for profile in profiles:
            if (held := self._of.get(profile)) is None:
                continue
            deny |= held[1]
            if not held[0]:
                continue
            over, ends = self._over(held, at, law.consent_needed)
            grant |= held[0] & ~over
            lapsed |= over
            until = min(until, ends)
        if self._minors and not self._minors.isdisjoint(profiles):
            deny |= self.refused_to_minors
        return Standing(_shared(grant & ~deny, deny, lapsed & ~grant & ~deny), until, law)

    def _over(self, held: Held, at: int, needed: int) -> tuple[int, int]:
        """Which grants of those that are needed have run out at a moment, and when the next one does."""
        over, next_end = 0, NEVER
        for moment, mask in moments(held):
            for group, lifetime in self._lifetimes:
                if ending := mask & group & held[0] & needed:
                    end = lifetime.end(moment)
                    if end <= at:
                        over |= ending
                    else:
                        next_end = min(next_end, end)
        return over, next_end

    def ended(self, profiles: Iterable[int], bit: int, *, after: int, until: int) -> list[int]:
        """The profiles of these whose grant for a purpose ran out after one moment and not after another, unix ms."""
        lifetime = next((lifetime for group, lifetime in self._lifetimes if group & bit), None)
        if lifetime is None:
            return []
        return [
            profile
            for profile in profiles
            if (held := self._of.get(profile)) is not None
            and held[0] & bit
            and any(mask & bit and after < lifetime.end(at) <= until for at, mask in moments(held))
        ]

    def when(self, profiles: Iterable[int], bit: int) -> int:
        """When these last chose for a purpose what they have chosen for it now, unix ms; 0 = they never did."""
        held = [one for one in map(self._of.get, profiles) if one is not None]
        denied = any(one[1] & bit for one in held)
        chose = (one for one in held if (one[1] if denied else one[0]) & bit)
        return max((at for one in chose for at, mask in moments(one) if mask & bit), default=0)

    def ends(self, profiles: Iterable[int], bit: int) -> int:
        """When the grant for a purpose runs out or did, unix ms; NEVER if it does not, or none was given."""
        profiles = tuple(profiles)
        held = [one for one in map(self._of.get, profiles) if one is not None]
        if any(one[1] & bit for one in held) or not any(one[0] & bit for one in held):
            return NEVER
        lifetime = next((lifetime for group, lifetime in self._lifetimes if group & bit), Lifetime())
        return lifetime.end(self.when(profiles, bit))

    def adopt(self, subject: str, profile: int) -> None:
        """The identifier with this hash got its profile: choices recorded before belong to it from now on."""
        for held in (self._restricted, self._minors):
            if subject in held:
                held.add(profile)
        self.grounds.move(subject, profile)
        waiting, flagged = self._of.pop(subject, None), self._banner.pop(subject, 0)
        if waiting is not None:
            own = self._of.get(profile, NOTHING)
            elsewhere = waiting[1] & ~flagged | own[1] & ~self._banner.get(profile, 0)
            if both := (flagged | self._banner.pop(profile, 0)) & ~elsewhere:
                self._banner[profile] = both
            self._of[profile] = joined(own, waiting)


@lru_cache(maxsize=4096)
def _shared(grant: int, deny: int, lapsed: int) -> Choice:
    """One object for each of the few choices that millions of profiles make."""
    return Choice(grant, deny, lapsed)


def effective(choice: Choice, *, always: int, consent_needed: int, fixed: int = 0, assumed: int = 0) -> int:
    """Mask of the purposes that a person's data may serve now.

    `fixed` are the purposes that no record switches off; `assumed` are those that development mode
    assumes: a recorded choice wins over it, also one that ran out. Pass the masks of `Purposes` of the same names.

    >>> effective(Choice(grant=8, deny=4), always=1 | 4, consent_needed=8 | 16)
    9
    >>> effective(Choice(grant=0, deny=16), always=1, consent_needed=8 | 16, assumed=8 | 16)
    9
    """
    if choice.deny == RESTRICTED:
        return 0
    permitted = (choice.grant & consent_needed) | always | (assumed & ~choice.lapsed & (consent_needed | always))
    return (permitted & ~choice.deny) | (always & fixed)
