"""Parts: what the kernel keeps for genes.  Genes that need the same part share its cells."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Final

from genom.genome.filters import MONEY, Rows, present
from genom.genome.genes import Gene, Genes
from genom.genome.ops import HASHED, OPS, SIZES
from genom.genome.ops.base import CODES, FORMS, Form, Kept
from genom.genome.spans import milliseconds

__all__ = ["SUMMED", "Part", "companions", "parts_of"]

SUMMED: Final = ("count", "sum")
_SPREAD: Final = ("histogram", "hashed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A form over some rows, for some half-life: the key under which genes share cells."""

    form: str  # a key of FORMS
    rows: Rows
    property: str
    half_life: int  # ms; 0 = for ever
    size: int  # cells
    also: str  # a purpose that rows must serve too
    purposes: tuple[str, ...]  # that it is kept for; empty = all

    @builtins.property  # a field has this name
    def how(self) -> Form:
        """What the kernel does."""
        return FORMS[self.form]

    @builtins.property  # a field has this name
    def code(self) -> int:
        """The op's code."""
        return CODES[self.how.decayed if self.half_life else self.how.lifetime]

    @builtins.property  # a field has this name
    def order(self) -> tuple[object, ...]:
        """Parts that the same rows change lie together: a row then touches few cache lines."""
        kinds = tuple(term.kinds or () for term in self.rows.terms)
        return self.form in _SPREAD, self.rows.lines, kinds


def parts_of(genes: Genes, gene: Gene) -> tuple[Part, ...]:
    """The parts that a gene reads, in the order in which its op expects them."""
    op = OPS.get(gene.op)
    return tuple(_part(genes, gene, kept) for kept in op.keeps) if op else ()


def companions(part: Part) -> tuple[Part, Part]:
    """The count and the sum that a part of squared deviations is about."""
    how = {"rows": part.rows, "half_life": part.half_life, "also": part.also, "purposes": part.purposes, "size": 1}
    return Part(form="count", property="", **how), Part(form="sum", property=part.property, **how)  # type: ignore[arg-type]  # one mapping of both


def _part(genes: Genes, gene: Gene, kept: Kept) -> Part:
    property, rows = (gene.base_property, gene.base_rows) if kept.base else (gene.property, gene.rows)
    form = "count" if kept.form == "sum" and not property else kept.form
    if form == "histogram" and property in HASHED:
        form = "hashed"
    if kept.present or property in MONEY:
        rows = present(rows, property)
    half_life = milliseconds(gene.half_life)
    return Part(
        form=form,
        rows=rows,
        property="" if form == "count" else property,
        half_life=half_life,
        size=_size(form, property, gene.buckets, decayed=half_life > 0),
        also=genes.also.get(gene.family, ""),
        purposes=gene.purposes,
    )


def _size(form: str, property: str, buckets: int, *, decayed: bool) -> int:
    if form == "histogram":
        return SIZES[property]
    if form == "hashed":
        return buckets
    if form == "distinct":
        return buckets // 2  # two times in an integer
    return 1 if decayed else len(FORMS[form].merge)
