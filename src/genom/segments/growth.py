"""How a segment grew: hourly points for two weeks, daily ones for two years."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["Growth", "Point"]

HOUR, DAY = 3_600_000, 86_400_000  # ms
_HOURS: Final = 14 * 24
_DAYS: Final = 730


class Point(msgspec.Struct, frozen=True, array_like=True):
    """How many people a segment had at a time."""

    at: int  # unix ms, the beginning of the hour or day
    count: int
    entered: int = 0  # since the point before
    left: int = 0


class Growth(msgspec.Struct):
    """The points of one segment, oldest first.

    >>> growth = Growth()
    >>> for hour in range(30):
    ...     growth.note(hour * 3_600_000 + 5, 100 + hour, entered=1, left=0)
    >>> len(growth.hourly), growth.daily
    (30, [Point(at=0, count=123, entered=24, left=0), Point(at=86400000, count=129, entered=6, left=0)])
    """

    hourly: list[Point] = []
    daily: list[Point] = []

    def note(self, at: int, count: int, *, entered: int = 0, left: int = 0) -> None:
        """The count at a moment, and how many came and went since the last note."""
        _put(self.hourly, at // HOUR * HOUR, count, entered, left, most=_HOURS)
        _put(self.daily, at // DAY * DAY, count, entered, left, most=_DAYS)


def _put(points: list[Point], at: int, count: int, entered: int, left: int, *, most: int) -> None:
    """The newest count of an hour or day stands; those who came and went add up."""
    if points and points[-1].at >= at:
        last = points[-1]
        points[-1] = Point(last.at, count, last.entered + entered, last.left + left)
    else:
        points.append(Point(at, count, entered, left))
        del points[:-most]
