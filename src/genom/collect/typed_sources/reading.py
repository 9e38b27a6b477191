"""How the cells of a source are to be read, and what is said of one that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

__all__ = ["BadCell", "BadRecord", "LeftOut", "Problem", "Reading", "shown", "zone_named"]

UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file does not say by itself; the same for all its rows."""

    decimal_comma: bool = False
    zone: ZoneInfo = UTC  # of times that name none
    date_formats: tuple[str, ...] = ()  # of times that ISO 8601 does not write, as strptime has them
    key: bytes = b""  # makes message ids and pseudonyms; whoever has it can link them
    purposes: frozenset[str] | None = None  # that the node knows; None: nobody asked it


class BadCell(Exception):
    """A cell that cannot be read: what is wrong, and what to do.

    Neither text holds more of the cell than is needed to find it.
    """

    def __init__(self, what: str, fix: str, column: str = "") -> None:
        super().__init__(f"{what}; {fix}")
        self.what, self.fix, self.column = what, fix, column


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row."""

    column: str  # as the file calls it; "": the row as a whole
    what: str
    fix: str


class BadRecord(Exception):
    """A row that cannot be read, with all its problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.column}: {one.what}" for one in problems))
        self.problems = problems


class LeftOut(Exception):
    """Rows that are right and of which nothing is sent, with the reason."""


def shown(value: Any) -> str:
    """A value as a message shows it: its beginning.

    >>> shown("12,50"), shown("x" * 90)
    ("'12,50'", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'")
    """
    text = str(value)
    return repr(text if len(text) <= 40 else text[:40] + "…")


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name; raises ValueError for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (OSError, LookupError, ValueError) as error:
        raise ValueError(name) from error
