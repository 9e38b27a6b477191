"""Meanings of genes as fingerprints: an id means one thing for ever, and a changed meaning needs a new id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from genom.errors import BadConfiguration
from genom.genome.filters import Rows
from genom.genome.genes import Gene, Genes
from genom.genome.spans import milliseconds

__all__ = ["check_meanings", "meanings_of"]


def meanings_of(genes: Genes) -> dict[str, str]:
    """Gene id → fingerprint of what it means; words, owner and purposes are no part of it.

    >>> from genom.genome import load_genes
    >>> sorted({len(fingerprint) for fingerprint in meanings_of(load_genes()).values()})
    [16]
    """
    return {gene.id: _fingerprint(gene, genes) for gene in genes}


def check_meanings(meanings: Mapping[str, str], stored: Mapping[str, str], file: str) -> None:
    """Raises BadConfiguration if a gene (its id → fingerprint) means something else than its id did before."""
    for gene_id, meaning in meanings.items():
        if stored.get(gene_id, meaning) != meaning:
            raise BadConfiguration(
                f"{file}: {gene_id} means something else than before.",
                why="the id of a gene is immutable: models, segments and records of decisions name it",
                fix="give the new meaning a new name or version, such as `version: 2`, or restore the old one",
            )


def _fingerprint(gene: Gene, genes: Genes) -> str:
    meaning = [
        "ring" if gene.op == "declared" else gene.op,  # what was said was a function of a ring before it was an op
        _plain(gene.rows), gene.property, gene.base_name and _plain(gene.base_rows), gene.base_property,
        milliseconds(gene.half_life), milliseconds(gene.window), gene.function, gene.function and gene.length,
        gene.attribute, gene.buckets, repr(gene.formula), genes.also.get(gene.family, ""),
        genes.rings.get(gene.ring, 0), *([gene.ring] if gene.ring == "orders" else []),  # the others had no name here
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()[:16]


def _plain(rows: Rows) -> list[object]:
    terms = [
        [t.kinds, t.need, t.care, [[r.property, r.low, r.high, r.inside, r.name] for r in t.ranges]] for t in rows.terms
    ]
    return [rows.lines, terms]
