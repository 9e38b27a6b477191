"""The newest events of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from genom.app.show import names
from genom.app.show.clean import clean, line
from genom.app.show.kinds import event_name
from genom.app.show.numbers import moment
from genom.app.show.page import SOFT, Json, Page, heading
from genom.app.show.summary import summary

__all__ = ["timeline"]

_NEWEST: Final = 10
_WHEN: Final = 18  # cells
_WHERE: Final = 14
_WHAT: Final = 28  # most cells of an event's name
_LINES: Final = 2  # most of one event


def timeline(events: Sequence[Json], page: Page) -> list[Text]:
    """Time, channel, event and what it was about."""
    lines = [heading(page.say("timeline"), Text(), page.width)]
    if not events:
        return [*lines, Text(page.say("no events"), SOFT)]
    shown = events[:_NEWEST]
    titled = [line(event_name(event, page.language), most=_WHAT) for event in shown]
    column = _WHEN + _WHERE + max(name.cell_len for name in titled) + 2
    title = _row(page.say("when"), page.say("where"), Text(page.say("event")))
    lines.append(Text(_padded(title, column).plain + page.say("what"), SOFT))
    return lines + [
        each for event, name in zip(shown, titled, strict=True) for each in _event(event, name, column, page)
    ]


def _event(event: Json, name: Text, column: int, page: Page) -> list[Text]:
    when = moment(clean(event.get("timestamp", "")), page.language)
    row = _row(when, names.channel(event.get("channel") or "unknown", page.language), name)
    about = page.wrapped(line(summary(event, page)), indent=column)[:_LINES]
    return [_padded(row, column) + about[0][column:], *about[1:]] if about else [row]


def _row(when: str, where: str, name: Text) -> Text:
    row = _padded(Text(clean(when, most=_WHEN - 1), SOFT, end=""), _WHEN)
    return _padded(row + line(where, most=_WHERE - 1), _WHEN + _WHERE) + name


def _padded(text: Text, width: int) -> Text:
    text = text.copy()
    text.pad_right(width - text.cell_len)
    return text
