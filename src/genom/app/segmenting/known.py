"""What rules may be about, from what the node knows: genes, attributes, kinds of events, channels, segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from genom.app.segmenting.predicted import Predicted, is_prediction, predicted_fields
from genom.app.show.kinds import outcome_name
from genom.app.show.value_words import value_words
from genom.app.show.vocabulary import CHANNELS
from genom.app.term_names import names_of
from genom.genome import Gene, Genes, Scan, cell_names, fades, form_of, is_coded
from genom.segments import AttributeField, GeneField, Known
from genom.words import KINDS, Kind

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["EVENTS", "known_of", "terms_of"]

_CALLS: Final = {"Page Viewed": Kind.PAGE_VIEWED, "Screen Viewed": Kind.SCREEN_VIEWED, "Identified": Kind.IDENTIFIED}
EVENTS: Final[Mapping[str, Kind]] = _CALLS | KINDS
"""Names of events that a rule may ask for → kind of the row."""

_OPEN: Final = frozenset({"category_1", "category_2"})  # their values come with the events


def known_of(node: Node, scan: Scan) -> Known:
    """Everything that exists in a genome; there are no segments in it."""
    genes, predicted = scan.layout.genes, Predicted(node)
    return Known(
        genes={gene.id: _gene(gene, genes) for gene in genes} | predicted_fields(node),
        attributes={
            name: AttributeField(
                label=genes.attributes[name].label,
                values={value: what.label for value, what in genes.attributes[name].values.items()},
            )
            for name in genes.attributes
        },
        events={name: _event_label(name, kind) for name, kind in EVENTS.items()},
        channels={name: {"en": english, "de": german} for name, (english, german) in CHANNELS.items()},
        purposes=node.purposes.names,
        genome=genes.purposes,
        code=lambda gene, text: predicted.code(gene, text) if is_prediction(gene) else scan.code(gene, text),
        said=lambda gene, text, language: (
            names_of(node.catalogue).get(text, {}).get(language) or text
            if is_prediction(gene)
            else value_words(genes[gene], text, language, called=names_of(node.catalogue), attributes=genes.attributes)
        ),
        called=lambda term, language: names_of(node.catalogue).get(term, {}).get(language) or term,
        read_days=lambda purpose, event: scan.layout.windows.days_of(node.purposes.bit(purpose), EVENTS[event]),
    )


def terms_of(node: Node, prop: str) -> Sequence[str]:
    """The terms of a vocabulary, by code."""
    return node.world.terms[1 if prop == "category_1" else 2].terms


def _gene(gene: Gene, genes: Genes) -> GeneField:
    form = form_of(gene)
    named = gene.op == "histogram" or is_coded(gene)
    closed = tuple(cell_names(gene.property, lambda _: ())) if named and gene.property not in _OPEN else ()
    return GeneField(
        id=gene.id, label=gene.label, family=gene.family, unit=gene.unit, form=form,
        fades=fades(gene) or form == "cells", coded=named, values=closed, purposes=gene.purposes,
        needs=tuple(sorted({genes.also[family] for family in genes.families(gene) & genes.also.keys()})),
    )  # fmt: skip


def _event_label(name: str, kind: Kind) -> Mapping[str, str]:
    return {"en": name, "de": outcome_name(kind.name.replace("_", " "), "de")}
