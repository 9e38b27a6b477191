"""Read windows as pages tell them: how old what is withheld is at least."""

from __future__ import annotations

from genom.app.node import Node
from genom.genome import Gene

__all__ = ["window_of"]


def window_of(node: Node, gene: Gene, purpose: str) -> int:
    """The days that events may serve a gene for a purpose, the shortest that apply; 0 = for ever."""
    genes, purposes = node.world.layout.genes, node.purposes.by_name
    asked = {purpose} | {genes.also[family] for family in genes.families(gene) & genes.also.keys()}
    return min((days for name in asked if (days := purposes[name].read_window_days)), default=0)
