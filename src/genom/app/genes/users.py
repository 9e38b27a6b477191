"""Who uses a gene: decision points, models, segments and journeys, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from genom.app.segmenting.store import stored_segments
from genom.errors import BadRequest
from genom.genome import GENE_ID

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["check_unused", "users_of"]


def users_of(node: Node, genes: frozenset[str]) -> dict[str, list[str]]:
    """Gene → who uses it, of these genes; those that nobody uses are left out."""
    found: dict[str, list[str]] = {}
    for name, definition in _definitions(node):
        for gene in dict.fromkeys(GENE_ID.findall(msgspec.json.encode(definition).decode())):
            if gene in genes:
                found.setdefault(gene, []).append(name)
    return found


def check_unused(node: Node, genes: frozenset[str]) -> None:
    """Raises BadRequest that names who uses one of these genes."""
    used = users_of(node, genes)
    if not used:
        return
    gene, users = next(iter(sorted(used.items())))
    more = f"; {len(used) - 1} more are used, too" if len(used) > 1 else ""
    raise BadRequest(
        f"The gene {gene} cannot go.",
        why=f"it is used by {', '.join(users[:10])}" + more,
        fix="change or remove these first",
        code="genes.used",
    )


def _definitions(node: Node) -> Iterator[tuple[str, object]]:
    for point in (node.points | node.shadows).values():
        yield f"decision point {point.id}", point
    for name in node.models.names():
        yield f"model {name}", sorted(node.models.genes(name))
    for segment in stored_segments(node.catalogue).values():
        yield f"segment {segment.id}", segment
    for name, (_, body) in node.catalogue.all_defined("journey").items():
        yield f"journey {name}", body
