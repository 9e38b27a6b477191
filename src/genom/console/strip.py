"""The strip as a drawing: where each bar and each family stands, in units of the picture's viewBox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genom.console.genome import Cell, Family, level

__all__ = ["BASE", "HEIGHT", "WIDTH", "Bar", "Block", "strip_drawing"]

WIDTH: Final = 1110.0
BASE: Final = 76.0  # height of the tallest bar
HEIGHT: Final = 104.0  # with the families' names
_GAP: Final = 14.0  # between families
_LETTER: Final = 6.9  # width of a letter of a family's name
_STUB: Final = 7.0  # height of what is not known
_LOWEST: Final = 2.5  # height of the smallest value


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One gene's bar."""

    cell: Cell
    x: float
    y: float
    width: float
    height: float
    look: str  # a class: q0 to q8, withheld or unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A family's bars and its name."""

    name: str
    x: float
    width: float
    bars: tuple[Bar, ...]


def strip_drawing(families: Sequence[Family]) -> tuple[Block, ...]:
    """The families side by side; every bar has the same width, and every name has room."""
    shown = [family for family in families if family.strip]
    if not shown:
        return ()
    pitch = _pitch(shown)
    blocks, x = [], 0.0
    for family in shown:
        width = _width(family, pitch)
        bars = tuple(_bar(cell, x + pitch * place, pitch) for place, cell in enumerate(family.strip))
        blocks.append(Block(name=family.name, x=round(x, 2), width=round(width, 2), bars=bars))
        x += width + _GAP
    return tuple(blocks)


def _pitch(families: Sequence[Family]) -> float:
    """The largest distance of bars at which all families fit."""
    room = WIDTH - _GAP * (len(families) - 1)
    low, high = 1.0, 40.0
    for _ in range(30):
        middle = (low + high) / 2
        fits = sum(_width(family, middle) for family in families) <= room
        low, high = (middle, high) if fits else (low, middle)
    return low


def _width(family: Family, pitch: float) -> float:
    return max(pitch * len(family.strip), _LETTER * len(family.name))


def _bar(cell: Cell, x: float, pitch: float) -> Bar:
    if cell.state == "withheld":
        height, look = BASE, "withheld"
    elif cell.place is None:
        height, look = _STUB, "unknown"
    else:
        height, look = max(_LOWEST, cell.place * BASE), f"q{level(cell.place)}"
    width = max(1.0, pitch - 1.2)
    return Bar(
        cell=cell, x=round(x, 2), y=round(BASE - height, 2), width=round(width, 2), height=round(height, 2), look=look
    )
