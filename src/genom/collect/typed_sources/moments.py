"""Times in a file: ISO 8601, declared formats, numbers; in the source's time zone where they name none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, Final

from genom.collect.typed_sources.reading import BadCell, Reading, shown

__all__ = ["date_format_of", "moment_reader"]

_USUAL: Final = tuple(
    f"{day}{clock}"
    for day in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d.%m.%y")
    for clock in ("", " %H:%M", " %H:%M:%S")
)
"""Formats that are looked for; the order counts only where a date fits several."""
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_LIMIT: Final = 100_000_000_000  # larger numbers are milliseconds


def moment_reader(reading: Reading) -> Callable[[Any], str | None]:
    """The function that gives a time as RFC 3339 with its offset; it raises BadCell.

    >>> from zoneinfo import ZoneInfo
    >>> moment_reader(Reading(zone=ZoneInfo("Europe/Berlin")))("2026-03-01 09:30")
    '2026-03-01T09:30:00+01:00'
    >>> moment_reader(Reading(date_formats=("%d.%m.%Y",)))("31.12.2025")
    '2025-12-31T00:00:00+00:00'
    """

    def read(value: Any) -> str | None:
        if isinstance(value, str):
            return _told(_written(value, reading), reading) if value and not value.isspace() else None
        return _told(_valued(value), reading)

    return read


def date_format_of(samples: Iterable[str]) -> str | None:
    """The one usual format that all samples fit and ISO does not; None where none or several do.

    >>> date_format_of(["31.12.2025 10:00", "01.02.2026 11:30"])
    '%d.%m.%Y %H:%M'
    >>> date_format_of(["01/02/2026"]) is None  # day or month first?
    True
    """
    given = [text.strip() for text in samples if text.strip()]
    if not given or all(_iso(text) is not None for text in given):
        return None
    fitting = [usual for usual in _USUAL if all(_fits(text, usual) for text in given)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(text: str, usual: str) -> bool:
    try:
        datetime.strptime(text, usual)  # noqa: DTZ007 -- only whether it can be read
    except ValueError:
        return False
    return True


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(text: str, reading: Reading) -> datetime:
    text = text.strip()
    for declared in reading.date_formats:
        try:
            return datetime.strptime(text, declared)  # noqa: DTZ007 -- `_told` gives it the source's zone
        except ValueError:
            continue
    if text.isdecimal() and text.isascii() and 8 < len(text) <= 14:  # eight digits are a date
        return _valued(int(text))
    if (moment := _iso(text)) is not None:
        return moment
    usual = date_format_of([text]) or next((one for one in _USUAL if _fits(text, one)), "")
    hint = f"say --date-format '{usual}'" if usual else "give it as 2026-03-01T09:30:00, or say --date-format"
    raise BadCell(f"{shown(text)} is not a time", hint)


def _valued(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value if value < _SECONDS_LIMIT else value / 1_000, UTC)
        except (ValueError, OverflowError, OSError):
            pass
    raise BadCell(f"{shown(value)} is not a time", "give it as 2026-03-01T09:30:00")


def _told(moment: datetime, reading: Reading) -> str:
    zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=reading.zone)
    try:
        early = zoned < _FIRST
    except OverflowError:
        early = True
    if early or zoned.year > 9998:
        raise BadCell(f"{shown(moment.isoformat())} lies before 1970 or after 9998", "give when it happened")
    return zoned.isoformat()
