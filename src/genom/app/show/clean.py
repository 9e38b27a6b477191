"""Strings that came with events are strangers' words: no control character and no markup of theirs takes effect."""

from __future__ import annotations

import unicodedata
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

__all__ = ["ELLIPSIS", "clean", "line"]

ELLIPSIS: Final = "…"
_LONGEST: Final = 1_000  # characters looked at; what is shown is shorter still
_FIRST_MARK: Final = "\u0300"  # below it no character combines with another, and each that is shown takes one cell
_MARKS: Final = 2  # combining marks in a row that writing systems need; more would climb over the lines above


def clean(value: object, *, most: int = 0) -> str:
    """A value as one line without control, format or stray combining characters, at most `most` cells wide.

    >>> clean("tea\\x1b[31m\\n [bold]now[/]", most=20)
    'tea[31m [bold]now[/]'
    """
    text = str(value)[:_LONGEST]
    if text.isprintable() and max(text, default="") < _FIRST_MARK:  # as most are: nothing to take out
        text = " ".join(text.split())
        return text if not most or len(text) <= most else _cut(text, most)
    shown: list[str] = []
    marks = 0
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind.startswith("M") else 0
        if kind.startswith("Z") or character in "\t\n\r":
            shown.append(" ")
        elif not kind.startswith("C") and marks <= _MARKS:
            shown.append(character)
    return _cut(" ".join("".join(shown).split()), most)


def line(value: object, style: str = "", *, most: int = 0) -> Text:
    """A stranger's words as text: markup stays what was written.

    >>> line("[red]sale[/red]").plain
    '[red]sale[/red]'
    """
    return Text(clean(value, most=most), style=style, end="")


def _cut(text: str, most: int) -> str:
    if not most or cell_len(text) <= most:
        return text
    return set_cell_size(text, most - 1).rstrip() + ELLIPSIS
