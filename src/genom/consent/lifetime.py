"""How long a grant counts: so many calendar months or days, or until it is taken back."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["FOR_EVER", "NEVER", "Lifetime", "parse_lifetime"]

NEVER: Final = (1 << 63) - 1
"""Unix ms of what does not come."""
FOR_EVER: Final = "never"
_DAY: Final = 86_400_000  # ms
_WRITTEN: Final = re.compile(r"([1-9]\d{0,3})(mo|d)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Lifetime(NamedTuple):
    """Calendar months (UTC) or days from the moment of a grant; neither = it does not end by itself."""

    months: int = 0
    days: int = 0

    def end(self, at: int) -> int:
        """When a grant of this moment counts no more, both in unix ms; the day of a month that lacks it is its last.

        >>> a_year, leap_day = Lifetime(months=12), 1_709_208_000_123  # 2024-02-29 12:00:00.123 UTC
        >>> datetime.fromtimestamp(a_year.end(leap_day) // 1000, UTC).isoformat(), a_year.end(leap_day) % 1000
        ('2025-02-28T12:00:00+00:00', 123)
        >>> Lifetime(days=1).end(5), Lifetime().end(5) == NEVER
        (86400005, True)
        """
        if self.days:
            return at + self.days * _DAY
        return _months_on(at, self.months) if self.months else NEVER


def parse_lifetime(text: str) -> Lifetime:
    """A lifetime as it is written; raises ValueError.

    >>> parse_lifetime("12mo"), parse_lifetime("400d"), parse_lifetime("never")
    (Lifetime(months=12, days=0), Lifetime(months=0, days=400), Lifetime(months=0, days=0))
    """
    if text == FOR_EVER:
        return Lifetime()
    if not (found := _WRITTEN.fullmatch(text)):
        raise ValueError(f"{text!r} is neither months such as '12mo', nor days such as '400d', nor '{FOR_EVER}'")
    number = int(found[1])
    return Lifetime(months=number) if found[2] == "mo" else Lifetime(days=number)


def _months_on(at: int, months: int) -> int:
    day, rest = divmod(at, _DAY)
    return _day_on(day, months) * _DAY + rest


@lru_cache(maxsize=8192)  # people choose on few different days
def _day_on(day: int, months: int) -> int:
    """The day so many months later, both counted from 1970."""
    try:
        date = datetime.fromtimestamp(day * 86_400, UTC)
        years, month = divmod(date.month - 1 + months, 12)
        year, month = date.year + years, month + 1
        last = calendar.monthrange(year, month)[1]
        return (date.replace(year=year, month=month, day=min(date.day, last)) - _EPOCH).days
    except (ValueError, OverflowError, OSError):  # a moment beyond the calendar, as damaged clocks write it
        return day + months * 30
