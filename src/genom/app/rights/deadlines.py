"""Until when a request must be answered: a table of regions, and arithmetic of the calendar."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec

from genom.errors import BadConfiguration, BadRequest, nearest
from genom.typed import from_yaml

__all__ = ["DAY", "Deadlines", "Region", "Span", "later", "load_deadlines"]

DAY: Final = 86_400_000  # ms
_BUILT_IN: Final = Path(__file__).with_name("deadlines.yaml")
Count = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time by the calendar."""

    months: Count = 0
    days: Count = 0
    working_days: Count = 0


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the law of a region gives."""

    law: dict[str, str]  # language → what it is called
    answer: Span
    extension: Span
    kinds: dict[str, Span] = {}  # kinds with a time of their own, which is never extended


class Deadlines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table."""

    remind_days: Count
    regions: Annotated[dict[str, Region], msgspec.Meta(min_length=1)]

    def due(self, kind: str, region: str, asked_at: int) -> int:
        """Until when a request must be answered, unix ms, UTC.  Raises BadRequest for a region that is not listed."""
        of = self._region(region)
        return later(asked_at, of.kinds.get(kind, of.answer))

    def extended(self, kind: str, region: str, asked_at: int) -> int:
        """The same with the extension.  Raises BadRequest where the law gives none."""
        of = self._region(region)
        if kind in of.kinds or of.extension == Span():
            raise BadRequest(
                "This request cannot be extended.",
                why=f"the law gives no more time for it: {of.law.get('en', region)}",
                fix="answer it in time",
                code="request.no-extension",
            )
        both = (a + b for a, b in zip(_parts(of.answer), _parts(of.extension), strict=True))
        return later(asked_at, Span(*both))

    def urgent(self, due_at: int, now: int) -> bool:
        """Whether the date is near, or past."""
        return now >= due_at - self.remind_days * DAY

    def _region(self, name: str) -> Region:
        if name not in self.regions:
            raise BadRequest(
                f"There is no region {name[:40]!r}.",
                why=f"deadlines.yaml has {', '.join(self.regions)}",
                fix=nearest(name, list(self.regions)) or "name one of these",
                code="request.region",
            )
        return self.regions[name]


def later(at: int, span: Span) -> int:
    """A moment and a span after it, unix ms, UTC.

    >>> def after(day, **span):
    ...     at = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    ...     return datetime.fromtimestamp(later(at, Span(**span)) / 1000, UTC).date().isoformat()
    >>> after("2026-01-31", months=1), after("2028-01-31", months=1), after("2026-01-31", months=3)
    ('2026-02-28', '2028-02-29', '2026-04-30')
    >>> after("2026-11-26", days=45), after("2026-11-27", working_days=1), after("2026-11-28", working_days=15)
    ('2027-01-10', '2026-11-30', '2026-12-18')
    """
    begun = datetime.fromtimestamp(at // 1000, UTC)
    month = begun.month - 1 + span.months
    year, month = begun.year + month // 12, month % 12 + 1
    day = min(begun.day, calendar.monthrange(year, month)[1])
    end = begun.replace(year=year, month=month, day=day) + timedelta(days=span.days)
    for _ in range(span.working_days):
        end += timedelta(days=1)
        while end.weekday() >= calendar.SATURDAY:
            end += timedelta(days=1)
    return int(end.timestamp()) * 1000 + at % 1000


def load_deadlines(path: Path | None = None) -> Deadlines:
    """The table of a file, else the built-in one.  Raises BadConfiguration that says what does not fit, and where."""
    path = path or _BUILT_IN
    try:
        return from_yaml(path.read_bytes(), Deadlines)
    except (msgspec.DecodeError, OSError) as error:
        raise BadConfiguration(
            f"{path} cannot be used.", why=str(error), fix="correct it; the built-in file explains each field"
        ) from error


def _parts(span: Span) -> tuple[int, int, int]:
    return span.months, span.days, span.working_days
