"""Backpacks and bags, bottles and lunch boxes, camping."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    INK,
    METAL,
    PAPER,
    STEEL,
    WOOD,
    circle,
    dark,
    light,
    line,
    path,
    rect,
    shadow,
)

__all__ = ["backpacks", "bottles", "camping"]

_LEATHER = "#8a5a38"


def backpacks(name: str, colour: str) -> list[str]:
    """Packs and bags from the front."""
    if name == "bag-tote":
        return [shadow(112), line("M150 142 Q152 50 200 50 Q248 50 250 142", dark(colour, 0.25), 11), path("M98 132 H302 L314 320 H86Z", colour), path("M258 132 H302 L314 320 H266Z", dark(colour, 0.1)), rect(98, 132, 204, 10, dark(colour, 0.12)), circle(194, 232, 38, "#b4623f"), path("M156 240 q38 -34 76 0 v10 h-76Z", "#3f6f5a"), circle(212, 214, 10, "#e8b13a")]
    if name == "bag-weekend":
        return [shadow(148), line("M140 166 Q142 92 200 92 Q258 92 260 166", _LEATHER, 12), rect(58, 152, 284, 166, colour, r=40), rect(58, 246, 284, 72, dark(colour, 0.18), r=34), rect(58, 236, 284, 30, dark(colour, 0.18)), line("M84 178 H316", "#d9b96a", 4), *[rect(x, 158, 20, 160, _LEATHER) for x in (130, 250)], circle(140, 246, 6, "#d9b96a"), circle(260, 246, 6, "#d9b96a"), rect(308, 178, 20, 12, "#d9b96a", r=3)]
    if name == "pouch-bike":
        return [shadow(100), rect(138, 60, 32, 34, INK, r=5), rect(230, 60, 32, 34, INK, r=5), path("M104 92 H296 L284 306 Q282 320 266 320 H134 Q118 320 116 306Z", colour), path("M104 92 H296 L290 190 H110Z", light(colour, 0.14)), *[shape for x in (146, 238) for shape in (rect(x, 92, 16, 140, dark(colour, 0.4)), rect(x - 4, 204, 24, 18, METAL, r=3))], rect(172, 254, 56, 16, "#f2e27a", r=4)]
    if name == "pack-roll":
        return [shadow(104), path("M112 130 H288 L296 300 Q296 320 276 320 H124 Q104 320 104 300Z", colour), path("M244 130 H288 L296 300 Q296 320 276 320 H250Z", dark(colour, 0.14)), rect(100, 78, 200, 34, dark(colour, 0.2), r=17), rect(106, 106, 188, 34, light(colour, 0.1), r=14), rect(188, 76, 24, 150, _LEATHER, r=4), rect(182, 186, 36, 26, "#d9b96a", r=4), rect(190, 193, 20, 12, colour), rect(128, 236, 144, 66, dark(colour, 0.1), r=10), line("M128 254 H272", dark(colour, 0.3), 3)]
    return [shadow(104), line("M168 84 Q170 48 200 48 Q230 48 232 84", dark(colour, 0.4), 10), path("M108 170 Q108 76 200 76 Q292 76 292 170 V292 Q292 320 264 320 H136 Q108 320 108 292Z", colour), path("M250 92 Q292 116 292 170 V292 Q292 320 264 320 H244 Q262 200 250 92Z", dark(colour, 0.14)), line("M122 160 Q200 138 278 160", dark(colour, 0.35), 4), rect(132, 206, 136, 92, light(colour, 0.12), r=18), line("M146 226 H254", dark(colour, 0.35), 4), rect(240, 222, 8, 24, "#e8b13a", r=3), rect(176, 174, 48, 22, _LEATHER, r=4)]


def bottles(name: str, colour: str) -> list[str]:
    """Bottles, a cup, boxes."""
    if name in {"bottle-steel", "bottle-vacuum"}:
        cap = "#3a3d42" if name == "bottle-steel" else WOOD
        loop = [line("M176 66 q24 -32 48 0", cap, 8)] if name == "bottle-steel" else []
        mark = [line("M172 230 q14 -16 28 0 t28 0 M172 250 q14 -16 28 0 t28 0", dark(colour, 0.3), 4)] if name == "bottle-steel" else [circle(200, 232, 24, light(colour, 0.35)), path("M180 240 l14 -20 l9 12 l6 -8 l12 16Z", dark(colour, 0.25))]
        return [shadow(66), *loop, rect(172, 64, 56, 36, cap, r=8), path("M176 98 H224 V116 Q258 130 258 168 V296 Q258 320 236 320 H164 Q142 320 142 296 V168 Q142 130 176 116Z", colour), path("M212 98 H224 V116 Q258 130 258 168 V296 Q258 320 236 320 H222 Q238 220 212 110Z", dark(colour, 0.17)), line("M160 178 V284", light(colour, 0.55), 7), *mark]
    if name == "cup-travel":
        return [shadow(74), path("M134 132 H266 L250 304 Q248 320 232 320 H168 Q152 320 150 304Z", colour), path("M228 132 H266 L250 304 Q248 320 232 320 H212Z", dark(colour, 0.17)), path("M139 184 H261 L255 246 H145Z", "#d8c3a0"), path("M226 184 H261 L255 246 H222Z", dark("#d8c3a0", 0.12)), rect(126, 112, 148, 26, dark(colour, 0.4), r=8), rect(144, 94, 112, 22, dark(colour, 0.3), r=8), rect(216, 86, 26, 10, dark(colour, 0.5), r=4)]
    if name == "lunch-steel":
        return [shadow(126), *[shape for y in (196, 258) for shape in (rect(88, y, 224, 58, STEEL, r=12), rect(88, y + 40, 224, 18, METAL, r=9), rect(88, y + 4, 224, 6, "#ffffff88"))], rect(84, 176, 232, 26, colour, r=10), *[rect(x, 188, 20, 100, dark(colour, 0.3), r=6) for x in (84, 296)], line("M150 178 Q200 128 250 178", dark(colour, 0.3), 9)]
    stars = [path(f"M{x} {y} l6 13 l14 2 l-10 10 l3 14 l-13 -7 l-13 7 l3 -14 l-10 -10 l14 -2Z", c) for x, y, c in ((150, 206, "#d94f3d"), (206, 232, "#3d7fb5"), (256, 200, "#4f8a4a"))]
    return [shadow(126), rect(88, 176, 224, 142, colour, r=28), rect(88, 282, 224, 36, dark(colour, 0.14), r=18), rect(82, 152, 236, 40, light(colour, 0.3), r=20), rect(178, 180, 44, 22, "#d94f3d", r=6), *stars]


def camping(name: str, colour: str) -> list[str]:
    """What one sleeps, cooks and sits on."""
    if name == "tent-two":
        return [shadow(160), line("M60 318 L200 102 L340 318", dark(colour, 0.4), 5), path("M64 316 Q120 160 200 104 Q280 160 336 316Z", colour), path("M200 104 Q280 160 336 316 H250Z", dark(colour, 0.18)), path("M200 132 L246 316 H154Z", dark(colour, 0.55)), path("M200 132 L154 316 H128 Q168 210 200 132Z", light(colour, 0.3)), line("M64 316 L36 326 M336 316 L364 326", INK, 3), circle(320, 92, 18, "#f6e7b4")]
    if name == "headlamp":
        return [path("M76 178 Q200 92 324 178 L318 222 Q200 140 82 222Z", dark(colour, 0.35)), path("M76 178 Q200 92 324 178 L322 190 Q200 106 78 190Z", colour), rect(142, 160, 116, 96, INK, r=22), rect(152, 170, 96, 76, "#3f4348", r=16), circle(184, 208, 26, "#fff1b8"), circle(184, 208, 15, "#ffffff"), circle(228, 196, 10, "#e04a3a"), rect(216, 216, 24, 12, "#6d757a", r=4), path("M170 232 L60 330 H300 L200 232Z", "#fff1b833")]
    if name == "mat-sleep":
        return [shadow(140), rect(66, 262, 268, 54, colour, r=20), rect(66, 298, 268, 18, dark(colour, 0.22), r=9), *[line(f"M{104 + 38 * k} 264 V296", light(colour, 0.3), 4) for k in range(6)], circle(270, 206, 62, dark(colour, 0.1)), *[circle(270, 206, r, c) for r, c in ((54, colour), (44, light(colour, 0.25)), (34, colour), (24, light(colour, 0.25)), (13, dark(colour, 0.3)))]]
    if name == "stove-gas":
        flames = [path(f"M{x} 150 q12 -30 0 -46 q-16 18 0 46Z", c) for x, c in ((158, "#3d7fd1"), (186, "#5a9be0"), (214, "#3d7fd1"), (242, "#5a9be0"))]
        return [shadow(84), *flames, *[line(d, "#6d757a", 8) for d in ("M200 176 L120 140 V126", "M200 176 L280 140 V126")], rect(140, 148, 120, 14, "#565d62", r=6), rect(186, 160, 28, 44, METAL, r=5), line("M214 184 H262", METAL, 6), circle(268, 184, 11, "#d94f3d"), path("M130 236 Q130 202 200 202 Q270 202 270 236 V300 Q270 320 250 320 H150 Q130 320 130 300Z", "#3f6f8a"), path("M236 206 Q270 212 270 236 V300 Q270 320 250 320 H232Z", dark("#3f6f8a", 0.2)), rect(130, 244, 140, 42, PAPER), path("M200 250 q14 16 0 30 q-14 -14 0 -30Z", "#e0742f")]
    seat = [line("M110 318 L270 214 M290 318 L130 214", WOOD, 13), line("M128 214 V96 M272 214 V96", WOOD, 13)]
    return [shadow(126), *seat, path("M118 206 H282 L270 236 H130Z", colour), path("M122 100 H278 V168 H122Z", colour), rect(122, 156, 156, 12, dark(colour, 0.2)), rect(118, 206, 164, 9, light(colour, 0.2))]
