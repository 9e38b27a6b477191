"""Notebooks, pens and ink, boxes and trays."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    INK,
    PAPER,
    STEEL,
    circle,
    dark,
    ellipse,
    group,
    light,
    line,
    path,
    rect,
    shadow,
)

__all__ = ["notebooks", "order", "pens"]

_BRASS = "#c9a24a"


def _book(colour: str, w: float = 176, h: float = 234) -> list[str]:
    return [rect(6, 8, w, h, dark(colour, 0.35), r=8), rect(4, 5, w - 2, h - 3, PAPER, r=6), rect(0, 0, w, h, colour, r=8), rect(0, 0, 22, h, dark(colour, 0.18), r=8)]


def notebooks(name: str, colour: str) -> list[str]:
    """Closed books, a set, an open planner."""
    if name == "book-pocket":
        tints = ("#7f9a8a", "#c9744f", colour)
        return [shadow(126), *[group([*_book(tint, 132, 186), rect(46, 40, 62, 30, PAPER, r=3)], f"translate({72 + 64 * k} {116 - 8 * k}) rotate({-9 + 9 * k})") for k, tint in enumerate(tints)]]
    if name == "planner-week":
        days = [shape for k in range(5) for shape in (rect(218, 134 + 30 * k, 92, 4, "#c9bfae", r=2), rect(218, 144 + 30 * k, 60 - 8 * (k % 3), 4, light(colour, 0.3), r=2))]
        return [shadow(150), rect(62, 104, 276, 210, dark(colour, 0.1), r=10), rect(70, 98, 130, 206, PAPER, r=4), rect(200, 98, 130, 206, light(PAPER, 0.4), r=4), rect(198, 98, 4, 206, "#d8cdb8"), *days, *[rect(88, 134 + 30 * k, 92, 4, "#c9bfae", r=2) for k in range(5)], circle(98, 178, 8, colour), circle(98, 238, 8, colour), rect(232, 96, 14, 232, "#b5382f")]
    extra = {
        "book-red": [rect(146, 0, 9, 234, dark(colour, 0.4)), rect(60, 60, 66, 36, PAPER, r=3)],
        "book-navy": [circle(48 + 22 * (k % 6), 40 + 22 * (k // 6), 3, light(colour, 0.4)) for k in range(54)],
        "book-sketch": [line("M60 170 q20 -60 50 -30 t50 -40", "#e8e1d5", 4), circle(136, 80, 15, "#c9744f")],
    }[name]
    pen = [group([rect(-5, -96, 10, 190, _BRASS, r=5), path("M-5 94 L5 94 L0 112Z", INK)], "translate(304 226) rotate(14)")] if name == "book-sketch" else []
    return [shadow(112), group([*_book(colour), *extra], "translate(108 80) rotate(-4 88 117)"), *pen]


def pens(name: str, colour: str) -> list[str]:
    """Pens on the slant, pencils in a row, ink."""
    if name == "ink-blue":
        return [shadow(88), rect(158, 96, 84, 62, INK, r=8), rect(158, 108, 84, 6, "#ffffff33"), path("M144 158 H256 L292 206 V298 Q292 320 270 320 H130 Q108 320 108 298 V206Z", light(colour, 0.55)), path("M112 226 H288 V298 Q288 316 270 316 H130 Q112 316 112 298Z", colour), path("M112 226 q44 -16 88 0 t88 0 V240 H112Z", light(colour, 0.2)), rect(146, 246, 108, 46, PAPER, r=4), rect(164, 262, 72, 6, colour, r=3), rect(176, 274, 48, 5, light(colour, 0.4), r=2)]
    if name in {"pencils-12", "crayons-24"}:
        tints = [colour] * 9 if name == "pencils-12" else ["#b5382f", "#e0742f", "#e8b13a", "#7fa04a", "#3f7d62", "#3d7fb5", "#2b4f9c", "#7a4f9c", "#c06fa3"]
        row = [group([rect(-11, -100, 22, 160, tint, r=2), rect(3, -100, 8, 160, dark(tint, 0.15)), path("M-11 -100 L0 -138 L11 -100Z", "#e9cfa6"), path("M-4 -124 L0 -138 L4 -124Z", INK if name == "pencils-12" else tint)], f"translate({92 + 27 * k} {206 + 10 * (k % 2)})") for k, tint in enumerate(tints)]
        return [shadow(140), *row, rect(66, 240, 268, 78, dark(colour, 0.3) if name == "pencils-12" else PAPER, r=8), rect(66, 300, 268, 18, "#2b211822", r=8), rect(150, 262, 100, 12, PAPER if name == "pencils-12" else colour, r=5)]
    tip = [path("M-13 96 L13 96 L4 142 L0 150 L-4 142Z", _BRASS), line("M0 112 V144", dark(_BRASS, 0.4), 2), circle(0, 110, 3, dark(_BRASS, 0.4))] if name == "pen-fountain" else [path("M-12 96 L12 96 L4 136 H-4Z", dark(colour, 0.2)), rect(-2, 134, 4, 12, INK)]
    pen = [rect(-15, -150, 30, 150, colour, r=13), rect(3, -150, 12, 150, dark(colour, 0.18), r=6), rect(-16, -8, 32, 12, _BRASS if name == "pen-fountain" else STEEL), rect(-13, 2, 26, 96, dark(colour, 0.12), r=4), rect(-22, -142, 7, 84, _BRASS if name == "pen-fountain" else STEEL, r=3), *tip]
    ink = [line("M70 316 q30 -26 54 -4 t50 -6 t34 -4", dark(colour, 0.1), 4)]
    return [group(pen, "translate(226 176) rotate(36)"), *ink]


def order(name: str, colour: str) -> list[str]:
    """Things that hold things."""
    if name == "tray-letter":
        return [shadow(140), *[shape for y in (150, 236) for shape in (rect(96, y - 16, 208, 14, PAPER, r=2), rect(104, y - 26, 196, 12, "#e9e1d2", r=2), path(f"M70 {y} H330 V{y + 40} H70Z", colour), rect(70, y + 30, 260, 12, dark(colour, 0.25)), path(f"M160 {y} Q200 {y + 30} 240 {y}Z", dark(colour, 0.4)))], *[rect(x, 150, 12, 168, dark(colour, 0.15)) for x in (74, 314)], rect(70, 306, 260, 14, dark(colour, 0.25), r=4)]
    if name == "box-archive":
        return [shadow(140), *[shape for x, y, tint in ((66, 210, colour), (206, 210, light(colour, 0.2)), (136, 100, dark(colour, 0.12))) for shape in (rect(x, y, 128, 108, tint, r=5), rect(x - 4, y - 4, 136, 26, dark(tint, 0.14), r=5), rect(x + 36, y + 42, 56, 36, _BRASS, r=4), rect(x + 42, y + 48, 44, 24, PAPER, r=2))]]
    if name == "cup-pens":
        return [shadow(84), *[group([rect(-8, -150, 16, 150, tint, r=4), path("M-8 -150 L0 -174 L8 -150Z", "#e9cfa6")], f"translate({x} 220) rotate({turn})") for x, turn, tint in ((168, -12, "#b5382f"), (196, -3, "#e8b13a"), (222, 6, "#2b4f9c"), (246, 16, "#3f7d62"))], path("M126 180 H274 L264 304 Q262 320 246 320 H154 Q138 320 136 304Z", colour), path("M232 180 H274 L264 304 Q262 320 246 320 H218Z", dark(colour, 0.13)), ellipse(200, 180, 74, 13, light(colour, 0.4)), line("M132 246 Q200 260 268 246", dark(colour, 0.25), 4)]
    if name == "frame-oak":
        return [rect(100, 66, 208, 264, "#2b211822"), rect(94, 58, 212, 264, colour, r=4), rect(94, 58, 212, 16, light(colour, 0.2), r=4), rect(112, 76, 176, 228, PAPER), rect(136, 102, 128, 176, "#cfe0df"), path("M136 238 L178 176 L206 214 L228 190 L264 238 V278 H136Z", "#7f9a8a"), path("M136 258 Q200 232 264 262 V278 H136Z", "#4f6f62"), circle(234, 136, 15, "#e8b15a")]
    weave = [rect(96 + 22 * k - (j % 2) * 11, 186 + 22 * j, 20, 10, (light(colour, 0.25), dark(colour, 0.12))[(k + j) % 2], r=5) for j in range(6) for k in range(10) if 90 <= 96 + 22 * k - (j % 2) * 11 <= 292]
    return [shadow(120), circle(150, 158, 34, "#b5562f"), circle(206, 148, 40, "#d8cdb8"), circle(258, 160, 32, "#73526e"), line("M132 160 q20 -22 40 4 M186 136 q24 -12 40 16 M240 150 q18 -8 34 14", "#ffffff66", 3), path("M84 172 H316 L294 310 Q292 320 280 320 H120 Q108 320 106 310Z", colour), *weave, rect(78, 164, 244, 20, dark(colour, 0.2), r=10)]
