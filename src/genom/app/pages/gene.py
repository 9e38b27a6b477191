"""A gene's page, put together from its declaration, what was measured, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

import numpy as np

from genom.app.node import Node
from genom.app.pages.gene_census import FEWEST, Census
from genom.app.pages.gene_code import GeneCode, version_of
from genom.app.pages.gene_shapes import Bins, bins_of, joined, told_of, top_texts
from genom.app.pages.gene_uses import Use, tendency
from genom.app.pages.gene_words import decay_of, event_words, finding_words, meaning_of, property_words, ring_words
from genom.app.pages.strips import formats_of
from genom.app.pages.values import Words, said
from genom.app.pages.wording import words_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.console.genes import Choice, GeneDetail, GeneRow, Made, Measured, Share, Spread, Used
from genom.genome import Gene, Read
from genom.genome.lineage import Lineage, used_by
from genom.segments import Teller
from genom.web import Formats

__all__ = ["Facts", "detail_of", "spread_of"]

Told = Callable[[str, int], int]
"""What a value is called, and how many people have it → the number that is told."""

_TEXTS: Final = 12  # values that are named
_REST: Final = ("other values", "andere Werte")
_STANDARD: Final = ("Standard genome of Genom", "Standardgenom von Genom")
_NOBODY: Final = ("Who runs this node (nobody else is named)", "Betreiber dieses Knotens (sonst ist niemand genannt)")
_PATHS: Final = {"segment": "/segments/", "point": "/decisions/", "model": "/models/"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a page is made of."""

    node: Node
    gene: Gene
    purpose: str
    census: Census | None
    lineage: Mapping[str, Lineage]
    code: GeneCode
    uses: Sequence[Use]
    language: str


def detail_of(facts: Facts, row: GeneRow, measured: Measured | None) -> GeneDetail:
    """All that the page shows."""
    gene, language = facts.gene, facts.language
    genome = facts.node.world.layout.genes
    needed = genome.also.get(gene.family, "")
    findings = facts.census.findings if facts.census else ()
    spread = spread_of(
        gene, facts.census, formats_of(language), words_of(facts.node, language), facts.node.segments.held.teller
    )
    if spread and row.coverage:  # what the bars add up to: each is moved by an amount of its own
        row = replace(row, coverage=replace(row.coverage, known=sum(share.people for share in spread.shares)))
    return GeneDetail(
        row=row,
        meaning=meaning_of(gene, facts.lineage[gene.id], language),
        kind=names.op(gene.op, language),
        owner=clean(gene.owner, most=120) or (_STANDARD if facts.code.built_in else _NOBODY)[language == "de"],
        purposes=tuple(names.purpose(name, language) for name in gene.purposes or genome.purposes),
        needs=names.purpose(needed, language) if needed else "",
        decay=decay_of(gene, language),
        version=version_of(gene),
        fingerprint=facts.code.fingerprint(gene),
        since=facts.code.since(gene),
        measured=measured,
        spread=spread,
        made=_made(facts),
        uses=tuple(_used(facts, use) for use in facts.uses),
        findings=tuple(finding_words(one, genome, language) for one in findings if one.gene == gene.id),
        code=facts.code.text(gene),
        choices=tuple(
            Choice(id=name, label=names.purpose(name, language)) for name in gene.purposes or genome.purposes
        ),
        purpose=facts.purpose,
    )


def spread_of(gene: Gene, census: Census | None, formats: Formats, words: Words, teller: Teller) -> Spread | None:
    """How the values spread over those who have the gene; None where too few do."""
    known = census.known.get(gene.id, 0) if census and census.enough else 0
    if census is None or known < FEWEST:
        return None

    def told(label: str, count: int) -> int:
        return told_of(count, census.people, teller, census.purpose, gene.id, label)

    if texts := census.texts.get(gene.id):
        return _texts(gene, texts, formats, words, told)
    amounts = census.amounts(gene.id)
    bins = bins_of(amounts)
    return None if bins is None else _bins(gene, bins, float(np.median(amounts)), formats, told)


def _bins(gene: Gene, bins: Bins, middle: float, formats: Formats, told: Told) -> Spread:
    write = _writer(gene, formats)
    runs = [(_label(bins, first, end, write), first, end) for first, end in joined(bins.counts, FEWEST)]
    shares = tuple(
        Share(label=label, people=told(label, sum(bins.counts[first:end])), bins=end - first)
        for label, first, end in runs
    )
    return Spread(kind="bins", shares=shares, middle=write(middle), logarithmic=bins.logarithmic)


def _label(bins: Bins, first: int, end: int, write: Callable[[float], str]) -> str:
    """What some bins in a row hold."""
    below, above = first == 0 and bins.open[0], end == len(bins.counts) and bins.open[1]
    if below and not above:
        return f"\N{LESS-THAN OR EQUAL TO} {write(bins.edges[end])}"
    if above and not below:
        return f"\N{GREATER-THAN OR EQUAL TO} {write(bins.edges[first])}"
    if bins.whole and end - first == 1:
        return write(bins.edges[first])
    return f"{write(bins.edges[first])} \N{EN DASH} {write(bins.edges[end - 1 if bins.whole else end])}"


def _writer(gene: Gene, formats: Formats) -> Callable[[float], str]:
    if gene.unit == "time":
        return lambda value: formats.date(int(value))
    return lambda value: said(Read(gene, "known", value), formats)


def _texts(gene: Gene, texts: Mapping[str, int], formats: Formats, words: Words, told: Told) -> Spread:
    shown, rest = top_texts(texts, floor=FEWEST, most=_TEXTS)
    shares = [Share(label=words(gene, name), people=told(name, count)) for name, count in shown]
    if rest:
        shares.append(Share(label=_REST[formats.language == "de"], people=told("", rest)))
    return Spread(kind="cells" if gene.op == "histogram" else "texts", shares=tuple(shares))


def _made(facts: Facts) -> Made:
    lineage, language = facts.lineage[facts.gene.id], facts.language
    genome = facts.node.world.layout.genes
    return Made(
        events=tuple((kind, event_words(kind, language)) for kind in lineage.kinds),
        properties=tuple((name, property_words(name, language)) for name in lineage.properties),
        genes=tuple((name, genome[name].label[language]) for name in lineage.genes),
        ring=ring_words(lineage.ring, language),
        into=tuple((name, genome[name].label[language]) for name in used_by(facts.gene.id, genome)),
    )


def _used(facts: Facts, use: Use) -> Used:
    point = facts.node.points.get(use.name) if use.kind == "point" else None
    return Used(
        kind=use.kind,
        label=clean(use.label.get(facts.language) or use.name, most=120),
        name=use.name,
        href=_PATHS[use.kind] + quote(use.name, safe=""),
        share=use.weight,
        tendency=tendency(facts.node, point, facts.gene.id) if point else "",
    )
