"""The sheet that a picture is drawn on: lines of text, so that nothing depends on what a terminal can draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

from genom.app.show.phrases import Phrases, phrases
from genom.app.show.plain import encodable

__all__ = ["ACCENT", "GAP", "LOWERS", "NOTE", "SOFT", "STRONG", "Json", "Page", "beside", "heading", "page", "spread"]

Json = Mapping[str, Any]

ACCENT: Final = "cyan"  # bars, and what raises a score
LOWERS: Final = "yellow"
NOTE: Final = "yellow"
SOFT: Final = "dim"
STRONG: Final = "bold"
GAP: Final = 4  # cells between two columns
_WIDEST: Final = 132  # beyond it the eye loses the line
_NARROWEST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where and in which language a picture is drawn."""

    console: Console
    language: str
    width: int  # cells
    words: Phrases

    def say(self, phrase: str, **values: object) -> str:
        """A phrase of the page's language."""
        return self.words[phrase].format(**values)

    def wrapped(self, text: Text, *, indent: int = 0) -> list[Text]:
        """A text in lines of the page's width."""
        lines = text.wrap(self.console, self.width - indent)
        return [Text(" " * indent, end="") + each for each in lines]

    def put(self, lines: Iterable[Text]) -> None:
        """Write lines; characters that the output cannot encode are replaced."""
        for each in lines:
            each.rstrip()
            segments = self.console.render(each, self.console.options.update(no_wrap=True, overflow="ignore"))
            shown = [Segment(encodable(s.text, self.console.encoding), s.style) for s in segments if s.text != "\n"]
            self.console.print(Segments([*shown, Segment.line()]), end="", soft_wrap=True)


def page(console: Console, language: str, width: int | None = None) -> Page:
    """A page as wide as the console, or narrower.  Raises UnknownName for an unknown language."""
    words = phrases(language)
    room = min(console.width, width or _WIDEST, _WIDEST)
    return Page(console=console, language=language, width=max(room, _NARROWEST), words=words)


def spread(left: Text, right: Text, width: int, *, fill: str = " ") -> Text:
    """Two texts at both ends of a line; the left one gives way.

    >>> spread(Text("Order value, ever"), Text("12"), 12).plain
    'Order va… 12'
    """
    left = left.copy()
    left.truncate(max(width - right.cell_len - 1, 1), overflow="ellipsis")
    missing = max(width - left.cell_len - right.cell_len, 1)
    middle = fill * missing if fill == " " or missing < 3 else f" {fill * (missing - 2)} "
    return Text.assemble(left, (middle, SOFT), right, end="")


def heading(title: str, note: Text, width: int) -> Text:
    """The title of a part, a rule, and a note at its end."""
    rule = "─" * max(width - len(title) - note.cell_len - (2 if note else 1), 1)
    return Text.assemble((title, STRONG), " ", (rule, SOFT), " " if note else "", note, end="")


def beside(left: list[Text], right: list[Text], width: int) -> list[Text]:
    """Two columns of lines; `width` is that of the left one."""
    rows = max(len(left), len(right))
    columns = [[*lines, *[Text("")] * (rows - len(lines))] for lines in (left, right)]
    return [Text.assemble(a, " " * max(width + GAP - a.cell_len, 1), b, end="") for a, b in zip(*columns, strict=True)]
