"""How a segment grew: hourly points for two weeks, daily ones for two years."""

from __future__ import annotations

from typing import Final

import msgspec

from genom.segments.told import Crowd

__all__ = ["Growth", "Point"]

HOUR, DAY = 3_600_000, 86_400_000  # ms
_HOURS: Final = 14 * 24
_DAYS: Final = 730
_KEYS: Final = 1 << 64


class Point(msgspec.Struct, frozen=True, array_like=True):
    """How many people a segment had at a time."""

    at: int  # unix ms, the beginning of the hour or day
    count: int
    entered: int = 0  # since the point before
    left: int = 0
    told: int = -1  # people whose number is told for these, and their key; -1 = a point of an older version
    key: int = 0
    entered_key: int = 0
    left_key: int = 0


class Growth(msgspec.Struct):
    """The points of one segment, oldest first.

    >>> growth = Growth()
    >>> for hour in range(30):
    ...     growth.note(hour * 3_600_000 + 5, 100 + hour, entered=1, left=0)
    >>> len(growth.hourly), growth.daily  # doctest: +ELLIPSIS
    (30, [Point(at=0, count=123, entered=24, left=0, told=-1, key=0, entered_key=0, left_key=0), ...])
    """

    hourly: list[Point] = []
    daily: list[Point] = []

    def note(
        self, at: int, count: int, *, entered: int = 0, left: int = 0, told: Crowd | None = None, entered_key: int = 0,
        left_key: int = 0,
    ) -> None:  # fmt: skip
        """The count at a moment, and how many came and went since the last note; keys say who these people are."""
        held = told or Crowd(-1, 0)
        new = Point(at, count, entered, left, held.size, held.key, entered_key, left_key)
        _put(self.hourly, at // HOUR * HOUR, new, most=_HOURS)
        _put(self.daily, at // DAY * DAY, new, most=_DAYS)


def _put(points: list[Point], at: int, new: Point, *, most: int) -> None:
    """The newest count of an hour or day stands; those who came and went add up."""
    if points and points[-1].at >= at:
        last = points[-1]
        points[-1] = msgspec.structs.replace(
            new, at=last.at, entered=last.entered + new.entered, left=last.left + new.left,
            entered_key=(last.entered_key + new.entered_key) % _KEYS, left_key=(last.left_key + new.left_key) % _KEYS,
        )  # fmt: skip
    else:
        points.append(msgspec.structs.replace(new, at=at))
        del points[:-most]
