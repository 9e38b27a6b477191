"""Lineage: what a gene is made of, derived from its declaration and never written down beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from genom.genome.filters import BITS, Rows
from genom.genome.genes import Gene, Genes
from genom.genome.ops import PROPERTIES
from genom.words import Kind

__all__ = ["Lineage", "lineage_of", "used_by"]

_NAMES: Final = {number: name for name, number in PROPERTIES.items() if name}
_CHANNELS: Final = 0xFFFF
_PROPERTY_OF: Final = {
    BITS["discounted"]: "discount", BITS["coupon"]: "coupon", BITS["amount"]: "amount", BITS["clamped"]: "time",
    BITS["device"]: "device",
} | {BITS[name]: "hour_of_week" for name in ("weekend", "morning", "afternoon", "evening", "night")}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a gene's value comes from."""

    kinds: tuple[str, ...]  # of events; empty = every kind
    properties: tuple[str, ...]
    genes: tuple[str, ...]  # that a formula reads
    ring: str  # whose records a function reads


def lineage_of(gene: Gene, genes: Genes) -> Lineage:
    """What a gene is made of; that of a formula is what its genes are made of.

    >>> from genom.genome import load_genes
    >>> genes = load_genes()
    >>> lineage_of(genes["value.value_web.sum.30d"], genes)
    Lineage(kinds=('ORDER_COMPLETED',), properties=('amount', 'channel', 'time'), genes=(), ring='')
    """
    if gene.inputs:
        parts = [lineage_of(genes[name], genes) for name in gene.inputs]
        kinds = set[str]() if any(not part.kinds for part in parts) else {k for part in parts for k in part.kinds}
        properties = {name for part in parts for name in part.properties}
        return Lineage(kinds=tuple(sorted(kinds)), properties=tuple(sorted(properties)), genes=gene.inputs, ring="")
    sides = [gene.rows, *([gene.base_rows] if gene.base_name else [])]
    properties = {gene.property, gene.base_property, *(name for rows in sides for name in _properties(rows))} - {""}
    if gene.op in {"recency", "distinct"} or gene.decayed:
        properties.add("time")
    return Lineage(
        kinds=_kinds(sides),
        properties=tuple(sorted(properties)),
        genes=(),
        ring=gene.ring,
    )


def used_by(gene_id: str, genes: Genes) -> tuple[str, ...]:
    """The formulas that read a gene."""
    return tuple(gene.id for gene in genes if gene_id in gene.inputs)


def _kinds(sides: list[Rows]) -> tuple[str, ...]:
    found = set[int]()
    for term in (term for rows in sides for term in rows.terms):
        if term.kinds is None:
            return ()
        found |= set(term.kinds)
    return tuple(sorted(Kind(kind).name for kind in found if kind in Kind._value2member_map_))


def _properties(rows: Rows) -> set[str]:
    found = {_NAMES[one.property] for term in rows.terms for one in term.ranges}
    for term in rows.terms:
        found |= {name for bit, name in _PROPERTY_OF.items() if term.care & bit}
        found |= {"channel"} if term.care & _CHANNELS else set()
    return found
