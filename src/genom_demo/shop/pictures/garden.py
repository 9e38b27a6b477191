"""Seeds and bulbs, pots and planters, garden tools."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    METAL,
    PAPER,
    STEEL,
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

__all__ = ["gardentools", "planters", "seeds"]

_GREEN = "#4f8a4a"


def _leaf(x: float, y: float, size: float, turn: float, colour: str = _GREEN) -> str:
    return group([path(f"M0 0 Q{size * 0.5} {-size * 0.5} 0 {-size} Q{-size * 0.5} {-size * 0.5} 0 0Z", colour), line(f"M0 0 V{-size * 0.75}", light(colour, 0.35), 2)], f"translate({x} {y}) rotate({turn})")


def seeds(name: str, colour: str) -> list[str]:
    """Paper bags with what grows from them."""
    plant = {
        "seeds-tomato": [line("M200 180 q-30 30 -26 60 M200 180 q30 24 28 66", _GREEN, 4), *[circle(x, y, 21, colour) for x, y in ((172, 244), (230, 250), (200, 274))], *[circle(x - 6, y - 7, 5, "#ffffff77") for x, y in ((172, 244), (230, 250), (200, 274))], _leaf(196, 190, 40, -60), _leaf(204, 190, 40, 60)],
        "seeds-meadow": [shape for x, y, tint in ((160, 220, colour), (200, 194, "#f0b93a"), (240, 226, "#5a7fc4")) for shape in (line(f"M{x} {y} V290", _GREEN, 4), *[group([ellipse(0, -16, 8, 13, tint)], f"translate({x} {y}) rotate({60 * k})") for k in range(6)], circle(x, y, 8, "#5a3b28"))],
        "seeds-basil": [line("M200 290 V206", _GREEN, 5), *[_leaf(200, y, s, t, colour) for y, s, t in ((268, 58, -70), (268, 58, 70), (238, 54, -50), (238, 54, 50), (212, 50, 0))]],
        "bulbs-tulip": [shape for x, y, tint in ((168, 216, colour), (232, 210, "#8a2f4a")) for shape in (line(f"M{x} {y + 20} V290", _GREEN, 5), path(f"M{x - 22} {y - 20} l11 14 l11 -20 l11 20 l11 -14 q6 46 -22 48 q-28 -2 -22 -48Z", tint), _leaf(x + 4, 288, 56, 24))],
        "seeds-lettuce": [*[_leaf(200, 284, 84 - 5 * abs(k), 17 * k, light(colour, 0.06 * abs(k))) for k in (-4, 4, -3, 3, -2, 2, -1, 1, 0)]],
    }[name]
    return [shadow(92), path("M118 82 l13 -8 l13 8 l13 -8 l13 8 l13 -8 l17 8 l13 -8 l13 8 l13 -8 l13 8 l13 -8 l17 8 V320 H118Z", PAPER), rect(118, 100, 164, 52, colour), rect(146, 118, 108, 8, PAPER, r=4), rect(166, 133, 68, 6, "#ffffffaa", r=3), rect(254, 82, 28, 238, "#2b21180f"), *plant]


def planters(name: str, colour: str) -> list[str]:
    """Pots with a plant each."""
    if name == "box-balcony":
        bloom = [shape for k in range(7) for shape in (line(f"M{92 + 36 * k} 226 V{176 - 14 * (k % 2)}", _GREEN, 4), _leaf(92 + 36 * k, 224, 40, -35), _leaf(92 + 36 * k, 224, 40, 35), *[group([ellipse(0, -12, 7, 10, ("#d94f6a", "#f0b93a")[k % 2])], f"translate({92 + 36 * k} {172 - 14 * (k % 2)}) rotate({72 * j})") for j in range(5)], circle(92 + 36 * k, 172 - 14 * (k % 2), 6, "#fff3c9"))]
        return [shadow(160), *bloom, path("M56 220 H344 L330 312 Q328 318 320 318 H80 Q72 318 70 312Z", colour), rect(50, 214, 300, 20, dark(colour, 0.18), r=6)]
    if name == "raised-bed":
        rows = [_leaf(90 + 31 * k + dx, 206, 52 - 8 * (k % 2), turn, ("#6fa04a", _GREEN)[k % 2]) for k in range(8) for dx, turn in ((-4, -28), (0, 0), (4, 28))]
        return [shadow(150), *rows, rect(62, 202, 276, 74, colour, r=4), *[line(f"M66 {y} H334", dark(colour, 0.2), 3) for y in (226, 250)], rect(62, 198, 276, 12, light(colour, 0.2), r=3), *[rect(x, 198, 18, 124, dark(colour, 0.16), r=3) for x in (70, 312)]]
    if name == "pot-hanging":
        trail = [shape for k, (x, n) in enumerate(((128, 6), (160, 4), (240, 5), (272, 7))) for shape in (line(f"M{x} 214 q{-10 if k < 2 else 10} 40 0 {18 * n}", _GREEN, 3), *[_leaf(x, 224 + 18 * j, 22, 90 if j % 2 else -90) for j in range(n)])]
        return [line("M200 16 L124 190 M200 16 L276 190 M200 16 V180", "#c9b38c", 4), *[_leaf(200, 196, 76, t) for t in (-50, -25, 0, 25, 50)], path("M112 186 H288 Q288 268 200 272 Q112 268 112 186Z", colour), path("M232 186 H288 Q288 268 200 272 Q236 240 232 186Z", dark(colour, 0.12)), *trail]
    if name == "pot-glazed":
        plant = [path(f"M200 206 Q{200 + 40 * k} 120 {200 + 62 * k} {84 + 20 * abs(k)} Q{200 + 22 * k} 128 206 206Z", light(_GREEN, 0.06 * abs(k))) for k in (-1.6, -1, -0.4, 0.4, 1, 1.6)]
        return [shadow(96), *plant, path("M116 204 H284 Q306 250 266 318 H134 Q94 250 116 204Z", colour), path("M244 204 H284 Q306 250 266 318 H236 Q268 260 244 204Z", dark(colour, 0.25)), rect(108, 196, 184, 18, light(colour, 0.2), r=9), line("M132 232 q-8 26 4 54", light(colour, 0.55), 7)]
    plant = [line("M200 190 V84", "#6b5a3a", 7), *[circle(x, y, r, c) for x, y, r, c in ((200, 92, 52, _GREEN), (158, 118, 34, dark(_GREEN, 0.12)), (244, 116, 36, light(_GREEN, 0.1)), (184, 72, 26, light(_GREEN, 0.18)))], *[circle(x, y, 7, "#e8a13a") for x, y in ((176, 100), (222, 82), (240, 124), (150, 124), (204, 124))]]
    return [shadow(94), *plant, path("M124 206 H276 L258 312 Q256 318 248 318 H152 Q144 318 142 312Z", colour), path("M236 206 H276 L258 312 Q256 318 248 318 H224Z", dark(colour, 0.14)), rect(112, 180, 176, 34, light(colour, 0.12), r=5), rect(112, 206, 176, 8, dark(colour, 0.2))]


def gardentools(name: str, colour: str) -> list[str]:
    """Trowel, shears, can, gloves, twine."""
    if name == "trowel":
        return [group([rect(-16, -150, 32, 118, WOOD, r=15), rect(-11, -46, 22, 26, dark(WOOD, 0.3), r=4), line("M0 -24 V34", METAL, 12), path("M-42 30 Q0 14 42 30 L38 112 Q20 158 0 172 Q-20 158 -38 112Z", STEEL), path("M0 22 Q24 20 42 30 L38 112 Q20 158 0 172Z", "#b3bcc1"), rect(-16, -150, 32, 20, colour, r=10)], "translate(206 190) rotate(38)")]
    if name == "secateurs":
        return [group([line("M-6 8 Q-44 90 -26 158", colour, 24), line("M6 8 Q44 90 26 158", dark(colour, 0.18), 24), path("M-14 6 Q-60 -70 8 -136 Q34 -70 14 6Z", STEEL), path("M12 10 Q52 -30 40 -92 Q10 -60 -6 0Z", METAL), circle(0, 4, 13, "#6d757a"), circle(0, 4, 5, STEEL), line("M-8 62 q8 10 16 0 q-8 12 -16 0", METAL, 5)], "translate(200 196) rotate(24)")]
    if name == "watering-can":
        return [shadow(126), line("M262 178 q92 -10 76 78 q-6 30 -30 46", dark(colour, 0.25), 13), line("M150 168 Q196 78 258 168", dark(colour, 0.25), 12), path("M140 262 L62 150 L78 140 L160 220Z", dark(colour, 0.1)), path("M40 152 L88 120 L94 138 L56 164Z", "#c9a24a"), path("M132 172 H270 L284 304 Q284 320 268 320 H134 Q118 320 118 304Z", colour), path("M232 172 H270 L284 304 Q284 320 268 320 H240Z", dark(colour, 0.15)), ellipse(201, 172, 69, 15, light(colour, 0.25)), line("M126 226 H278", light(colour, 0.25), 5)]
    if name == "gloves-garden":
        hand = [path("M-44 90 V-6 Q-70 -34 -60 -50 Q-46 -60 -34 -34 V-92 q0 -16 14 -16 q13 0 13 16 v-10 q0 -16 14 -16 q13 0 13 16 v14 q0 -14 13 -14 q13 0 13 16 v18 q0 -12 12 -12 q12 0 12 14 V40 Q56 70 50 90Z", colour), rect(-50, 84, 104, 44, dark(colour, 0.35), r=8), *[line(f"M{-20 + 26 * k} -30 V-86", dark(colour, 0.15), 2) for k in range(3)]]
        return [shadow(130), group(hand, "translate(146 196) rotate(-10)"), group(hand, "translate(256 202) rotate(12) scale(-1 1)")]
    wound = [line(f"M136 {156 + 11 * k} Q200 {168 + 11 * k} 264 {152 + 11 * k}", (colour, light(colour, 0.25), dark(colour, 0.12))[k % 3], 10) for k in range(12)]
    return [shadow(100), rect(184, 96, 32, 226, WOOD, r=6), rect(116, 296, 168, 24, WOOD, r=10), rect(132, 148, 136, 148, dark(colour, 0.25), r=14), *wound, rect(122, 116, 156, 24, light(WOOD, 0.2), r=10), line("M264 274 q54 14 44 44 q-12 14 -34 4", colour, 6)]
