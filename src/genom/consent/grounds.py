"""Which law counts for whom: the regions of profiles, and what some of them have to be asked about in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from genom.consent.law import ALL_ASK, Law

__all__ = ["Grounds"]

Holder = int | str  # a profile's number, or the hash of an identifier that has no profile yet


class Grounds:
    """The law of each profile, and of a person made of several: of those whose region is known the strictest.

    `law_of` tells the law of several regions, of none the strictest; `differing` are the purposes that need consent in
    one region and none in another.  A signal that denies these without objecting has no effect where consent is needed
    and missing; where it is not needed the denial must count, so the person has to be asked for them from then on.

    >>> laws = {"eu": Law(1, 2 | 4), "us": Law(1 | 2, 4)}
    >>> grounds = Grounds(lambda regions: laws["us" if regions == {"us"} else "eu"], differing=2)
    >>> grounds.place([1], "us", at=5)
    >>> grounds.law([1]), grounds.law([1, 2]) == grounds.law([1]), grounds.law([2])
    (Law(always=3, consent_needed=4), True, Law(always=1, consent_needed=6))
    >>> grounds.deny([2], 2 | 4)
    >>> grounds.law([1, 2]), grounds.denied([1, 2])
    (Law(always=1, consent_needed=6), 2)
    >>> grounds.agree([2], 2)
    >>> grounds.law([1, 2])
    Law(always=3, consent_needed=4)
    """

    __slots__ = ("_denied", "_differing", "_law", "_regions", "_strictest")

    def __init__(
        self, law_of: Callable[[frozenset[str]], Law] = lambda _regions: ALL_ASK, *, differing: int = 0
    ) -> None:
        self._regions: dict[Holder, tuple[int, str]] = {}  # since when (unix ms), which; UNKNOWN is one, too
        self._denied: dict[Holder, int] = {}  # of the differing purposes those that a signal has denied
        self._differing, self._strictest = differing, law_of(frozenset())
        self._law = lru_cache(4096)(lambda regions, denied: law_of(regions).asking(denied))  # few differ

    def place(self, profiles: Iterable[Holder], region: str, *, at: int) -> None:
        """These are in a region from a moment on (unix ms); what is said of an earlier one comes too late."""
        for profile in profiles:
            if (known := self._regions.get(profile)) is None or at >= known[0]:
                self._regions[profile] = at, region

    def places(self, profiles: Iterable[Holder], region: str, *, at: int) -> bool:
        """Whether `place` would give any of these another region."""
        known = [self._regions.get(profile, (at, None)) for profile in profiles]
        return any(since <= at and before != region for since, before in known)

    def since(self, profiles: Iterable[Holder]) -> int:
        """Since when the newest of the regions of these counts, unix ms; 0 if none is known."""
        return max((self._regions[profile][0] for profile in profiles if profile in self._regions), default=0)

    def regions(self, profiles: Iterable[Holder]) -> frozenset[str]:
        """The regions of those of these whose region anybody has told."""
        if not self._regions:
            return frozenset()
        return frozenset(self._regions[profile][1] for profile in profiles if profile in self._regions)

    def deny(self, profiles: Iterable[Holder], mask: int) -> None:
        """A signal denies purposes and objects to nothing."""
        if mask := mask & self._differing:
            for profile in profiles:
                self._denied[profile] = self._denied.get(profile, 0) | mask

    def agree(self, profiles: Iterable[Holder], mask: int) -> None:
        """The person grants purposes, and so takes back what a signal has denied."""
        if mask & self._differing:
            for profile in profiles:
                if left := self._denied.pop(profile, 0) & ~mask:
                    self._denied[profile] = left

    def denied(self, profiles: Iterable[Holder]) -> int:
        """The differing purposes that a signal has denied for any of these, as a mask."""
        mask = 0
        if self._denied:
            for profile in profiles:
                mask |= self._denied.get(profile, 0)
        return mask

    def undenied(self, profiles: Iterable[Holder]) -> int:
        """The differing purposes that a signal could still deny with an effect, as a mask."""
        return self._differing & ~self.denied(profiles) if self._differing else 0

    def law(self, profiles: Iterable[Holder]) -> Law:
        """The law that counts for a person of these profiles."""
        if not self._regions:  # the strictest asks for every differing purpose
            return self._strictest
        profiles = tuple(profiles)
        return self._law(self.regions(profiles), self.denied(profiles))

    def forget(self, profile: Holder) -> None:
        """The region goes with the person's erasure, so that the strictest counts; denials stay."""
        self._regions.pop(profile, None)

    def move(self, old: Holder, new: Holder) -> None:
        """What is known under one name is known under another from now on; the later region counts."""
        if (waiting := self._regions.pop(old, None)) is not None:
            self.place([new], waiting[1], at=waiting[0])
        if denied := self._denied.pop(old, 0):
            self.deny([new], denied)
