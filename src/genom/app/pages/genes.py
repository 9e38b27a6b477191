"""The genes' pages: the catalogue with coverage, uses and findings, and each gene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from genom.app.pages.gene import Facts, detail_of
from genom.app.pages.gene_census import FEWEST, Census, censuses_of
from genom.app.pages.gene_code import GeneCode
from genom.app.pages.gene_shapes import told_of
from genom.app.pages.gene_words import event_words, finding_words, meaning_of, property_words
from genom.app.server import App
from genom.app.show import names
from genom.app.show.vocabulary import FAMILIES, OPS
from genom.console.genes import (
    Asked,
    Choice,
    Coverage,
    GeneDetail,
    GeneRow,
    GenesView,
    LintLine,
    Measured,
)
from genom.errors import NotFound, UnknownName
from genom.genome import Gene, Layout
from genom.genome.lineage import Lineage, lineage_of
from genom.genome.lint import RULES
from genom.segments import Teller

__all__ = ["GenePages"]

_ROWS: Final = 50  # of a page
_NAMED: Final = 6  # genes of a finding that are named at once
_MOST: Final = 0.5  # of people: a gene that most have


class GenePages:
    """Reads the genome that serves, and what was measured of it."""

    def __init__(self, app: App) -> None:
        self._node, self._censuses = app.node, censuses_of(app)
        self._code = GeneCode(app.node)
        self._layout: Layout | None = None
        self._lineage: dict[str, Lineage] = {}
        self._texts: dict[tuple[str, str], str] = {}

    async def genes(self, asked: Asked, *, language: str) -> GenesView:
        """The genes that are asked for, those that most people have first."""
        self._fresh()
        genome = self._node.world.layout.genes
        purpose = asked.purpose if asked.purpose in genome.purposes else genome.purposes[0]
        asked = replace(asked, purpose="" if purpose == genome.purposes[0] else purpose)
        census = await self._censuses.ready(purpose)
        kept = [gene for gene in genome if not gene.purposes or purpose in gene.purposes]
        why = _why(census, asked.finding, language)
        found = [gene for gene in kept if self._fits(gene, asked, census, why, language)]
        covered = census.coverage if census and census.enough else _nothing
        found.sort(key=lambda gene: -covered(gene.id))  # stable: what is covered equally stays as declared
        pages = max(1, -(-len(found) // _ROWS))
        asked = replace(asked, page=min(max(asked.page, 1), pages))
        shown = found[(asked.page - 1) * _ROWS : asked.page * _ROWS]
        return GenesView(
            asked=asked,
            rows=tuple(self._row(gene, census, language, why.get(gene.id, "")) for gene in shown),
            found=len(found),
            total=len(kept),
            pages=pages,
            families=_choices(FAMILIES, Counter(gene.family for gene in kept), lambda n: names.family(n, language)),
            purpose=purpose,
            purposes=tuple(Choice(id=name, label=names.purpose(name, language)) for name in genome.purposes),
            ops=_choices(OPS, Counter(gene.op for gene in kept), lambda n: names.op(n, language)),
            made=_made_words(asked.made, language),
            measured=measured_of(census),
            lint=_lint_lines(census, language),
        )

    async def gene(self, name: str, *, purpose: str, language: str) -> GeneDetail | str:
        """One gene, or the page of the model whose prediction it is; raises NotFound."""
        if (question := self._node.models.questions().get(name)) is not None:
            told = {*self._node.models.names(), *(problem.name for problem in self._node.models.problems)}
            return f"/models/{question.id}" if question.id in told else "/models"
        genome = self._node.world.layout.genes
        try:
            gene = genome[name]
        except UnknownName as error:
            raise NotFound(error.what, why=error.why, fix=error.fix) from None
        await self._code.ready()
        self._fresh()
        choices = gene.purposes or genome.purposes
        purpose = purpose if purpose in choices else choices[0]
        census = await self._censuses.ready(purpose)
        facts = Facts(
            node=self._node, gene=gene, purpose=purpose, census=census, lineage=self._lineage, code=self._code,
            uses=self._censuses.uses.of(gene.id), language=language,
        )  # fmt: skip
        return detail_of(facts, self._row(gene, census, language, ""), measured_of(census))

    def _fresh(self) -> None:
        layout = self._node.world.layout
        if layout is not self._layout:
            self._layout, self._texts = layout, {}
            self._lineage = {gene.id: lineage_of(gene, layout.genes) for gene in layout.genes}

    def _fits(self, gene: Gene, asked: Asked, census: Census | None, why: dict[str, str], language: str) -> bool:
        if (asked.family and gene.family != asked.family) or (asked.op and gene.op != asked.op):
            return False
        if asked.finding and gene.id not in why:
            return False
        lineage = self._lineage[gene.id]
        if asked.made and asked.made not in {*lineage.kinds, *lineage.properties}:
            return False
        if asked.known and census and census.enough and not _known(census.coverage(gene.id), asked.known):
            return False
        text = self._text(gene, language) if asked.words else ""
        return all(word in text for word in asked.words.lower().split())

    def _text(self, gene: Gene, language: str) -> str:
        """What words are looked for in."""
        key = gene.id, language
        if key not in self._texts:
            label, told = gene.label[language], gene.description.get(language, "")
            self._texts[key] = f"{gene.id} {label} {told} {names.family(gene.family, language)}".lower()
        return self._texts[key]

    def _row(self, gene: Gene, census: Census | None, language: str, why: str) -> GeneRow:
        genome = self._node.world.layout.genes
        return GeneRow(
            id=gene.id,
            label=gene.label[language],
            family=names.family(gene.family, language),
            unit=names.unit(gene.unit, 2, language) if gene.unit else "",
            op=names.op(gene.op, language),
            coverage=coverage_of(census, gene.id, self._node.segments.held.teller),
            uses=len(self._censuses.uses.of(gene.id)),
            fresh=census.lasts.get(gene.id, 0) if census else 0,
            meaning=meaning_of(gene, self._lineage[gene.id], language),
            purposes=tuple(names.purpose(name, language) for name in gene.purposes or genome.purposes),
            needs=names.purpose(genome.also[gene.family], language) if gene.family in genome.also else "",
            why=why,
        )


def coverage_of(census: Census | None, gene: str, teller: Teller) -> Coverage | None:
    """For how many people a gene is known; None where nothing may be told."""
    if census is None or not census.enough:
        return None
    known = census.known.get(gene, 0)
    few = 0 < known < FEWEST
    told = known if few else told_of(known, census.people, teller, census.purpose, gene)
    return Coverage(people=census.people, known=told, few=few)


def measured_of(census: Census | None) -> Measured | None:
    """When and on whom."""
    if census is None:
        return None
    return Measured(
        at=census.at,
        position=census.position,
        people=census.people,
        everyone=census.everyone,
        population=census.population,
        rows=census.rows,
        floor=FEWEST,
    )


def _nothing(_gene: str) -> float:
    return 0.0


def _known(share: float, asked: str) -> bool:
    return {"some": share > 0, "most": share >= _MOST, "nobody": share == 0}.get(asked, True)


def _choices(order: Collection[str], counts: Counter[str], label: Callable[[str], str]) -> tuple[Choice, ...]:
    known = [name for name in order if name in counts] + [name for name in counts if name not in order]
    return tuple(Choice(id=name, label=label(name), count=counts[name]) for name in known)


def _made_words(made: str, language: str) -> str:
    if not made:
        return ""
    return event_words(made, language) if made.isupper() else property_words(made, language)


def _why(census: Census | None, rule: str, language: str) -> dict[str, str]:
    """Gene → what a rule of the lint says of it."""
    if census is None or not rule:
        return {}
    genes = census.layout.genes
    return {one.gene: finding_words(one, genes, language) for one in census.findings if one.rule == rule}


def _lint_lines(census: Census | None, language: str) -> tuple[LintLine, ...]:
    if census is None:
        return ()
    genes, lines = census.layout.genes, []
    for rule in RULES:
        found = [one for one in census.findings if one.rule == rule]
        if found:
            first = tuple(
                (one.gene, genes[one.gene].label[language], finding_words(one, genes, language))
                for one in found[:_NAMED]
            )
            lines.append(LintLine(rule=rule, count=len(found), first=first))
    return tuple(lines)
