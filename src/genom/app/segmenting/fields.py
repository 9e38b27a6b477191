"""What a builder of rules offers: genes, attributes, events and segments, with the comparisons that each takes."""

from __future__ import annotations

from typing import Final

import msgspec

from genom.app.node import Node
from genom.app.segmenting.known import terms_of
from genom.app.segmenting.predicted import is_prediction, things_of
from genom.segments import GeneField

__all__ = ["FieldShown", "Fields", "fields_of"]

_NUMBER: Final = (">=", ">", "<=", "<", "between", "known", "not known")
_TEXT: Final = ("=", "in", "known", "not known")
_VALUES_MOST: Final = 400


class FieldShown(msgspec.Struct):
    """Something a condition may be about."""

    kind: str  # gene, cell, top, attribute, event or segment: the form of its condition
    id: str
    label: dict[str, str]
    family: str = ""
    unit: str = ""
    form: str = ""  # number, days or text
    operators: list[str] = []
    values: list[str] = []  # texts or cells to choose from; empty = any
    labels: dict[str, dict[str, str]] = {}  # of the values that have some
    needs: list[str] = []  # purposes that must be permitted beside
    absent: str = ""  # why nobody's can be read now, such as a prediction without a model
    days: int = 0  # for so many the purpose may read an event; 0 = for ever


class Fields(msgspec.Struct):
    """All of them, for one purpose."""

    purpose: str
    purposes: list[str]  # that a segment may have
    genome: list[str]  # those that genes and attributes can be read for
    fields: list[FieldShown]


def fields_of(node: Node, purpose: str, *, now: int) -> Fields:
    """What rules for a purpose may be about; raises UnknownName for an unknown purpose."""
    node.purposes.bit(purpose)
    known = node.segments.known(now=now)
    genes = [gene for gene in known.genes.values() if purpose in (gene.purposes or known.genome)]
    found = [shown for gene in genes for shown in _gene(node, gene)] if purpose in known.genome else []
    if purpose in known.genome:
        found += [
            FieldShown(
                "attribute", name, dict(field.label), form="text", operators=list(_TEXT), values=list(field.values),
                labels={value: dict(label) for value, label in field.values.items()},
            )
            for name, field in known.attributes.items()
        ]  # fmt: skip
    found += [
        FieldShown("event", name, dict(label), days=known.read_days(purpose, name))
        for name, label in known.events.items()
    ]
    found += [
        FieldShown("segment", segment.id, dict(segment.label))
        for segment in known.segments.values()
        if segment.purpose == purpose
    ]
    return Fields(purpose, node.purposes.names, list(known.genome), found)


def _gene(node: Node, gene: GeneField) -> list[FieldShown]:
    values = list(gene.values) or _terms(node, gene)
    about = {"family": gene.family, "unit": gene.unit, "needs": list(gene.needs), "absent": gene.absent}
    label = dict(gene.label)
    if gene.form == "cells":
        return [
            FieldShown("cell", gene.id, label, form="number", operators=list(_NUMBER), values=values, **about),  # type: ignore[arg-type]  # each as its field
            FieldShown("top", gene.id, label, form="text", operators=list(_TEXT), values=values, **about),  # type: ignore[arg-type]
        ]
    text = gene.form == "text"
    exact = [] if text or gene.fades or gene.form == "days" else ["="]
    operators = [*(_TEXT if text else _NUMBER), *exact]
    return [FieldShown("gene", gene.id, label, form=gene.form, operators=operators, values=values, **about)]  # type: ignore[arg-type]


def _terms(node: Node, gene: GeneField) -> list[str]:
    """The categories that the journal knows, of a gene that is about them."""
    if not gene.coded:
        return []
    if is_prediction(gene.id):
        question = node.models.questions().get(gene.id)
        return sorted(thing for thing in things_of(node, question.id) if thing)[:_VALUES_MOST] if question else []
    prop = node.world.layout.genes[gene.id].property
    if prop not in {"category_1", "category_2"}:
        return []
    return sorted(term for term in terms_of(node, prop)[2:] if term)[:_VALUES_MOST]
