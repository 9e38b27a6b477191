"""Bedding, throws and cushions, lamps and candles."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    INK,
    METAL,
    PAPER,
    WOOD,
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

__all__ = ["bedding", "lights", "throws"]


def _pillow(x: float, y: float, w: float, h: float, colour: str) -> list[str]:
    d = f"M{x} {y} Q{x + w / 2} {y - h * 0.12} {x + w} {y} Q{x + w * 0.93} {y + h / 2} {x + w} {y + h} Q{x + w / 2} {y + h * 1.12} {x} {y + h} Q{x + w * 0.07} {y + h / 2} {x} {y}Z"
    return [path(d, colour), line(f"M{x + w * 0.06} {y + h * 0.1} q{w * 0.06} {h * 0.1} {w * 0.09} {h * 0.22} M{x + w * 0.94} {y + h * 0.9} q{-w * 0.06} {-h * 0.1} {-w * 0.09} {-h * 0.22}", dark(colour, 0.2), 3)]


def bedding(name: str, colour: str) -> list[str]:
    """A pillow on a folded cover."""
    if name == "pillow-spelt":
        ears = [group([line("M0 40 V-34", "#a8792f", 3), *[ellipse(6 * (1 if k % 2 else -1), -30 + 9 * k, 4, 8, "#a8792f", turn=25 if k % 2 else -25) for k in range(6)]], f"translate({x} {y}) rotate({turn})") for x, y, turn in ((170, 212, -14), (200, 206, 0), (230, 212, 14))]
        return [shadow(130), *_pillow(70, 138, 260, 164, colour), *ears]
    stripes = [line(f"M96 {y} H304", "#ffffffaa", 4) for y in (232, 246, 262, 276, 292, 306)] if name == "percale-stripe" else []
    across = [line(f"M{x} 128 q4 40 0 78", "#ffffffaa", 4) for x in range(132, 280, 18)] if name == "percale-stripe" else []
    nap = [circle(112 + 22 * (k % 9), 240 + 22 * (k // 9), 2.4, light(colour, 0.35)) for k in range(27)] if name == "flannel-pine" else []
    folds = [rect(84, 222, 232, 48, light(colour, 0.12), r=22), rect(84, 262, 232, 54, colour, r=24), rect(84, 298, 232, 18, dark(colour, 0.14), r=9)]
    return [shadow(136), *folds, *stripes, *nap, *_pillow(112, 120, 176, 96, light(colour, 0.22)), *across, line("M100 264 H300", dark(colour, 0.16), 3)]


def throws(name: str, colour: str) -> list[str]:
    """Folded throws with fringes, square cushions."""
    if name.startswith("cushion"):
        return [shadow(118), *_pillow(92, 100, 216, 212, colour), path("M104 112 Q200 92 296 112 Q200 168 104 112Z", light(colour, 0.14)), line("M130 276 q60 -34 140 -10", dark(colour, 0.12), 5), circle(200, 204, 7, dark(colour, 0.3))]
    weave = {
        "throw-wool": [line(f"M{98 + 26 * k} 300 V172", light(colour, 0.3), 1.5) for k in range(9)] + [line(f"M{98 + 26 * k} {182 + 16 * j} l13 10 l13 -10", light(colour, 0.45), 3) for k in range(8) for j in range(7)],
        "throw-mustard": [line(f"M92 {186 + 18 * k} H308", light(colour, 0.25), 3) for k in range(7)],
        "blanket-check": [rect(92 + 54 * k, 164, 22, 140, "#ffffff44") for k in range(4)] + [rect(84, 180 + 44 * k, 232, 18, "#2b2a2933") for k in range(3)],
    }[name]
    fringe = [line(f"M{90 + 10.5 * k} 302 v18", dark(colour, 0.1), 4) for k in range(22)] if name != "blanket-check" else [line("M84 240 H316", "#5a3b28", 12), rect(188, 228, 24, 24, "#d9b96a", r=4)]
    return [shadow(130), rect(84, 150, 232, 156, colour, r=18), *weave, path("M84 168 Q84 122 120 122 L290 122 Q316 122 316 168Z", dark(colour, 0.12)), line("M100 152 H300", light(colour, 0.2), 4), *fringe]


def _candle(x: float, y: float, h: float, colour: str, w: float = 22) -> list[str]:
    flame = path(f"M{x} {y - 34} q11 18 0 26 q-11 -8 0 -26Z", "#f2b134")
    return [rect(x - w / 2, y, w, h, colour, r=3), rect(x + w / 6, y, w / 3, h, dark(colour, 0.14), r=3), line(f"M{x} {y} v-8", INK, 2.5), flame, circle(x, y - 15, 3.4, "#fff3c9")]


def lights(name: str, colour: str) -> list[str]:
    """Lamps, candles and a lantern."""
    if name == "lamp-paper":
        rings = [line(f"M{200 - w} {y} Q200 {y + 18} {200 + w} {y}", dark(colour, 0.14), 3) for y, w in ((116, 72), (144, 96), (174, 108), (204, 110), (234, 102), (262, 82))]
        return [circle(200, 192, 140, "#fff1c455"), line("M200 20 V84", INK, 4), circle(200, 192, 112, colour), path("M236 86 A112 112 0 0 1 236 298 A150 150 0 0 0 236 86Z", dark(colour, 0.08)), *rings, rect(170, 78, 60, 10, WOOD, r=5), rect(170, 296, 60, 10, WOOD, r=5)]
    if name == "lamp-brass":
        return [shadow(96), path("M60 318 L196 222 L150 150Z", "#ffe9a844"), line("M258 308 L288 190 L196 106", colour, 12), circle(288, 190, 12, dark(colour, 0.25)), circle(196, 106, 10, dark(colour, 0.25)), path("M204 84 Q164 76 134 128 L206 178 Q232 128 204 84Z", colour), path("M134 128 L206 178 L200 190 L126 138Z", "#ffeeb0"), rect(206, 302, 104, 18, dark(colour, 0.2), r=9)]
    if name == "candle-wax":
        return [shadow(120), *[shape for k, (h, y) in enumerate(((150, 168), (186, 132), (120, 198), (168, 150), (136, 182), (176, 142))) for shape in _candle(100 + 40 * k, y, h, light(colour, 0.08 * (k % 3)))]]
    if name == "candle-cedar":
        tree = [path("M200 206 L232 262 H168Z", colour), path("M200 232 L238 292 H162Z", colour), rect(195, 290, 10, 12, WOOD)]
        return [shadow(84), *_candle(200, 148, 40, PAPER, w=30), rect(122, 160, 156, 160, light(colour, 0.55), r=16), rect(240, 160, 38, 160, light(colour, 0.4), r=16), rect(140, 192, 120, 118, PAPER, r=6), *tree, rect(122, 160, 156, 12, "#ffffff66", r=6)]
    return [
        shadow(92), line("M164 92 Q200 26 236 92", METAL, 8), path("M126 120 L200 72 L274 120Z", colour), rect(120, 116, 160, 16, dark(colour, 0.2), r=4), rect(132, 132, 136, 168, "#ffe9b03d"),
        *_candle(200, 226, 74, "#f3e3c0", w=40), *[rect(x, 130, 9, 174, colour) for x in (130, 196, 261)], rect(120, 298, 160, 20, colour, r=4),
    ]
