"""Coffee beans, teas, and what they are brewed with."""

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
    ellipse,
    group,
    light,
    line,
    path,
    rect,
    shadow,
)

__all__ = ["beans", "brewing", "teas"]


def _bean(x: float, y: float, size: float, colour: str, turn: float) -> str:
    return group(
        [ellipse(0, 0, size, size * 0.68, colour), line(f"M{-size * 0.8} 0 q{size * 0.8} {-size * 0.5} {size * 1.6} 0", light(colour, 0.45), size / 7)],
        f"translate({x} {y}) rotate({turn})",
    )


def _bag(colour: str, mark: list[str]) -> list[str]:
    return [
        path("M124 92 L276 92 L290 306 Q290 320 276 320 L124 320 Q110 320 110 306Z", colour),
        path("M240 92 L276 92 L290 306 Q290 320 276 320 L246 320Z", dark(colour, 0.16)),
        rect(120, 78, 160, 26, dark(colour, 0.3), r=4), rect(120, 88, 160, 5, light(colour, 0.3)),
        rect(136, 158, 128, 112, PAPER, r=6), *mark,
    ]


def beans(name: str, colour: str) -> list[str]:
    """Bags with beans on the label."""
    roast = "#3b2218" if name in {"espresso-nero", "decaf-quiet"} else "#7a4a2c"
    if name == "beans-sampler":
        tints = ("#4a2c20", "#a8603a", "#c98b3d", "#6e7f8d")
        bags = [group(_bag(tint, [_bean(200, 214, 26, roast, -30)]), f"translate({-12 + 76 * k} {136 - 10 * (k % 2)}) scale(.46)") for k, tint in enumerate(tints)]
        return [shadow(160, y=316), *bags, rect(46, 258, 308, 58, WOOD, r=8), rect(46, 300, 308, 16, dark(WOOD, 0.2), r=8), rect(160, 274, 80, 18, PAPER, r=4)]
    mark = {
        "espresso-nero": [_bean(200, 205, 30, roast, -35), rect(158, 246, 84, 7, colour, r=3)],
        "crema-morning": [circle(200, 212, 30, "#e3a857"), rect(150, 214, 100, 40, PAPER), _bean(200, 226, 20, roast, 0)],
        "filter-hill": [path("M144 250 L186 186 L212 224 L228 200 L258 250Z", "#7f9a6a"), circle(238, 186, 10, "#e0a23d")],
        "decaf-quiet": [circle(200, 210, 31, "#33415c"), circle(212, 202, 26, PAPER), _bean(200, 250, 13, roast, 0)],
    }[name]
    loose = [_bean(96, 316, 13, roast, 20), _bean(306, 318, 12, roast, -25), _bean(326, 310, 11, roast, 50)]
    return [shadow(116), *_bag(colour, mark), *loose]


def _leaf(x: float, y: float, size: float, colour: str, turn: float) -> str:
    return group(
        [path(f"M0 0 Q{size * 0.55} {-size * 0.5} 0 {-size} Q{-size * 0.55} {-size * 0.5} 0 0Z", colour), line(f"M0 0 V{-size * 0.8}", light(colour, 0.5), 2)],
        f"translate({x} {y}) rotate({turn})",
    )


def teas(name: str, colour: str) -> list[str]:
    """Tins, each with its plant."""
    green = "#5d8a4a"
    mark = {
        "tea-east": [path("M150 232 q50 -52 100 0 l-14 30 h-72Z", "#6d3a22"), ellipse(200, 230, 46, 10, "#e9c79a"), rect(186, 196, 15, 15, "#ffffff", r=2, turn=20)],
        "tea-sencha": [_leaf(200, 262, 76, green, 0), _leaf(200, 262, 62, light(green, 0.15), -48), _leaf(200, 262, 62, dark(green, 0.15), 48)],
        "tea-herbs": [_leaf(176, 262, 60, green, -30), circle(214, 212, 12, "#e8b13a"), *[group([ellipse(0, -21, 7, 12, "#ffffff")], f"translate(214 212) rotate({45 * k})") for k in range(8)], circle(214, 212, 11, "#e8b13a"), line("M214 226 V262", green, 4)],
        "tea-rooibos": [circle(200, 222, 40, "#e8892f"), circle(200, 222, 33, "#f3b266"), *[line(f"M200 222 L{200 + 31 * c} {222 + 31 * s}", "#e8892f", 4) for c, s in ((1, 0), (0.5, 0.87), (-0.5, 0.87), (-1, 0), (-0.5, -0.87), (0.5, -0.87))]],
        "tea-earl": [circle(200, 226, 33, "#b9c24a"), _leaf(206, 196, 34, green, 55), circle(190, 216, 6, "#d7de84")],
    }[name]
    return [
        shadow(104), rect(116, 118, 168, 202, colour, r=12), rect(244, 118, 40, 202, dark(colour, 0.15), r=12),
        rect(110, 92, 180, 42, dark(colour, 0.3), r=10), rect(110, 124, 180, 8, light(colour, 0.25)),
        rect(140, 174, 120, 108, PAPER, r=54 if name in {"tea-earl", "tea-rooibos"} else 8), *mark,
    ]


