"""What a verification found."""

from __future__ import annotations

from typing import Final, Protocol

from rich.console import Console
from rich.text import Text

from genom.app.show.clean import line
from genom.app.show.numbers import number
from genom.app.show.page import ACCENT, NOTE, SOFT, STRONG, heading, page

__all__ = ["show_report"]

_FIRST: Final = 10  # differences shown


class Compared(Protocol):
    """What was compared, and the differences."""

    position: int
    people: int
    values: int
    genes: int
    differences: list[str]

    @property
    def equal(self) -> bool:
        """Whether everything agreed."""


def show_report(console: Console, report: Compared, *, language: str = "en", width: int | None = None) -> None:
    """Say whether live state and journal agree, what was compared, the first differences and how to mend them.

    Raises UnknownName for a language other than `en` and `de`.
    """
    sheet = page(console, language, width)
    figures = {name: number(getattr(report, name), language) for name in ("people", "values", "genes", "position")}
    if report.equal and not report.people:
        sheet.put(sheet.wrapped(Text(sheet.say("nobody"), STRONG)))
        return
    verdict = Text(sheet.say("equal" if report.equal else "different"), f"{STRONG} {ACCENT if report.equal else NOTE}")
    lines = [*sheet.wrapped(verdict), *sheet.wrapped(Text(sheet.say("compared", **figures)))]
    if report.differences:
        count = Text(number(len(report.differences), language), SOFT)
        lines += [Text(""), heading(sheet.say("differences"), count, sheet.width)]
        lines += [each for found in report.differences[:_FIRST] for each in sheet.wrapped(line(found), indent=2)]
        if (more := len(report.differences) - _FIRST) > 0:
            lines.append(Text("  " + sheet.say("and more", n=number(more, language)), SOFT))
        lines += [Text(""), *sheet.wrapped(Text(sheet.say("mend")))]
    sheet.put(lines)
