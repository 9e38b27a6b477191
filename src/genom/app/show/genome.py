"""The genome as a strip, one line a family, and the most telling genes of each."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Final

from rich.text import Text

from genom.app.show import names
from genom.app.show.bars import bar, level
from genom.app.show.clean import clean, line
from genom.app.show.numbers import percent
from genom.app.show.page import ACCENT, GAP, NOTE, SOFT, STRONG, Json, Page, beside, heading, spread
from genom.app.show.telling import most_telling
from genom.app.show.values import magnitude, said, top_cells
from genom.app.show.vocabulary import FAMILIES

__all__ = ["by_family", "sections", "strip"]

UNKNOWN: Final = "╌"
WITHHELD: Final = "░"
TEXT: Final = "■"  # a text or a time has no height
_NAME: Final = 14  # cells of a family's name
_COUNT: Final = 9  # cells of "45/45"
_GENES: Final = 4  # most in a section
_BAR: Final = 36  # cells of the longest bar
_CELLS: Final = 3  # most of a histogram
_TWO_COLUMNS: Final = 110  # cells from which sections stand side by side


def by_family(genes: list[Json]) -> dict[str, list[Json]]:
    """Genes by family, the nine of the house first."""
    grouped: dict[str, list[Json]] = defaultdict(list)
    for gene in genes:
        grouped[gene["family"]].append(gene)
    return {name: grouped[name] for name in [*FAMILIES, *grouped] if name in grouped}


def strip(families: dict[str, list[Json]], page: Page) -> list[Text]:
    """One character a gene: its height is the logarithm of its value, against the largest of the same unit."""
    largest = _largest(families)
    marks = {"low": level(0), "high": level(1), "text": TEXT, "unknown": UNKNOWN, "withheld": WITHHELD}
    legend = Text(page.say("legend", **marks), SOFT)
    room = min(page.width - _NAME - _COUNT, max(len(genes) for genes in families.values()))
    lines = [_strip_line(name, genes, largest, page, room) for name, genes in families.items()]
    return [heading(page.say("genome"), Text(), page.width), *lines, Text(" " * _NAME, end="") + legend]


def sections(families: dict[str, list[Json]], page: Page) -> list[Text]:
    """The most telling genes, a section a family; side by side where there is room."""
    if page.width < _TWO_COLUMNS:
        return [each for name, genes in families.items() for each in _section(name, genes, page, page.width)]
    width = (page.width - GAP) // 2
    return _in_columns([_section(name, genes, page, width) for name, genes in families.items()], width)


def _in_columns(parts: list[list[Text]], width: int) -> list[Text]:
    """The split into two columns whose longer one is shortest."""
    lengths = [len(part) for part in parts]
    at = min(range(len(parts) + 1), key=lambda i: max(sum(lengths[:i]), sum(lengths[i:])))
    left, right = ([each for part in some for each in part] for some in (parts[:at], parts[at:]))
    return beside(left, right, width)


def _strip_line(name: str, genes: list[Json], largest: dict[str, float], page: Page, room: int) -> Text:
    step = math.ceil(len(genes) / room)
    glyphs = Text(end="")
    for start in range(0, len(genes), step):
        glyphs += max((_glyph(gene, largest) for gene in genes[start : start + step]), key=lambda glyph: glyph[0])[1]
    known = sum(gene["state"] == "known" for gene in genes)
    withheld = all(gene["state"] == "withheld" for gene in genes)
    count = Text(page.say("withheld") if withheld else f"{known}/{len(genes)}", NOTE if withheld else SOFT)
    title = line(names.family(name, page.language), most=_NAME - 1)
    return spread(Text.assemble(title, " " * (_NAME - title.cell_len), glyphs), count, _NAME + room + _COUNT)


def _glyph(gene: Json, largest: dict[str, float]) -> tuple[float, Text]:
    """A gene's character, and its rank among those that share a place."""
    if gene["state"] != "known":
        return (-1, Text(UNKNOWN, SOFT)) if gene["state"] == "unknown" else (-2, Text(WITHHELD, NOTE))
    size = magnitude(gene)
    if size is None:
        return 0.5, Text(TEXT, ACCENT)
    top = largest[gene["unit"]]
    share = math.log1p(size) / math.log1p(top) if top else 0.0
    return share, Text(level(share), ACCENT if share > 0 else SOFT)


def _largest(families: dict[str, list[Json]]) -> dict[str, float]:
    largest: dict[str, float] = defaultdict(float)
    for gene in (gene for genes in families.values() for gene in genes if gene["state"] == "known"):
        largest[gene["unit"]] = max(largest[gene["unit"]], magnitude(gene) or 0.0)
    return largest


def _section(name: str, genes: list[Json], page: Page, width: int) -> list[Text]:
    lines = [Text(""), heading(names.family(name, page.language), Text(), width)]
    for gene in most_telling(genes, most=_GENES):
        lines += _gene(gene, page, width)
    withheld = sum(gene["state"] == "withheld" for gene in genes)
    if withheld:
        lines.append(spread(Text(page.say("genes counted", n=withheld)), Text(page.say("withheld"), NOTE), width))
    if len(lines) == 2:
        lines.append(Text(page.say("none known"), SOFT))
    return lines


def _gene(gene: Json, page: Page, width: int) -> list[Text]:
    label = line(gene["label"])
    if cells := top_cells(gene, page, _CELLS):
        return [label, *_cells(cells, page, width)]
    value = Text(clean(said(gene, page), most=width - 4), STRONG)
    if label.cell_len + value.cell_len + 2 <= width or value.cell_len <= 24:
        return [spread(label, value, width)]
    return [label, spread(Text(""), value, width)]


def _cells(cells: list[tuple[str, float]], page: Page, width: int) -> list[Text]:
    room = width - 2 - 1 - 8  # indent, gap, share
    longest = min(max(line(name).cell_len for name, _ in cells), room // 2)
    most, room = max(share for _, share in cells), min(room - longest, _BAR)
    lines = []
    for name, share in cells:
        label = line(name, most=longest)
        left = Text.assemble("  ", label, " " * (longest - label.cell_len + 1), (bar(share / most, room), ACCENT))
        lines.append(spread(left, Text(percent(share, page.language)), width))
    return lines
