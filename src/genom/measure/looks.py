"""How an effect came about: its interval as it stood hour by hour, in bounded memory.

The interval holds at every look at once, so all of them may be shown together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any, Final

__all__ = ["HOUR", "MOST", "Look", "Looks"]

MOST: Final = 120  # looks that are kept; more make the steps twice as long
HOUR: Final = 3_600_000  # ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An effect as it stood."""

    at: int  # unix ms, UTC: it counts all decisions made before
    decisions: int  # counted, over all arms
    arm: str
    value: float  # more than the base, a decision
    low: float
    high: float
    early: bool  # too few decisions or rewards to say anything


class Looks:
    """One look at the end of each step of time in which decisions were made; steps begin as hours.

    >>> looks = Looks()
    >>> def stood(at):
    ...     return Look(at=at, decisions=1, arm="a", value=0.0, low=-1.0, high=1.0, early=True)
    >>> for hour in (1, 1, 2, 5):
    ...     looks.before(hour * HOUR, stood)
    >>> [look.at // HOUR for look in looks.kept]
    [2, 3]
    """

    def __init__(self) -> None:
        self.step = HOUR
        self.kept: list[Look] = []
        self._place = -1  # of the step whose decisions are being counted

    def before(self, made: int, stood: Callable[[int], Look | None]) -> None:
        """Called before a decision of this time is counted; a new step first looks at how the effect stands."""
        place = made // self.step
        if place <= self._place:
            return
        if self._place >= 0 and (look := stood((self._place + 1) * self.step)) is not None:
            self.kept.append(look)
            if len(self.kept) > MOST:
                self._thin()
                place = made // self.step
        self._place = place

    def _thin(self) -> None:
        """Steps become twice as long; of each the last look stays."""
        self.step *= 2
        last = {(look.at - 1) // self.step: look for look in self.kept}
        self.kept = list(last.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Looks) and self.dump() == other.dump()

    __hash__ = None  # type: ignore[assignment]

    def dump(self) -> list[Any]:
        """As plain values for a file."""
        return [self.step, self._place, [list(astuple(look)) for look in self.kept]]

    @classmethod
    def load(cls, kept: list[Any]) -> Looks:
        """What `dump` gave."""
        looks = cls()
        looks.step, looks._place = kept[:2]
        names = list(Look.__dataclass_fields__)
        looks.kept = [Look(**dict(zip(names, values, strict=True))) for values in kept[2]]
        return looks