def brewing(name: str, colour: str) -> list[str]:
    """Filter, pots, kettle and mill."""
    if name == "hand-filter":
        ribs = [line(f"M{150 + 20 * k} 150 L{176 + 10 * k} 214", dark(colour, 0.14), 3) for k in range(6)]
        cup = [path("M128 244 L272 244 L264 306 Q262 318 248 318 L152 318 Q138 318 136 306Z", "#7fa0a8"), line("M270 258 q34 2 28 30 q-4 16 -32 14", "#6a8c94", 11)]
        return [shadow(96), *cup, path("M110 128 L290 128 L234 226 L166 226Z", colour), *ribs, rect(126, 226, 148, 16, dark(colour, 0.12), r=8), ellipse(200, 128, 90, 20, light(colour, 0.5)), ellipse(200, 131, 78, 14, "#5a3521"), line("M200 240 V250", "#5a3521", 5)]
    if name == "moka-pot":
        return [
            shadow(86), line("M272 150 h40 l-8 92", INK, 15), path("M140 196 L260 196 L284 316 L116 316Z", colour), path("M214 196 L260 196 L284 316 L222 316Z", dark(colour, 0.15)),
            rect(132, 184, 136, 16, dark(colour, 0.3), r=4), path("M140 184 L122 104 L278 104 L260 184Z", light(colour, 0.2)), path("M216 184 L224 104 L278 104 L260 184Z", dark(colour, 0.06)),
            path("M122 104 L98 116 L128 134Z", light(colour, 0.1)), path("M128 104 L200 70 L272 104Z", colour), circle(200, 68, 9, INK), circle(156, 246, 6, "#c98b3d"),
        ]
    if name == "kettle-goose":
        return [
            shadow(112), line("M148 262 q-62 4 -66 -66 q-2 -42 -34 -46", light(colour, 0.16), 15), line("M262 152 q74 -18 66 74 q-4 34 -16 48", WOOD, 17),
            path("M132 156 L268 156 L296 300 Q298 318 280 318 L120 318 Q102 318 104 300Z", colour), path("M228 156 L268 156 L296 300 Q298 318 280 318 L236 318Z", dark(colour, 0.35)),
            rect(140, 140, 120, 18, light(colour, 0.22), r=8), circle(200, 130, 12, WOOD), line("M138 190 L128 280", light(colour, 0.35), 6),
        ]
    if name == "teapot-cast":
        dots = [circle(112 + 28 * (k % 7) + (k // 7 % 2) * 14, 218 + 24 * (k // 7), 4, light(colour, 0.22)) for k in range(21)]
        return [shadow(112), line("M112 176 Q200 42 288 176", INK, 12), path("M296 214 L346 184 L350 202 L306 258Z", dark(colour, 0.1)), path("M92 240 Q98 166 200 166 Q302 166 308 240 Q304 314 200 318 Q96 314 92 240Z", colour), *dots, path("M142 172 Q200 140 258 172Z", light(colour, 0.18)), circle(200, 148, 11, dark(colour, 0.3))]
    return [
        shadow(84), line("M200 96 L300 74", METAL, 9), circle(304, 72, 17, WOOD), path("M152 96 L248 96 L262 148 L138 148Z", STEEL), rect(142, 146, 116, 86, colour, r=6),
        rect(218, 146, 40, 86, dark(colour, 0.15), r=6), rect(136, 228, 128, 14, METAL, r=4), rect(144, 242, 112, 76, light(colour, 0.12), r=8), rect(222, 242, 34, 76, dark(colour, 0.06), r=8), circle(200, 280, 8, "#3b2b20"),
    ]
