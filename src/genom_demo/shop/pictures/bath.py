"""Soaps, skin care, towels."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    INK,
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

__all__ = ["skincare", "soaps", "towels"]

_GLASS = "#8a5a34"


def soaps(name: str, colour: str) -> list[str]:
    """Bars with what they smell of, and a bottle."""
    if name == "soap-liquid":
        return [shadow(76), rect(190, 92, 20, 40, INK, r=3), path("M150 84 h66 q10 0 10 12 h-76 q-18 0 -18 16 h-10 q0 -28 28 -28Z", INK), rect(168, 124, 64, 20, dark(colour, 0.4), r=5), rect(132, 140, 136, 180, colour, r=26), rect(226, 140, 42, 180, dark(colour, 0.14), r=22), rect(150, 190, 100, 90, PAPER, r=6), circle(186, 234, 22, "#e8892f"), circle(186, 234, 16, "#f6c07c"), line("M222 262 q-6 -30 10 -52", "#5d8a4a", 4), ellipse(232, 226, 5, 9, "#5d8a4a", turn=30), ellipse(220, 240, 5, 9, "#5d8a4a", turn=-30)]
    mark = {
        "soap-lavender": [line(f"M{x} 262 L{x + d} 196", "#6a7f4f", 3) for x, d in ((182, -12), (200, 0), (218, 12))] + [ellipse(x, y + 9 * k, 5, 6, "#5d4a94") for x, y in ((170, 176), (200, 172), (230, 176)) for k in range(4)],
        "soap-oats": [path("M200 186 l27 16 v31 l-27 16 l-27 -16 v-31Z", "#c58f2c"), path("M200 197 l17 10 v20 l-17 10 l-17 -10 v-20Z", "#eccb74")],
        "soap-spruce": [path("M200 168 l26 36 h-52Z", dark(colour, 0.35)), path("M200 192 l34 42 h-68Z", dark(colour, 0.35)), rect(195, 232, 10, 18, "#6b4a32")],
        "soap-charcoal": [circle(200, 216, 32, light(colour, 0.25)), circle(200, 216, 22, colour), circle(190, 206, 6, light(colour, 0.5))],
    }[name]
    foam = [circle(x, y, r, "#ffffffcc") for x, y, r in ((92, 300, 15), (112, 308, 10), (304, 304, 14), (322, 310, 8), (84, 282, 6))]
    return [shadow(128), path("M86 190 Q86 150 126 150 L274 150 Q314 150 314 190 L314 270 Q314 306 274 306 L126 306 Q86 306 86 270Z", dark(colour, 0.15)), rect(86, 142, 228, 148, colour, r=40), rect(106, 158, 188, 116, light(colour, 0.18), r=30), *mark, *foam]


def skincare(name: str, colour: str) -> list[str]:
    """Jars, a dropper, a tin, a tube."""
    if name.startswith("cream-day") or name == "cream-night":
        lid = "#c9a26a" if name == "cream-day" else "#1f2547"
        mark = [circle(200, 258, 20, "#e9b55a")] if name == "cream-day" else [circle(200, 258, 21, "#d9c88a"), circle(209, 251, 18, PAPER)]
        return [shadow(108), rect(96, 178, 208, 142, light(colour, 0.25) if name == "cream-day" else colour, r=26), rect(250, 178, 54, 142, dark(colour, 0.12), r=26), rect(88, 128, 224, 62, lid, r=14), rect(88, 170, 224, 14, dark(lid, 0.25), r=6), rect(150, 222, 100, 72, PAPER, r=6), *mark]
    if name == "oil-rose":
        petals = [group([ellipse(0, -13, 9, 12, colour)], f"translate(200 250) rotate({72 * k})") for k in range(5)]
        return [shadow(66), path("M180 40 q20 -22 40 0 l-4 52 h-32Z", INK), rect(176, 92, 48, 40, "#3c3a3a", r=6), path("M164 132 h72 l22 36 v132 q0 20 -20 20 h-76 q-20 0 -20 -20 v-132Z", _GLASS), path("M222 132 h14 l22 36 v132 q0 20 -20 20 h-16Z", dark(_GLASS, 0.25)), rect(152, 200, 96, 96, PAPER, r=4), *petals, circle(200, 250, 7, "#f0c64f"), line("M156 176 v14", "#ffffff88", 5)]
    if name == "balm-lips":
        flower = [group([ellipse(0, -26, 9, 20, "#f0a63a")], f"translate(200 206) rotate({36 * k})") for k in range(10)]
        return [shadow(112, y=306), ellipse(200, 246, 118, 60, dark(colour, 0.3)), ellipse(200, 226, 118, 60, dark(colour, 0.12)), rect(82, 206, 236, 22, dark(colour, 0.12)), ellipse(200, 206, 118, 60, colour), ellipse(200, 206, 100, 48, light(colour, 0.25)), group([*flower, circle(200, 206, 12, "#a8632a")], "translate(0 94) scale(1 .54)")]
    return [shadow(70), path("M142 84 h116 l-10 200 h-96Z", colour), path("M212 84 h46 l-10 200 h-30Z", dark(colour, 0.13)), rect(136, 70, 128, 20, dark(colour, 0.2), r=3), rect(154, 282, 92, 38, PAPER, r=6), line("M176 128 q24 -26 48 0 q8 16 -24 44 q-32 -28 -24 -44Z", PAPER, 5), rect(170, 210, 60, 6, PAPER, r=3), rect(180, 224, 40, 6, PAPER, r=3)]


def towels(name: str, colour: str) -> list[str]:
    """Towels in a stack, on a bar, and a robe."""
    if name == "robe-linen":
        return [
            line("M200 70 V52 q0 -18 16 -14", INK, 5), line("M120 108 L200 72 L280 108", WOOD, 9), path("M140 104 L200 88 L260 104 L316 150 L296 236 L268 222 L272 330 L128 330 L132 222 L104 236 L84 150Z", colour),
            path("M166 98 L200 214 L234 98 L246 102 L206 250 L194 250 L154 102Z", light(colour, 0.3)), line("M130 226 H270", dark(colour, 0.3), 13), line("M206 232 v54 M194 232 v42", dark(colour, 0.3), 8), rect(142, 258, 40, 34, dark(colour, 0.12), r=4), rect(222, 258, 40, 34, dark(colour, 0.12), r=4),
        ]
    if name in {"towel-waffle", "towel-sauna"}:
        pattern = [rect(134 + 18 * (k % 7), 112 + 18 * (k // 7), 11, 11, dark(colour, 0.12), r=2) for k in range(77)] if name == "towel-waffle" else [rect(128, 118 + 34 * k, 144, 12, "#f4e6d6") for k in range(6)]
        return [line("M70 94 H330", WOOD, 13), circle(70, 94, 11, dark(WOOD, 0.3)), circle(330, 94, 11, dark(WOOD, 0.3)), path("M124 86 Q200 78 276 86 L276 322 L124 322Z", colour), *pattern, path("M250 84 L276 86 L276 322 L250 322Z", "#2b211818"), rect(124, 82, 152, 12, light(colour, 0.3), r=6)]
    border = dark(colour, 0.2) if name == "towel-chalk" else light(colour, 0.45)
    stack = [shape for k, tint in enumerate((dark(colour, 0.12), colour, light(colour, 0.14))) for shape in (rect(82 + 6 * k, 262 - 56 * k, 236 - 12 * k, 56, tint, r=26), rect(82 + 6 * k, 286 - 56 * k, 236 - 12 * k, 7, border), circle(298 - 6 * k, 290 - 56 * k, 13, dark(tint, 0.12)))]
    return [shadow(132), *stack]
