"""What is refused in words: genes and rules about special categories of data, for purposes that may not know these."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from genom.app.special.tags import Tags
from genom.consent import Purposes
from genom.errors import BadConfiguration, BadRequest
from genom.genome import Genes
from genom.genome.ops import PROPERTIES
from genom.segments import Segment, conditions
from genom.segments.rule import EventsIn, GeneIs

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["check_new_genes", "check_special_rule", "special_genes"]

_FIX: Final = "leave it out, or serve a purpose with `special_categories: true`, which rests on explicit consent"


def special_genes(genes: Genes, tags: Tags, purposes: Purposes) -> dict[str, str]:
    """Gene → the tagged category that it names, of those that are kept for a purpose which may not know it."""
    if not tags:
        return {}
    tagged = {(PROPERTIES["category_1"], name) for name in tags.wide}
    tagged |= {(PROPERTIES["category_2"], name) for name in tags.narrow | tags.barred}
    found = dict[str, str]()
    for gene in genes:
        need = purposes.mask(gene.purposes or genes.purposes)
        named = sorted(name for place, name in tagged & (gene.rows.names | gene.base_rows.names))
        if named and need & ~purposes.of_special:
            found[gene.id] = named[0]
    return found


def check_new_genes(node: Node, genes: Genes, new: Collection[str], file: str) -> None:
    """Raises BadConfiguration if one of these genes is about what its purposes may not know."""
    for gene, name in special_genes(genes, node.desk.tags, node.purposes).items():
        if gene in new:
            names = genes[gene].purposes or genes.purposes
            served = ", ".join(one for one in names if node.purposes.bit(one) & ~node.purposes.of_special)
            raise BadConfiguration(
                f"{file}: the gene {gene} is about a special category of data.",
                why=f"{name} is tagged art9, and {served} may not know of it (Art. 9 GDPR)",
                fix=_FIX,
            )


def check_special_rule(node: Node, segment: Segment, place: str) -> None:
    """Raises BadRequest if a segment asks about what its purpose may not know: nobody would ever be in it."""
    tags = node.desk.tags
    if not tags or not node.purposes.bit(segment.purpose) & ~node.purposes.of_special:
        return
    for path, one in conditions(segment.rule):
        asked = [one.where.category, one.where.item, one.event] if isinstance(one, EventsIn) else []
        asked += [one.cell, *_texts(one)] if isinstance(one, GeneIs) else []
        for text in asked:
            if text and (text in tags.events or text in tags.items or text in tags.wide or text in tags.barred):
                raise BadRequest(
                    f"{place}{path[1:]} asks about {text!r}, a special category of data.",
                    why=f"it is tagged art9, and {segment.purpose} may not know of it (Art. 9 GDPR)",
                    fix=_FIX,
                    code="segments.special",
                )


def _texts(one: GeneIs) -> list[str]:
    """The texts that a gene is compared with."""
    values = one.value if isinstance(one.value, list) else [one.value]
    return [value for value in values if isinstance(value, str)]
