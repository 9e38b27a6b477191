"""The share test of an experiment, period by period: an arm that is switched off changes what shares are right.

Within a period the same arms ran, and their persons must have the shares that the arms have among each other.
When another set of arms runs, the test begins anew; what an ended period has shown stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from genom.measure.roster import Roster
from genom.measure.shares import evidence_against

__all__ = ["Periods"]


class Periods:
    """Persons of the arms that run now, and the strongest evidence of the periods before.

    >>> periods, shares = Periods(), {"a": 0.5, "b": 0.5}
    >>> for person in range(400):
    ...     periods.add(person, "a", off=(), shares=shares)
    >>> periods.evidence(shares) > 1_000
    True
    """

    def __init__(self) -> None:
        self._arms: tuple[str, ...] = ()
        self._roster = Roster()
        self._shown = 0.0

    def add(self, person: int, arm: str, *, off: Collection[str], shares: Mapping[str, float]) -> None:
        """A decision of a person (any hash) for an arm while the arms in `off` were switched off."""
        arms = tuple(name for name in shares if name not in off)
        if arms != self._arms:
            self._shown = self.evidence(shares)
            self._arms, self._roster = arms, Roster()
        if arm in arms:
            self._roster.add(person, arms.index(arm))

    def evidence(self, shares: Mapping[str, float]) -> float:
        """The strongest evidence of any period against the shares; 0 of one with too many persons to tell."""
        if len(self._arms) < 2 or self._roster.full:
            return self._shown
        total = sum(shares[arm] for arm in self._arms)
        right = self._roster.expected([shares[arm] / total for arm in self._arms])
        return max(self._shown, evidence_against(self._roster.counts(len(self._arms)), right))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Periods) and self.dump() == other.dump()

    __hash__ = None  # type: ignore[assignment]

    def dump(self) -> list[Any]:
        """As plain values for a file."""
        return [list(self._arms), self._roster.dump(), self._shown]

    @classmethod
    def load(cls, kept: list[Any]) -> Periods:
        """What `dump` gave."""
        periods = cls()
        periods._arms, periods._roster, periods._shown = tuple(kept[0]), Roster.load(kept[1]), kept[2]
        return periods
