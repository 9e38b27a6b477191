"""The kit's gallery: each part of the pages once, with made-up values, for who builds pages and for the tests."""

from __future__ import annotations

import math
from typing import Final

from starlette.responses import Response

from genom.console.genome import Cell, Family
from genom.console.page import Page, Route
from genom.console.person import Entry, Reason
from genom.console.strip import BASE, HEIGHT, WIDTH, strip_drawing
from genom.console.visit import Visit

__all__ = ["gallery_page"]

_FAMILIES: Final = ("Identity", "Channels", "Rhythm", "Intent", "Value", "Taste", "Price", "Lifecycle", "Trust")
_SIZES: Final = (6, 14, 20, 18, 16, 28, 10, 12, 6)  # genes of each in the strip
_BADGES: Final = ("plain", "granted", "withheld", "ok", "alert")
_VERDICTS: Final = ("too_early", "better", "worse", "no_difference_yet", "health_problem")


def gallery_page() -> Page:
    """`/dev/kit`; no entry of the navigation leads there."""
    return Page(right="totals.read", routes=(Route(path="/dev/kit", handler=_show),))


async def _show(visit: Visit) -> Response:
    families = tuple(_family(name, size) for name, size in zip(_FAMILIES, _SIZES, strict=True))
    return visit.render(
        "gallery.html",
        blocks=strip_drawing(families),
        drawing=(WIDTH, HEIGHT, BASE),
        cells=[(family.name, family.state, family.place or 0.0) for family in families],
        badges=_BADGES,
        verdicts=_VERDICTS,
        reasons=(_reason("intent.cart", 0.31), _reason("taste.tea", 0.12), _reason("rhythm.gap", -0.14)),
        happened=tuple(_entry(kind) for kind in ("event", "order", "decision", "consent", "withdrawn", "link")),
        bins=[(str(n), round(90 * math.exp(-((n - 8) ** 2) / 20))) for n in range(20)],
    )


def _family(name: str, size: int) -> Family:
    cells = tuple(_cell(f"{name.lower()}.{number:02}", number, name) for number in range(size))
    return Family(id=name.lower(), name=name, cells=cells, strip=cells)


def _cell(gene: str, number: int, family: str) -> Cell:
    if family == "Price":
        return Cell(gene=gene, label=gene, state="withheld")
    if number % 9 == 8:
        return Cell(gene=gene, label=gene, state="unknown")
    place = abs(math.sin(number * 1.7 + len(family)))
    return Cell(gene=gene, label=gene, state="known", said=f"{place:.2f}", place=place)


def _reason(gene: str, value: float) -> Reason:
    return Reason(label=gene.replace(".", " "), gene=gene, value=value)


def _entry(kind: str) -> Entry:
    return Entry(at=1_772_452_800_000, kind=kind, title=kind, about="", where="web")
