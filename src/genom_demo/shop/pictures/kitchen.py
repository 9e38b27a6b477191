"""Pots and pans, knives and boards, plates and cups."""

from __future__ import annotations

# fmt: off
# A drawing stays as few lines as its outlines are; numbers are places on the canvas.
from genom_demo.shop.pictures.canvas import (
    INK,
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

__all__ = ["knives", "pans", "tableware"]


def pans(name: str, colour: str) -> list[str]:
    """A vessel in its own depth, with its own handles."""
    depth = {"iron-pan": 46, "crepe-pan": 24, "milk-pan": 96, "copper-pot": 120, "green-casserole": 100}[name]
    rim, handle = 304 - depth, dark(colour, 0.5) if name != "copper-pot" else "#d9b98a"
    body = path(f"M92 {rim} L308 {rim} Q306 {rim + depth} 272 {rim + depth} L128 {rim + depth} Q94 {rim + depth} 92 {rim}Z", colour)
    side = path(f"M250 {rim} L308 {rim} Q306 {rim + depth} 272 {rim + depth} L236 {rim + depth} Q252 {rim + depth / 2} 250 {rim}Z", dark(colour, 0.16))
    top = [ellipse(200, rim, 108, 26, light(colour, 0.28)), ellipse(200, rim + 2, 98, 20, dark(colour, 0.42))]
    if name in {"iron-pan", "crepe-pan", "milk-pan"}:
        grip = [line(f"M296 {rim + 4} L386 {rim - 34}", handle, 17), circle(381, rim - 32, 4, light(handle, 0.5))]
        spout = [path(f"M88 {rim - 6} L74 {rim - 14} L104 {rim + 14}Z", light(colour, 0.2))] if name == "milk-pan" else []
        return [shadow(120), *grip, body, side, *top, *spout]
    ears = [line(f"M96 {rim + 24} h-28 v22 h30", handle, 11), line(f"M304 {rim + 24} h28 v22 h-30", handle, 11)]
    lid = [
        path(f"M88 {rim} Q200 {rim - 86} 312 {rim}Z", light(colour, 0.12)),
        path(f"M240 {rim - 41} Q296 {rim - 26} 312 {rim} L256 {rim} Q258 {rim - 24} 240 {rim - 41}Z", dark(colour, 0.1)),
        rect(86, rim - 6, 228, 12, dark(colour, 0.22), r=6), circle(200, rim - 52, 13, handle),
    ]
    return [shadow(125), *ears, body, side, *(lid if name == "green-casserole" else top)]


def _knife(length: float, width: float, handle: str, *, waves: bool = False, thin: float = 0.5) -> list[str]:
    """A knife that points up, its handle's end at the origin."""
    tip = -120 - length
    edge = f"L{width} -120 " if not waves else "".join(f"L{width - 7 * (k % 2)} {-120 - 11 * k} " for k in range(int(length * 0.8 / 11), -1, -1))
    blade = f"M-4 -120 L-4 {tip} Q{width * 0.8} {tip + length * 0.25} {width} {tip + length * thin} {edge}Z"
    return [
        path(blade, STEEL), path(f"M-4 -120 L-4 {tip} L6 {tip + 26} L6 -120Z", "#b9c1c6"),
        rect(-9, -126, 22, 12, "#8f989e", r=2), rect(-10, -116, 24, 116, handle, r=9),
        circle(2, -92, 3.4, light(handle, 0.6)), circle(2, -60, 3.4, light(handle, 0.6)), circle(2, -28, 3.4, light(handle, 0.6)),
    ]


def knives(name: str, colour: str) -> list[str]:
    """Knives, a board, a bar that holds knives."""
    if name == "oak-board":
        grain = [line(f"M{110 + 26 * k} 112 q8 92 0 190", dark(colour, 0.12), 3) for k in range(8)]
        return [shadow(130), rect(92, 92, 216, 224, colour, r=22), *grain, rect(92, 300, 216, 16, dark(colour, 0.2), r=8), circle(200, 122, 15, light(colour, 0.7))]
    if name == "magnet-bar":
        hung = [group(_knife(length, 30, handle), f"translate({x} 268) rotate(180) translate(0 120) scale(1 .8)") for x, length, handle in ((120, 96, "#3a3d42"), (190, 120, WOOD), (262, 76, "#7a4a3a"))]
        return [rect(60, 150, 280, 44, colour, r=10), rect(60, 182, 280, 12, dark(colour, 0.25), r=6), *hung]
    length, width = {"chef-knife": (190, 46), "bread-knife": (200, 34), "paring-knife": (92, 26)}[name]
    scale = 1.35 if name == "paring-knife" else 1.0
    knife = _knife(length, width, colour, waves=name == "bread-knife", thin=0.12 if name == "bread-knife" else 0.5)
    back = 60 if name != "paring-knife" else 80
    return [ellipse(212, 212, 132, 132, "#ffffff55"), group(knife, f"translate({back + 52} {324 - back / 4}) rotate(42) scale({scale})")]


def tableware(name: str, colour: str) -> list[str]:
    """Plates from above, cups and bowls from the side."""
    if name == "dinner-plate":
        specks = [circle(200 + 118 * ((k * 37 % 100) / 50 - 1) * 0.8, 200 + 118 * ((k * 61 % 100) / 50 - 1) * 0.8, 1.6 + k % 3, dark(colour, 0.4)) for k in range(46)]
        return [circle(204, 210, 138, "#2b211822"), circle(200, 200, 138, colour), circle(200, 200, 100, light(colour, 0.35)), circle(200, 200, 92, light(colour, 0.22)), *specks]
    if name == "serving-dish":
        return [ellipse(204, 214, 158, 96, "#2b211822"), ellipse(200, 204, 158, 96, dark(colour, 0.08)), ellipse(200, 200, 156, 92, light(colour, 0.3)), ellipse(200, 204, 118, 62, dark(colour, 0.1)), ellipse(200, 208, 114, 57, light(colour, 0.1))]
    if name == "soup-bowl":
        return [
            shadow(100), path("M76 176 Q82 304 172 312 L228 312 Q318 304 324 176Z", colour),
            path("M262 176 L324 176 Q318 304 228 312 Q262 270 262 176Z", dark(colour, 0.16)),
            ellipse(200, 176, 124, 30, light(colour, 0.35)), ellipse(200, 179, 114, 23, dark(colour, 0.35)), line("M84 204 Q200 246 316 204", light(colour, 0.5), 5),
        ]
    glaze = light(colour, 0.3)
    return [
        shadow(92), line("M282 190 q58 4 46 56 q-8 34 -58 30", dark(colour, 0.1), 18),
        path("M112 148 L288 148 L278 300 Q276 318 256 318 L144 318 Q124 318 122 300Z", colour),
        path("M112 148 L288 148 L284 206 Q262 226 240 204 Q214 232 190 206 Q160 230 140 208 Q128 218 116 206Z", glaze),
        path("M250 150 L288 148 L278 300 Q276 318 256 318 L232 318 Q254 250 250 150Z", dark(colour, 0.12)),
        ellipse(200, 148, 88, 19, light(colour, 0.5)), ellipse(200, 150, 79, 14, INK + "99"),
    ]
