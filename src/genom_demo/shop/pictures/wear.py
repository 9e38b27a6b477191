"""Shirts, knitwear, socks and slippers."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    PAPER,
    circle,
    dark,
    group,
    light,
    line,
    path,
    rect,
    shadow,
)

__all__ = ["knitwear", "shirts", "socks"]

_SHORT = "M148 84 Q200 118 252 84 L292 100 L346 160 L304 194 L284 174 V322 H116 V174 L96 194 L54 160 L108 100Z"
_LONG = "M150 84 Q200 116 250 84 L290 100 Q318 140 330 300 L292 306 L276 188 V322 H124 V188 L108 306 L70 300 Q82 140 110 100Z"


def _clipped(outline: str, shapes: list[str], name: str) -> list[str]:
    return [f'<clipPath id="{name}"><path d="{outline}"/></clipPath>', f'<g clip-path="url(#{name})">{"".join(shapes)}</g>']


def shirts(name: str, colour: str) -> list[str]:
    """T-shirts, a striped one, and two with buttons."""
    if name in {"shirt-white", "shirt-ocean"}:
        edge = dark(colour, 0.14)
        wave = [line("M160 210 q20 -22 40 0 t40 0 M160 232 q20 -22 40 0 t40 0", light(colour, 0.4), 5)] if name == "shirt-ocean" else []
        return [path(_SHORT, colour), *_clipped(_SHORT, [path("M240 84 L360 84 V330 H236 Q264 220 240 84Z", "#1d1a2214")], "c1"), line("M148 84 Q200 118 252 84", edge, 8), line("M116 176 V150 M284 176 V150", edge, 4), line("M120 314 H280", edge, 3), *wave]
    if name == "shirt-stripe":
        stripes = [rect(40, 92 + 26 * k, 320, 11, colour) for k in range(9)]
        return [path(_LONG, PAPER), *_clipped(_LONG, [*stripes, path("M244 80 H360 V330 H240 Q262 220 244 80Z", "#1d1a2216")], "c2"), line("M150 86 Q200 110 250 86", colour, 7)]
    checks = [rect(40 + 44 * k, 70, 16, 260, "#1d1a2230") for k in range(8)] + [rect(40, 84 + 44 * k, 320, 16, "#1d1a2230") for k in range(6)] + [rect(52 + 44 * k, 70, 3, 260, "#f4e6d655") for k in range(8)]
    weave = [line(f"M{110 + 18 * k} 120 V318", light(colour, 0.25), 1.5) for k in range(11)]
    collar = [path("M150 84 L200 118 L176 146 L142 98Z", light(colour, 0.2)), path("M250 84 L200 118 L224 146 L258 98Z", light(colour, 0.12))]
    return [path(_LONG, colour), *_clipped(_LONG, [*(checks if name == "shirt-flannel" else weave), path("M244 80 H360 V330 H240 Q262 220 244 80Z", "#1d1a2216")], "c3"), rect(191, 118, 18, 204, light(colour, 0.16)), *collar, *[circle(200, 144 + 36 * k, 4, PAPER) for k in range(5)], rect(226, 168, 36, 38, dark(colour, 0.1), r=3)]


def knitwear(name: str, colour: str) -> list[str]:
    """Jumpers with cables, a cardigan, a beanie, a scarf."""
    if name == "beanie":
        ribs = [line(f"M{118 + 18.4 * k} 252 V312", dark(colour, 0.18), 4) for k in range(10)]
        return [shadow(108), path("M104 256 Q104 108 200 108 Q296 108 296 256Z", colour), *[line(f"M{200 + d * 0.25} 116 Q{200 + d} 150 {200 + d * 1.1} 250", dark(colour, 0.13), 4) for d in (-76, -50, -24, 0, 24, 50, 76)], rect(94, 246, 212, 74, light(colour, 0.1), r=18), *ribs, circle(200, 92, 34, light(colour, 0.3)), *[line(f"M200 92 l{dx} {dy}", dark(colour, 0.1), 3) for dx, dy in ((-20, -14), (20, -14), (0, -24), (-22, 8), (22, 8), (0, 24))]]
    if name == "scarf-long":
        tail = [rect(0, 0, 66, 176, dark(colour, 0.1), r=4), *[rect(0, 110 + 22 * k, 66, 9, light(colour, 0.28)) for k in range(3)], *[line(f"M{5 + 8 * k} 174 v22", dark(colour, 0.1), 4) for k in range(8)]]
        return [path("M88 150 Q88 84 200 84 Q312 84 312 150 Q312 214 200 214 Q88 214 88 150Z", colour), path("M134 146 Q134 116 200 116 Q266 116 266 146 Q266 172 200 172 Q134 172 134 146Z", dark(colour, 0.45)), *_clipped("M88 150 Q88 84 200 84 Q312 84 312 150 Q312 214 200 214 Q88 214 88 150Z", [line(f"M{100 + 20 * k} 80 q14 60 -6 140", light(colour, 0.12), 3) for k in range(11)], "c4"), group(tail, "translate(120 164) rotate(6)"), group([rect(0, 0, 66, 150, colour, r=4), *[rect(0, 86 + 22 * k, 66, 9, light(colour, 0.28)) for k in range(3)], *[line(f"M{5 + 8 * k} 148 v22", colour, 4) for k in range(8)]], "translate(206 168) rotate(-5)")]
    cables = [line(f"M{x} {132 + 34 * k} q10 17 0 34 M{x + 12} {132 + 34 * k} q-10 17 0 34", light(colour, 0.25), 4) for x in (150, 194, 238) for k in range(5)]
    rib = [line(f"M{130 + 10 * k} 306 V320", dark(colour, 0.25), 3) for k in range(15)]
    whole = [path(_LONG, colour), *_clipped(_LONG, [path("M244 80 H360 V330 H240 Q262 220 244 80Z", "#1d1a2218"), rect(60, 286, 60, 30, dark(colour, 0.15)), rect(280, 286, 60, 30, dark(colour, 0.15))], "c5")]
    if name == "cardigan-fir":
        return [*whole, path("M160 88 L200 196 L240 88 L250 92 L206 214 V322 H194 V214 L150 92Z", dark(colour, 0.3)), *[circle(200, 222 + 25 * k, 6, "#c9a26a") for k in range(4)], rect(138, 246, 44, 44, dark(colour, 0.12), r=4), rect(218, 246, 44, 44, dark(colour, 0.12), r=4), *rib]
    collar = line("M150 88 Q200 124 250 88", dark(colour, 0.2), 15)
    plain = [line(f"M128 {150 + 30 * k} H272", light(colour, 0.16), 3) for k in range(5)]
    return [*whole, *(cables if name == "jumper-rust" else plain), collar, rect(124, 302, 152, 20, dark(colour, 0.14)), *rib]


def _sock(colour: str, toe: str, dots: list[str]) -> list[str]:
    outline = "M-34 -110 H34 V24 Q36 44 58 58 L92 80 Q116 98 100 122 Q84 140 52 128 L-20 88 Q-36 78 -34 50Z"
    return [path(outline, colour), *dots, path("M-34 -110 H34 V-78 H-34Z", toe), path("M70 66 L92 80 Q116 98 100 122 Q84 140 58 130 Q46 96 70 66Z", toe), path("M-34 36 Q-2 46 -8 94 L-20 88 Q-36 78 -34 50Z", toe)]


def socks(name: str, colour: str) -> list[str]:
    """Pairs of socks and a pair of slippers."""
    if name == "slippers-felt":
        shoe = [path("M-30 74 Q-58 -20 -36 -86 Q0 -128 36 -86 Q58 -20 30 74 Q0 108 -30 74Z", "#b98d5c"), path("M-24 70 Q-50 -18 -30 -80 Q0 -116 30 -80 Q50 -18 24 70 Q0 98 -24 70Z", light(colour, 0.35)), path("M-36 2 Q-46 -48 -34 -86 Q0 -128 34 -86 Q46 -48 36 2 Q0 -26 -36 2Z", colour), line("M-30 -6 Q0 -28 30 -6", light(colour, 0.5), 4)]
        return [group(shoe, "translate(146 206) rotate(-8) scale(1.25)"), group(shoe, "translate(258 206) rotate(8) scale(1.25)")]
    toe = {"socks-everyday": "#c9744f", "socks-wool": PAPER, "socks-dots": "#f0c2c9", "socks-hike": "#d0a12c"}[name]
    extra = {
        "socks-dots": [circle(x, y, 6, "#ffffffcc") for x, y in ((-18, -56), (12, -46), (-4, -22), (20, -10), (-20, 4), (8, 22), (26, 62), (52, 84), (0, 60))],
        "socks-wool": [line(f"M-34 {y} q17 -10 34 0 t34 0", light(colour, 0.35), 4) for y in (-58, -40, -22, -4, 14)],
        "socks-hike": [rect(-34, -60, 68, 9, light(colour, 0.4)), rect(-34, -44, 68, 9, dark(colour, 0.25)), *[line(f"M{30 + 12 * k} {60 + 8 * k} l-14 22", light(colour, 0.3), 3) for k in range(4)]],
        "socks-everyday": [line(f"M{-26 + 9 * k} -106 V-82", "#a85c3c", 2) for k in range(7)],
    }[name]
    back = group(_sock(dark(colour, 0.14), dark(toe, 0.14), []), "translate(214 184) rotate(8) scale(1.12)")
    front = group([*_sock(colour, toe, [])[:1], *extra, *_sock(colour, toe, [])[1:]], "translate(150 196) rotate(-4) scale(1.12)")
    if name == "socks-everyday":
        front = group([*_sock(colour, toe, []), *extra], "translate(150 196) rotate(-4) scale(1.12)")
    return [shadow(130, y=340), back, front]
