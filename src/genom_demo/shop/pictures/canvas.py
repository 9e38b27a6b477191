"""What the drawings are made of: flat shapes as SVG text on a canvas of 400 by 400, and mixed colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = [
    "INK", "METAL", "PAPER", "STEEL", "WOOD", "circle", "dark", "ellipse", "group", "light", "line", "mix", "path",
    "picture", "rect", "shadow",
]  # fmt: skip

PAPER: Final = "#f6f1e7"
INK: Final = "#2b2a29"
WOOD: Final = "#b98d5c"
METAL: Final = "#aab2b8"
STEEL: Final = "#d5dadd"


def mix(one: str, other: str, share: float) -> str:
    """`one` with a share of `other`.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    parts = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def light(colour: str, share: float = 0.3) -> str:
    """A lighter shade."""
    return mix(colour, "#fffaf0", share)


def dark(colour: str, share: float = 0.25) -> str:
    """A darker shade."""
    return mix(colour, "#1d1a22", share)


def rect(x: float, y: float, w: float, h: float, fill: str, *, r: float = 0, turn: float = 0) -> str:
    """A rectangle with rounded corners, turned about its centre by degrees."""
    turned = f' transform="rotate({turn:g} {x + w / 2:g} {y + h / 2:g})"' if turn else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r:g}" fill="{fill}"{turned}/>'


def circle(x: float, y: float, r: float, fill: str) -> str:
    """A disc."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, *, turn: float = 0) -> str:
    """An ellipse, turned about its centre by degrees."""
    turned = f' transform="rotate({turn:g} {x:g} {y:g})"' if turn else ""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{turned}/>'


def path(d: str, fill: str) -> str:
    """A filled outline."""
    return f'<path d="{d}" fill="{fill}"/>'


def line(d: str, stroke: str, width: float = 4) -> str:
    """A line with round ends."""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"/>'


def group(shapes: Iterable[str], transform: str) -> str:
    """Shapes moved, turned or scaled together."""
    return f'<g transform="{transform}">{"".join(shapes)}</g>'


def shadow(width: float = 110, *, x: float = 200, y: float = 322) -> str:
    """What a thing throws on the ground."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{width:g}" ry="{width / 9:g}" fill="#2b2118" opacity=".16"/>'


def picture(shapes: Iterable[str], *, ground: str, size: tuple[int, int] = (400, 400)) -> str:
    """The whole drawing as an SVG document."""
    w, h = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
        f'<rect width="{w}" height="{h}" fill="{ground}"/>{"".join(shapes)}</svg>'
    )
