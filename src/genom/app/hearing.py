"""What an event's signals of consent come to: what the event itself may serve, and what is to be put on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from genom.consent import CHOICE, ENDED, Choice
from genom.consent.signals import Said

__all__ = ["Flickers", "News", "denied_by", "heard"]

_DAY: Final = 86_400_000  # ms
_ENDS: Final = 8  # of a person's grants in a day; who ends them more often has no settled mind, or a page without one


class News(NamedTuple):
    """Something to be put on record."""

    purpose: str
    granted: bool
    act: str
    mechanism: str
    evidence: str
    at: int = 0  # unix ms; when the person chose, if the signal says so and grants


def denied_by(said: Mapping[str, Said]) -> set[str]:
    """The purposes that an event stays out of, because a signal does not grant them or doubts."""
    denied = {purpose for one in said.values() for purpose, granted in one.choices.items() if not granted}
    return denied.union(*(one.doubted for one in said.values()))


def heard(
    said: Mapping[str, Said], own: Mapping[str, bool], choice: Choice, *, bits: Mapping[str, int], may_grant: bool,
    liftable: int = 0, undenied: int = 0, since: Callable[[int], int] = lambda _bit: 0,
) -> tuple[dict[str, bool], list[News]]:  # fmt: skip
    """What the event may serve and may not, as its signals and its own preferences say, and what is new.

    `own` are the event's preferences, `choice` is what is on record with them. A signal grants only what neither a
    record nor anything in the event denies; what it does not grant is refused, or where it only ends, ends a grant.
    `liftable` is what only a banner denies, as a mask: a refusal of it is new, so that no string lifts it.
    `undenied` is what a denial would have an effect on where no consent is needed, as a mask: there it is new.
    A grant that ran out is renewed by a signal that was made after it: `since` says when a bit was granted, unix ms.

    >>> said = {"google": Said({"ads_measure": True, "recommend": False}, ends=frozenset({"recommend"}))}
    >>> consent, news = heard(said, {}, Choice(2, 0), bits={"ads_measure": 1, "recommend": 2}, may_grant=True)
    >>> consent, [(one.purpose, one.granted, one.act) for one in news]
    ({'ads_measure': True, 'recommend': False}, [('ads_measure', True, 'choice'), ('recommend', False, 'ended')])
    """
    denied, (grant, deny, lapsed), news = denied_by(said), choice, list[News]()
    consent = dict[str, bool]()
    for mechanism, one in said.items():
        for purpose, granted in one.choices.items():
            bit, ends = bits[purpose], purpose in one.ends
            if granted:
                new = may_grant and purpose not in denied and own.get(purpose, True) and not (grant | deny) & bit
                new = new and (not lapsed & bit or since(bit) < one.at)
                grant |= bit if new else 0
                consent |= {purpose: True} if may_grant else {}
            elif ends:
                new = bool((grant | undenied) & bit)
                grant, undenied = grant & ~bit, undenied & ~bit
            else:
                new = bool((~deny | liftable) & bit)
                grant, deny, liftable = grant & ~bit, deny | bit, liftable & ~bit
            if new:
                at = one.at if granted else 0
                news.append(News(purpose, granted, ENDED if ends else CHOICE, mechanism, one.evidence, at))
    return {**consent, **own, **dict.fromkeys(denied, False)}, news


class Flickers:
    """Counts how often a person's grants are ended in a day: a page that says both by turns must not fill the ledger.

    >>> flickers = Flickers()
    >>> for _ in range(8):
    ...     flickers.ended(1, now=0)
    >>> flickers.too_many(1, now=1), flickers.too_many(2, now=1), flickers.too_many(1, now=86_400_000)
    (True, False, False)
    """

    def __init__(self) -> None:
        self._day, self._ends = 0, Counter[int]()

    def ended(self, person: int, *, now: int) -> None:
        """A signal has ended grants of the person."""
        self.too_many(person, now=now)
        self._ends[person] += 1

    def too_many(self, person: int, *, now: int) -> bool:
        """Whether signals grant nothing more for the person on this day (UTC)."""
        if now // _DAY != self._day:
            self._day = now // _DAY
            self._ends.clear()
        return self._ends[person] >= _ENDS
