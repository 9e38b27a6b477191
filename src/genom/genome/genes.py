"""Genes are declared: a family, an op, a filter, a property and its half-lives, once, for every purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from genom.errors import BadConfiguration, UnknownName, nearest
from genom.genome.ops import OPS
from genom.words import CHANNELS, Kind

__all__ = ["FAMILIES", "HALF_LIVES", "Filter", "Gene", "Genes", "load_genes"]

FAMILIES: Final = ("identity", "channels", "rhythm", "intent", "value", "taste", "price", "lifecycle", "trust")
HALF_LIVES: Final[dict[str, int]] = {
    "1h": 3_600_000,
    "1d": 86_400_000,
    "7d": 604_800_000,
    "30d": 2_592_000_000,
    "365d": 31_536_000_000,
}
"""Half-life → milliseconds."""

LIFETIME: Final = "lifetime"
_SPANS_EN: Final = {"1h": "last hours", "1d": "last days", "7d": "last weeks", "30d": "last months", "365d": "last years"}
_SPANS_DE: Final = {"1h": "letzte Stunden", "1d": "letzte Tage", "7d": "letzte Wochen", "30d": "letzte Monate", "365d": "letzte Jahre"}
_SPANS: Final = {"en": _SPANS_EN | {LIFETIME: "ever"}, "de": _SPANS_DE | {LIFETIME: "insgesamt"}}


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows a gene looks at: kinds of event, the events or their lines, and bits that a row must have."""

    kinds: tuple[str, ...] = ()  # empty = every kind
    lines: bool = False  # the order lines instead of the events
    channel: str = ""
    bits: tuple[str, ...] = ()  # such as discounted, coupon, weekend, morning


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the YAML: one gene for each of its half-lives."""

    family: str
    name: str
    op: str
    label: dict[str, str]
    of: str = "any"  # name of a filter
    property: str = ""
    over: tuple[str, ...] = (LIFETIME,)
    unit: str = ""
    function: str = ""  # for ring
    length: int = 5  # for ring functions that return the last ones


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

    @property
    def decayed(self) -> bool:
        """Whether the gene forgets."""
        return self.half_life != LIFETIME


class Genes:
    """A version of the gene set: the genes, and the purposes for which each is kept apart."""

    def __init__(self, genes: list[Gene], purposes: tuple[str, ...], rings: Mapping[str, int]) -> None:
        self.all = tuple(genes)
        self.purposes, self.rings = purposes, dict(rings)
        self._by_id = {gene.id: gene for gene in genes}

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
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    try:
        filters = msgspec.convert(content["filters"], dict[str, Filter])
        declared = msgspec.convert(content["genes"], list[Declaration])
    except (msgspec.ValidationError, KeyError) as error:
        raise BadConfiguration(f"The genes in {path.name} cannot be read.", why=str(error), fix="mend the file") from error
    genes = [gene for line in declared for gene in _expand(line, filters, path)]
    _unique([gene.id for gene in genes], path)
    purposes = tuple(content["purposes"])
    if not 1 <= len(purposes) <= 4:
        raise BadConfiguration(f"{path.name} names {len(purposes)} purposes.", why="a genome is kept for 1 to 4", fix="name fewer")
    for name, size in content["rings"].items():
        if size & (size - 1) or not 1 <= size <= 1024:
            raise BadConfiguration(f"{path.name}: the ring {name!r} has {size} records.", why="it must be a power of two up to 1024", fix="use 16, 32 …")
    return Genes(genes, purposes, content["rings"])


def _expand(line: Declaration, filters: Mapping[str, Filter], path: Path) -> Iterator[Gene]:
    where = f"{path.name}: {line.family}.{line.name}"
    _known(line.family, FAMILIES, "family", where)
    _known(line.op, OPS, "op", where)
    _known(line.of, filters, "filter", where)
    _check_filter(filters[line.of], where)
    op = OPS[line.op]
    if op.properties and line.property not in op.properties:
        _known(line.property, op.properties, "property", where)
    if op.functions:
        _known(line.function, op.functions, "function", where)
    for span in line.over:
        _known(span, (*HALF_LIVES, LIFETIME), "half-life", where)
        if (span == LIFETIME and not op.lifetime) or (span != LIFETIME and not op.decays):
            raise BadConfiguration(f"{where} cannot be kept over {span!r}.", why=f"the op {line.op} has no such form", fix="remove it")
        yield Gene(
            id=".".join((line.family, line.name, line.function or line.op, *([span] if op.decays else []))),
            family=line.family, op=line.op, filter=filters[line.of], filter_name=line.of, property=line.property,
            half_life=span, unit=line.unit, label=_labels(line, span, op.decays), function=line.function, length=line.length,
        )  # fmt: skip


def _labels(line: Declaration, span: str, decays: bool) -> dict[str, str]:
    return {language: f"{line.label[language]}, {_SPANS[language][span]}" if decays else line.label[language] for language in ("en", "de")}


def _check_filter(chosen: Filter, where: str) -> None:
    for kind in chosen.kinds:
        _known(kind, Kind.__members__, "kind", where)
    if chosen.channel:
        _known(chosen.channel, CHANNELS, "channel", where)


def _known(name: str, known: Any, what: str, where: str) -> None:
    if name not in known:
        raise BadConfiguration(
            f"{where} has the unknown {what} {name!r}.",
            why=f"known are {', '.join(sorted(map(str, known)))}",
            fix=nearest(name, map(str, known)) or "use a known name",
        )


def _unique(ids: list[str], path: Path) -> None:
    twice = sorted({gene for gene in ids if ids.count(gene) > 1})
    if twice:
        raise BadConfiguration(f"{path.name} declares {twice[0]} twice.", why="gene ids are unique", fix="rename one of them")
