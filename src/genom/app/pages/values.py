"""A gene's value as pages need it: how much it is, and how people read it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Final

from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.value_words import value_words
from genom.genome import Gene, Read
from genom.web import Formats

__all__ = ["Words", "has_amount", "said", "size", "top_cells"]

Words = Callable[[Gene, str], str]  # what a text or a cell of a gene is called

_FADED: Final = 0.05


def has_amount(gene: Gene) -> bool:
    """Whether values of this gene can be compared: a channel or a category cannot; a probability speaks for itself.

    >>> from genom.genome import load_genes
    >>> genes = load_genes()
    >>> has_amount(genes["rhythm.order.recency"]), has_amount(genes["channels.first.first"])
    (True, False)
    """
    return gene.unit not in {"", "probability"}


def size(read: Read) -> float | None:
    """How much a known gene holds, so that people can be compared: cells are added up, a time is unix ms."""
    if read.state != "known" or not has_amount(read.gene):
        return None
    if isinstance(read.value, str):
        return _milliseconds(read.value)
    amount = sum(read.cells.values()) if read.cells is not None else read.value
    if amount is None or not math.isfinite(amount):
        return None
    # a count that has faded is shown as zero, and is as much as zero
    return float(amount) if abs(amount) >= _FADED or read.gene.unit == "share" else 0.0


def said(read: Read, formats: Formats, words: Words | None = None) -> str:
    """The value with its unit; empty for a gene that is not known, and for one that is a distribution."""
    if read.state != "known" or read.value is None:
        return ""
    if isinstance(read.value, str):
        return _text(read.gene, read.value, formats, words)
    return _number(read.gene.unit, read.value, formats)


def top_cells(read: Read, words: Words, most: int = 3) -> tuple[tuple[str, float], ...]:
    """The largest cells of a distribution: what each stands for, and its share of all (or its probability)."""
    cells = read.cells if read.state == "known" and read.cells else {}
    total = sum(cells.values()) if read.gene.unit != "probability" else 1.0
    if not total > 0:
        return ()
    largest = sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))[:most]
    return tuple((words(read.gene, name), value / total) for name, value in largest)


def _milliseconds(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() * 1000
    except ValueError:
        return None


def _text(gene: Gene, value: str, formats: Formats, words: Words | None) -> str:
    if gene.unit == "time":
        at = _milliseconds(value)
        return clean(value) if at is None else formats.moment(int(at))
    return words(gene, value) if words else value_words(gene, value, formats.language)


def _number(unit: str, value: float, formats: Formats) -> str:
    return _written(unit, round(value, 3), formats) if math.isfinite(value) else "\N{EN DASH}"


@lru_cache(maxsize=20_000)
def _written(unit: str, value: float, formats: Formats) -> str:
    """Kept, because a genome says the same few hundred small figures again and again."""
    if unit in {"share", "probability"}:
        return formats.percent(value)
    if len(unit) == 3 and unit.isupper():
        return formats.money(value, unit)
    digits = 0 if value.is_integer() or abs(value) >= 99.95 or abs(value) < _FADED else 1
    return f"{formats.number(value, digits)} {names.unit(unit, value, formats.language)}".rstrip()
