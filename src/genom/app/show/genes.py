"""The genes that a genome has, by family."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from genom.app.show import names
from genom.app.show.clean import line
from genom.app.show.genome import by_family
from genom.app.show.numbers import number
from genom.app.show.page import SOFT, STRONG, Json, Page, heading, page, spread

__all__ = ["show_genes"]


def show_genes(
    console: Console, genes: list[dict[str, Any]], *, language: str = "en", width: int | None = None
) -> None:
    """List genes (id, family, label, op, unit) by family; ids are never cut, so that they can be copied.

    Raises UnknownName for a language other than `en` and `de`.
    """
    sheet = page(console, language, width)
    if not genes:
        sheet.put([Text(sheet.say("no genes"), STRONG), *sheet.wrapped(Text(sheet.say("no genes fix")))])
        return
    families = by_family(list(genes))
    total = sheet.say("genes in all", n=number(len(genes), language), families=len(families))
    longest = max(line(gene["id"]).cell_len for gene in genes)
    one_line = all(_needed(gene, longest, sheet) <= sheet.width for gene in genes)
    lines = [Text(total, STRONG)]
    for name, members in families.items():
        count = Text(sheet.say("genes counted", n=number(len(members), language)), SOFT)
        lines += [Text(""), heading(names.family(name, language), count, sheet.width)]
        lines += [each for gene in members for each in _gene(gene, longest, sheet, one_line=one_line)]
    sheet.put(lines)


def _gene(gene: Json, longest: int, page: Page, *, one_line: bool) -> list[Text]:
    name, label, kind = line(gene["id"]), line(gene["label"]), Text(_kind(gene, page), SOFT)
    if one_line:
        name.pad_right(longest + 2 - name.cell_len)
        return [spread(name + label, kind, page.width)]
    return [spread(name, kind, page.width), *page.wrapped(label, indent=4)]


def _kind(gene: Json, page: Page) -> str:
    unit = names.unit(gene["unit"], 2, page.language)
    return " · ".join(part for part in (names.op(gene["op"], page.language), unit) if part)


def _needed(gene: Json, longest: int, page: Page) -> int:
    return longest + 2 + line(gene["label"]).cell_len + 1 + len(_kind(gene, page))
