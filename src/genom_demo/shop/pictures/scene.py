"""A still life: several drawings side by side on a table, in the light of a window."""

from __future__ import annotations

from collections.abc import Sequence

from genom_demo.shop.pictures.canvas import dark, group, light, path, picture, rect

__all__ = ["scene"]

_SIZE = (1200, 560)
_PLACES = ((560, 92, 1.06), (838, 152, 0.96), (480, 262, 0.74))  # x, y, scale; from the back to the front


def scene(things: Sequence[Sequence[str]], *, tint: str) -> str:
    """The drawings as one picture; its left third stays empty for a headline."""
    width, height = _SIZE
    window = [path(f"M{x} 0 H{x + 150} L{x - 60} 430 H{x - 250}Z", light(tint, 0.35)) for x in (760, 980, 1200)]
    table = [rect(0, 430, width, height - 430, dark(tint, 0.14)), rect(0, 430, width, 8, dark(tint, 0.24))]
    placed = [
        group(shapes, f"translate({x} {y}) scale({size})")
        for shapes, (x, y, size) in zip(things, _PLACES, strict=False)
    ]
    return picture([*window, *table, *placed], ground=tint, size=_SIZE)
