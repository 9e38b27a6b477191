"""A person is a set of linked profiles; links are facts, and people follow from them in any order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Merge", "People"]


class Merge(NamedTuple):
    """Two people who turned out to be one."""

    kept: int  # the older person, whose number goes on
    merged: int  # the person whose row is added to it


class People:
    """Who is who: a person bears the number of their oldest profile.

    >>> people = People(10)
    >>> people.link(3, 7), people.link(7, 2), people.link(2, 3)
    (Merge(kept=3, merged=7), Merge(kept=2, merged=3), None)
    >>> people.person(7), people.members(2)
    (2, (2, 3, 7))
    >>> people.unlink(7), people.person(3)
    ([2, 7], 2)
    """

    def __init__(self, capacity: int) -> None:
        self.person_of: NDArray[np.int64] = np.arange(capacity + 1)  # profile → person
        self._person = self.person_of.data  # the same memory; reads single numbers three times as fast
        self._links: dict[int, list[int]] = {}  # linked profiles only: profile → profiles that it is linked with

    def person(self, profile: int) -> int:
        """The person that a profile belongs to."""
        return self._person[profile]

    def members(self, person: int) -> tuple[int, ...]:
        """All profiles of a person, ascending; any of their profiles may be given."""
        return tuple(sorted(self._reach(person))) if person in self._links else (person,)

    def linked(self, a: int, b: int) -> bool:
        """Whether this very link is known, so that it need not be recorded again."""
        of_a, of_b = self._links.get(a, ()), self._links.get(b, ())
        return b in of_a if len(of_a) < len(of_b) else a in of_b

    def partners(self, profile: int) -> list[int]:
        """The profiles that one is linked with itself, ascending."""
        return sorted(self._links.get(profile, ()))

    def link(self, a: int, b: int) -> Merge | None:
        """Take note that two profiles are one person; None if they were one already."""
        if a == b or self.linked(a, b):
            return None
        one, other = self._person[a], self._person[b]
        if not one or not other:  # one of them is erased, and nobody any more
            return None
        if one == other:
            self._add_link(a, b)
            return None
        merge = Merge(one, other) if one < other else Merge(other, one)
        self._assign(self.members(merge.merged), merge.kept)
        self._add_link(a, b)
        return merge

    def unlink(self, profile: int) -> list[int]:
        """Drop every link of a profile; returns the people whose rows must be folded again."""
        if profile not in self._links:
            return []
        rest, people = self._reach(profile), []
        for partner in self._links.pop(profile):
            self._drop_link(partner, profile)
        while rest:
            people.append(min(rest))
            reached = self._reach(people[-1])
            self._assign(reached, people[-1])
            rest -= reached
        return people

    def erase(self, profiles: Iterable[int]) -> None:
        """These are nobody any more: no person has their number."""
        for profile in profiles:
            self.unlink(profile)
            self._person[profile] = 0

    def dump(self) -> dict[str, NDArray[Any]]:
        """All links as one array, for `load`."""
        links = sorted((a, b) for a, partners in self._links.items() for b in partners if a < b)
        return {"links": np.array(links, np.int64).reshape(-1, 2)}

    def load(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Replace all people with those that follow from the links of a `dump`."""
        self.person_of[:] = np.arange(len(self.person_of))
        self._links = {}
        for a, b in arrays["links"].tolist():
            self.link(a, b)

    def _assign(self, profiles: Iterable[int], person: int) -> None:
        for profile in profiles:
            self._person[profile] = person

    def _add_link(self, a: int, b: int) -> None:
        for profile, partner in ((a, b), (b, a)):
            if profile in self._links:
                self._links[profile].append(partner)
            else:
                self._links[profile] = [partner]  # the smallest list that holds it

    def _drop_link(self, profile: int, partner: int) -> None:
        links = self._links[profile]
        links.remove(partner)
        if not links:
            del self._links[profile]

    def _reach(self, start: int) -> set[int]:
        reached, ahead = {start}, [start]
        while ahead:
            further = [p for p in self._links.get(ahead.pop(), ()) if p not in reached]
            reached.update(further)
            ahead += further
        return reached
