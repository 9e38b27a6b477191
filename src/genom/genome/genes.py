"""Genes are declared: a family, an op, a filter, a property and its half-lives, once, for every purpose."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genom.errors import BadConfiguration, UnknownName, nearest
from genom.genome.attributes import NO_ATTRIBUTES, Attributes
from genom.genome.declaration import FAMILIES, HALF_LIVES, LANGUAGES, LIFETIME, Declaration, Filter, read_content
from genom.genome.ops import OPS

__all__ = ["FAMILIES", "HALF_LIVES", "Filter", "Gene", "Genes", "load_genes"]

_SPANS: Final = {
    "1h": {"en": "last hours", "de": "letzte Stunden"},
    "1d": {"en": "last days", "de": "letzte Tage"},
    "7d": {"en": "last weeks", "de": "letzte Wochen"},
    "30d": {"en": "last months", "de": "letzte Monate"},
    "365d": {"en": "last years", "de": "letzte Jahre"},
    LIFETIME: {"en": "ever", "de": "insgesamt"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gene:
    """One gene: what it means and how it is kept; ids are immutable, a changed meaning gets a new id."""

    id: str
    family: str
    op: str
    filter: Filter
    filter_name: str
    property: str
    half_life: str  # a key of HALF_LIVES, or "lifetime"
    unit: str
    label: Mapping[str, str]
    function: str
    length: int
    attribute: str = ""

    @builtins.property  # a field has this name
    def decayed(self) -> bool:
        """Whether the gene forgets."""
        return self.half_life != LIFETIME


class Genes:
    """A version of the gene set: the genes, and the purposes for which each is kept apart."""

    def __init__(
        self,
        genes: list[Gene],
        purposes: tuple[str, ...],
        rings: Mapping[str, int],
        *,
        also: Mapping[str, str] | None = None,
        attributes: Attributes = NO_ATTRIBUTES,
    ) -> None:
        self.all = tuple(genes)
        self.purposes, self.rings, self.also, self.attributes = purposes, dict(rings), dict(also or {}), attributes
        self._by_id = {gene.id: gene for gene in genes}

    @builtins.property
    def every_purpose(self) -> tuple[str, ...]:
        """The purposes that a copy is kept for, and those that families need also."""
        return tuple(dict.fromkeys((*self.purposes, *self.also.values())))

    def __iter__(self) -> Iterator[Gene]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, gene_id: str) -> Gene:
        try:
            return self._by_id[gene_id]
        except KeyError:
            raise UnknownName(
                f"There is no gene named {gene_id!r}.",
                why=f"the genome defines {len(self)} genes, and none has this name",
                fix=f"{nearest(gene_id, self._by_id)}  List them with `genom genes`.".strip(),
                code="genome.unknown-gene",
            ) from None


def load_genes(path: Path | None = None) -> Genes:
    """The genes of a YAML file, by default the standard genome of a shop.

    Raises BadConfiguration that names the gene, the field and the nearest known name.

    >>> genes = load_genes()
    >>> genes["value.order_value.sum.30d"].label["de"]
    'Bestellwert, letzte Monate'
    """
    path = path or Path(__file__).with_name("standard.yaml")
    content = read_content(path)
    genes = [gene for line in content.declared for gene in _expand(line, content.filters)]
    _unique([gene.id for gene in genes], path)
    attributes = Attributes(content.attributes)
    return Genes(genes, content.purposes, content.rings, also=content.also, attributes=attributes)


def _expand(line: Declaration, filters: Mapping[str, Filter]) -> Iterator[Gene]:
    decays = OPS[line.op].decays
    for span in line.over:
        yield Gene(
            id=".".join((line.family, line.name, line.function or line.op, *([span] if decays else []))),
            family=line.family, op=line.op, filter=filters[line.of], filter_name=line.of, property=line.property,
            half_life=span, unit=line.unit, label=_labels(line, span, decays), function=line.function,
            length=line.length, attribute=line.attribute,
        )  # fmt: skip


def _labels(line: Declaration, span: str, decays: bool) -> dict[str, str]:
    own = {language: line.label[language] for language in LANGUAGES}
    return {language: f"{text}, {_SPANS[span][language]}" if decays else text for language, text in own.items()}


def _unique(ids: list[str], path: Path) -> None:
    twice = sorted({gene for gene in ids if ids.count(gene) > 1})
    if twice:
        what = f"{path.name} declares {twice[0]} twice."
        raise BadConfiguration(what, why="gene ids are unique", fix="rename one of them")
