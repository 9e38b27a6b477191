"""Bars of block characters."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from genom.app.show.page import ACCENT, LOWERS, SOFT

__all__ = ["bar", "level", "signed_bar"]

_EIGHTHS: Final = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_LEVELS: Final = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """A bar for a share of its width, at least a sliver for anything above zero.

    >>> bar(0.5, 5), bar(0.001, 5), bar(0.0, 5)
    ('██▌', '▏', '')
    """
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    eighths = max(eighths, 1) if share > 0 else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def level(share: float) -> str:
    """One character whose height is a share of the line.

    >>> level(0.0), level(0.5), level(1.0)
    ('▁', '▅', '█')
    """
    return _LEVELS[min(int(min(max(share, 0.0), 1.0) * 8), 7)]


def signed_bar(share: float, half: int, *, negatives: bool) -> Text:
    """A bar to the right of an axis, or to its left below zero; without negatives there is only the right side.

    >>> signed_bar(-0.5, 4, negatives=True).plain, signed_bar(0.5, 4, negatives=True).plain
    ('  ██│    ', '    │██  ')
    """
    left = "█" * (round(-share * half) or 1) if share < 0 else ""
    right = bar(share, half)
    before = [(f"{left:>{half}}", LOWERS)] if negatives else []
    return Text.assemble(*before, ("│", SOFT), (f"{right:<{half}}", ACCENT), end="")
