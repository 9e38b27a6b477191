"""A person's genome as pages show it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from genom.app.node import Node
from genom.app.pages.ages import window_of
from genom.app.pages.places import Places, Ruler
from genom.app.pages.values import Words, has_amount, said, size, top_cells
from genom.app.pages.wording import words_of
from genom.app.reading import view_of
from genom.app.show import names
from genom.app.show.vocabulary import FAMILIES
from genom.console.genome import Cell, Family, Genome
from genom.genome import Gene, Read
from genom.web import Formats

__all__ = ["STRIP", "Strips", "formats_of"]

STRIP: Final = 200  # genes in the strip
_EACH: Final = 4  # of every family at least, so that none is left out


@lru_cache(maxsize=4)
def formats_of(language: str) -> Formats:
    """How a language writes values."""
    return Formats(language)


class Strips:
    """Genomes of persons, with the place of each value among all people."""

    def __init__(self, node: Node, places: Places) -> None:
        self._node, self._places = node, places

    def genome(self, person: int, *, purpose: str, language: str) -> Genome:
        """A person's genome now, through the gate.  Raises UnknownName for an unknown purpose."""
        self._node.purposes.bit(purpose)
        view = view_of(self._node, person, purpose=purpose)
        ruler = self._places.ruler(purpose)
        reads = [*view, *self._node.models.reads(person, view, purpose=purpose)]
        shown = _strip_genes([read.gene for read in reads], ruler)
        sight = _Sight(
            language=language, ruler=ruler, largest=_largest(reads) if ruler is None else {},
            words=words_of(self._node, language), window=lambda gene: window_of(self._node, gene, purpose),
        )  # fmt: skip
        families: dict[str, list[Read]] = {name: [] for name in FAMILIES}
        for read in reads:
            families.setdefault(read.gene.family, []).append(read)
        return Genome(
            purpose=purpose,
            at=view.at,
            people=ruler.people if ruler else 0,
            families=tuple(_family(name, members, shown, sight) for name, members in families.items() if members),
        )

    def mini(self, person: int, *, purpose: str, language: str) -> tuple[tuple[str, str, float], ...]:
        """The nine families of the small strip: name, state, mean place; a tenth of a genome's work."""
        view = view_of(self._node, person, purpose=purpose)
        ruler, genes = self._places.ruler(purpose), self._node.world.layout.genes.all
        shown = _strip_genes(genes, ruler)
        reads = [view.read(gene) for gene in genes if gene.id in shown]
        largest = _largest(reads) if ruler is None else {}
        sight = _Sight(language=language, ruler=ruler, largest=largest, words=words_of(self._node, language))
        return tuple(_mini(name, [read for read in reads if read.gene.family == name], sight) for name in FAMILIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """With what values are looked at."""

    language: str
    ruler: Ruler | None
    words: Words
    window: Callable[[Gene], int] = lambda _: 0  # days that events may serve it
    largest: dict[str, float]  # unit → the person's largest value; only without a ruler


def _family(name: str, reads: list[Read], shown: frozenset[str], sight: _Sight) -> Family:
    cells = tuple(_cell(read, sight) for read in reads)
    strip = tuple(cell for cell in cells if cell.gene in shown)
    return Family(id=name, name=names.family(name, sight.language), cells=cells, strip=strip)


def _mini(name: str, reads: list[Read], sight: _Sight) -> tuple[str, str, float]:
    states = {read.state for read in reads}
    state = "known" if "known" in states else "withheld" if states == {"withheld"} else "unknown"
    places = [place for read in reads if (place := _place(read, sight)) is not None]
    return names.family(name, sight.language), state, sum(places) / len(places) if places else 0.0


def _cell(read: Read, sight: _Sight) -> Cell:
    label = read.gene.label[sight.language]
    if read.state != "known":
        older = sight.window(read.gene) if read.outlived else 0
        return Cell(gene=read.gene.id, label=label, state=read.state, older=older)
    formats = formats_of(sight.language)
    return Cell(
        gene=read.gene.id,
        label=label,
        state="known",
        said=said(read, formats, sight.words),
        parts=top_cells(read, sight.words),
        place=_place(read, sight),
    )


def _place(read: Read, sight: _Sight) -> float | None:
    """Among all people; before they are measured, the logarithm against the person's largest value of the unit."""
    amount = size(read)
    if amount is None:
        return None
    if sight.ruler is not None and (place := sight.ruler.place(read.gene.id, amount)) is not None:
        return place
    top = sight.largest.get(read.gene.unit, 0.0)
    return math.log1p(abs(amount)) / math.log1p(top) if top else 0.0


def _largest(reads: Sequence[Read]) -> dict[str, float]:
    largest: dict[str, float] = defaultdict(float)
    for read in reads:
        largest[read.gene.unit] = max(largest[read.gene.unit], abs(size(read) or 0.0))
    return largest


def _strip_genes(genes: Sequence[Gene], ruler: Ruler | None) -> frozenset[str]:
    """The best-covered genes among those with an amount, a few of each family at least."""
    ranked = [gene for gene in genes if has_amount(gene)]
    if ruler is not None:
        ranked.sort(key=lambda gene: -ruler.coverage(gene.id))  # stable: what is covered equally stays as declared
    chosen: list[str] = []
    for name in FAMILIES:
        chosen += [gene.id for gene in ranked if gene.family == name][:_EACH]
    first = set(chosen)
    return frozenset((chosen + [gene.id for gene in ranked if gene.id not in first])[:STRIP])
