"""Genes are declared: a family, an op, a filter, a property and its half-lives, once, for every purpose."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from genom.errors import BadConfiguration, UnknownName, nearest
from genom.genome.attributes import NO_ATTRIBUTES, Attributes
from genom.genome.crossing import crossed
from genom.genome.declaration import FAMILIES, HALF_LIVES, LIFETIME, Content, Declaration, check_content, read_content
from genom.genome.describing import description_of, label_of
from genom.genome.filters import EVERYTHING, Filter, Rows, rows_of
from genom.genome.formula import Node, names, parse
from genom.genome.inputs import check_inputs, families_of
from genom.genome.ops import BUCKETS, HASHED, OPS, RING_OF
from genom.genome.ring_rows import ring_read
from genom.typed import converted

__all__ = ["FAMILIES", "HALF_LIVES", "Filter", "Gene", "Genes", "declare", "load_genes"]

_ALL = Rows(lines=False, terms=EVERYTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gene:
    """One gene: what it means and how it is kept; ids are immutable, a changed meaning gets a new id."""

    id: str
    family: str
    op: str
    filter: Filter
    filter_name: str
    property: str
    half_life: str  # such as 30d, or "lifetime"
    unit: str
    label: Mapping[str, str]
    function: str
    length: int
    attribute: str = ""
    rows: Rows = _ALL  # the filter, compiled
    base_name: str = ""  # name of the filter that a ratio or share divides by
    base_rows: Rows = _ALL
    base_property: str = ""
    window: str = ""  # that the gene looks back over, for ops that answer any
    buckets: int = 0
    formula: Node | None = None
    description: Mapping[str, str] = field(default_factory=dict)
    purposes: tuple[str, ...] = ()  # that it is kept for; empty = all of the genome
    owner: str = ""
    ring: str = ""  # whose records a function reads

    @builtins.property  # a field has this name
    def decayed(self) -> bool:
        """Whether the gene forgets."""
        return self.half_life != LIFETIME

    @builtins.property
    def span(self) -> str:
        """The half-life or window in its id; empty for an op that has one form only."""
        op = OPS.get(self.op)
        return (self.window or self.half_life) if op and (op.decays or op.windows) else ""

    @builtins.property
    def inputs(self) -> tuple[str, ...]:
        """The genes that it is computed from."""
        return names(self.formula) if self.formula else ()

    @builtins.property
    def is_number(self) -> bool:
        """Whether its value is a single number, never a text, a time or many cells."""
        if self.op in {"first", "last"}:
            return self.property in {"amount", "discount", "quantity"}
        return not RING_OF[self.function].text if self.function else self.op != "histogram"


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
        self._families = families_of(self._by_id)

    @builtins.property
    def every_purpose(self) -> tuple[str, ...]:
        """The purposes that a copy is kept for, and those that families need also."""
        return tuple(dict.fromkeys((*self.purposes, *self.also.values())))

    def __iter__(self) -> Iterator[Gene]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __contains__(self, gene_id: object) -> bool:
        return gene_id in self._by_id

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

    def families(self, gene: Gene) -> frozenset[str]:
        """The families that a gene's value comes from: its own, and those of the genes in its formula."""
        return self._families.get(gene.id) or frozenset({gene.family})


def load_genes(path: Path | None = None) -> Genes:
    """The genes of a YAML file, by default the standard genome of a shop.

    Raises BadConfiguration that names the gene, the field and the nearest known name.

    >>> genes = load_genes()
    >>> genes["value.order_value.sum.30d"].label["de"]
    'Bestellwert, letzte Monate'
    """
    path = path or Path(__file__).with_name("standard.yaml")
    return _genes_of(read_content(path), path.name)


def declare(content: Content | Mapping[str, Any], name: str = "the declaration") -> Genes:
    """The genes of a declaration in Python: the schema of the YAML, as structs or as plain mappings.

    Raises BadConfiguration as `load_genes` does.

    >>> orders = Filter(kinds=("ORDER_COMPLETED",))
    >>> spent = Declaration(family="value", name="spent", op="mean", of="order", property="amount", over=("90d",),
    ...                     unit="EUR", label={"en": "Mean order", "de": "Mittlere Bestellung"})
    >>> rings = {"events": 32, "items": 32, "messages": 16, "declared": 16}
    >>> filters = {"any": Filter(), "order": orders}
    >>> content = Content(purposes=("recommend",), rings=rings, filters=filters, genes=[spent])
    >>> [gene.id for gene in declare(content)]
    ['value.spent.mean.90d']
    """
    if not isinstance(content, Content):
        try:
            content = converted(crossed(content, name), Content)
        except msgspec.ValidationError as error:
            raise BadConfiguration(f"{name} cannot be read.", why=str(error), fix="mend it") from error
    check_content(content, name)
    return _genes_of(content, name)


def _genes_of(content: Content, name: str) -> Genes:
    genes = [gene for line in content.declared for gene in _expand(line, content)]
    _unique([gene.id for gene in genes], name)
    check_inputs({gene.id: gene for gene in genes}, name)
    attributes = Attributes(content.attributes)
    return Genes(genes, content.purposes, content.rings, also=content.also, attributes=attributes)


def _expand(line: Declaration, content: Content) -> Iterator[Gene]:
    op = OPS[line.op]
    rows = rows_of(line.of, content.filters)
    base_name = line.to or line.within
    base = rows_of(base_name, content.filters) if base_name else _ALL
    for span in line.over:
        spanned, window = op.decays or op.windows, span if op.windows else ""
        version = () if line.version == 1 else (f"v{line.version}",)
        yield Gene(
            id=".".join((line.family, line.name, line.function or line.op, *([span] if spanned else []), *version)),
            family=line.family, op=_op_of(line), filter=content.filters[line.of], filter_name=line.of,
            property=line.property, half_life=LIFETIME if op.windows else span, unit=line.unit,
            label=label_of(line, span), function=line.called, length=line.length, attribute=line.attribute,
            rows=rows.within(base) if line.within else rows, base_name=base_name, base_rows=base,
            base_property=line.property if line.within else line.to_property, window=window,
            buckets=_buckets(line), formula=parse(line.formula) if line.formula else None,
            description=description_of(line, span), purposes=line.purposes, owner=line.owner or content.owner,
            ring=line.ring or (ring_read(line.called, rows) if line.called else ""),
        )  # fmt: skip


def _op_of(line: Declaration) -> str:
    return "declared" if line.called in OPS["declared"].functions else line.op


def _buckets(line: Declaration) -> int:
    open_set = line.op == "distinct" or (line.op == "histogram" and line.property in HASHED)
    return (line.buckets or BUCKETS) if open_set else 0


def _unique(ids: list[str], file: str) -> None:
    twice = sorted({gene for gene in ids if ids.count(gene) > 1})
    if twice:
        what = f"{file} declares {twice[0]} twice."
        raise BadConfiguration(what, why="gene ids are unique", fix="rename one of them")
