"""Points in time: what clients write, in unix ms, and the local hour of the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from genom.collect.memo import Memo
from genom.collect.rejected import Rejected

__all__ = ["QUARTER", "ZONE_HOURS", "hour_of_week", "instant"]

QUARTER: Final = 900_000  # ms; since 1972 every zone's offset changes at a quarter of an hour, to a multiple of one
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_HOUR: Final = 3_600_000  # ms
_SECONDS_LIMIT: Final = 100_000_000_000  # smaller numbers are seconds: as ms they would lie before March 1973
_LATEST: Final = 253_402_300_799_999  # ms, the end of the year 9999


def instant(value: Any, where: str) -> tuple[int, int]:
    """A client's time in unix ms and its offset from UTC in ms: RFC 3339, or a number of ms or seconds.

    A time without an offset is UTC.  Raises Rejected for anything else, and for times before 1970.

    >>> instant("2025-11-21T10:11:12.345Z", "")
    (1763719872345, 0)
    >>> instant("1970-01-01T02:00:00+02:00", "")
    (0, 7200000)
    >>> instant(1763719872, "")
    (1763719872000, 0)
    """
    try:
        at, offset = _written(value.strip()) if type(value) is str else (_number(value), 0)
    except (ValueError, OverflowError, TypeError):
        at, offset = -1, 0
    if not 0 <= at <= _LATEST:
        raise Rejected(
            "collect.time-range",
            where,
            f"is {str(value)[:60]!r}, which is no time between the years 1970 and 9999",
            "send a time such as 2025-11-21T10:11:12.345Z",
        )
    return at, offset


def _written(text: str) -> tuple[int, int]:
    if text.isdecimal() and len(text) > 8:  # eight digits are a date
        return _number(int(text[:20])), 0
    moment = datetime.fromisoformat(text)
    offset = moment.utcoffset()
    if offset is None:
        return (moment.replace(tzinfo=UTC) - _EPOCH) // _MS, 0
    return (moment - _EPOCH) // _MS, offset // _MS


def _number(value: float) -> int:
    return round(value * 1_000) if value < _SECONDS_LIMIT else round(value)


def hour_of_week(at: int, offset: int) -> int:
    """Hour of the local week: 0 = Monday 00:00 … 167; the epoch was a Thursday.

    >>> hour_of_week(0, 0)
    72
    """
    return ((at + offset) // _HOUR + 72) % 168


def _zone_hour(key: tuple[Any, int]) -> int:
    name, quarter = key
    zone = _zone(name) if type(name) is str and len(name) <= 64 else None
    at = quarter * QUARTER
    offset = datetime.fromtimestamp(at / 1_000, zone).utcoffset() if zone is not None else None
    return hour_of_week(at, offset // _MS if offset else 0)


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # not a name, a folder, not installed
        return None


ZONE_HOURS: Final[Memo[tuple[Any, int], int]] = Memo(_zone_hour, most=65_536)
"""Hour of the week by (name of the zone or None, quarter of an hour since the epoch); an unknown zone is UTC.

>>> ZONE_HOURS["Europe/Berlin", 1763719872345 // QUARTER], ZONE_HOURS[None, 1763719872345 // QUARTER]
(107, 106)
"""
