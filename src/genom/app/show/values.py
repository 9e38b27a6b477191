"""A gene's value as people read it."""

from __future__ import annotations

import math
from typing import Any

from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.numbers import amount, moment, number, percent
from genom.app.show.page import Json, Page

__all__ = ["magnitude", "said", "top_cells"]


def said(gene: Json, page: Page) -> str:
    """The value with its unit; of a withheld or unknown gene only that it is so, whatever else it carries."""
    if gene["state"] != "known":
        return page.say("withheld") if gene["state"] == "withheld" else names.unknown(page.language)
    value = gene.get("value")
    if isinstance(value, str):
        return _text(gene, value, page.language)
    return "-" if value is None else _number(gene["unit"], float(value), page.language)


def top_cells(gene: Json, page: Page, most: int) -> list[tuple[str, float]]:
    """The largest cells of a known histogram: what each stands for, and its share of all."""
    cells: dict[str, float] = gene.get("cells") or {}
    total = sum(cells.values())
    if gene["state"] != "known" or not total > 0:
        return []
    largest = sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))[:most]
    return [(names.cell(gene["id"], name, page.language), value / total) for name, value in largest]


def magnitude(gene: Json) -> float | None:
    """How much a known gene holds; None for a text or a time."""
    value: Any = sum(gene["cells"].values()) if gene.get("cells") else gene.get("value")
    return abs(float(value)) if isinstance(value, int | float) and math.isfinite(value) else None


def _text(gene: Json, value: str, language: str) -> str:
    if gene["unit"] == "time":
        return moment(clean(value), language)
    if gene["id"].endswith(".funnel_stage"):
        return names.stage(value, language)
    return names.where(value, language) if gene["family"] == "channels" else clean(value)


def _number(unit: str, value: float, language: str) -> str:
    if unit == "share":
        return percent(value, language)
    if len(unit) == 3 and unit.isupper():
        return amount(value, unit, language)
    return f"{number(value, language)} {names.unit(unit, value, language)}".rstrip()
