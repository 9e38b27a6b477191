"""Read windows as pages tell them: how old what is withheld is at least."""

from __future__ import annotations

from genom.app.node import Node
from genom.consent import STORED
from genom.genome import Gene

__all__ = ["window_of"]


def window_of(node: Node, gene: Gene, purpose: str) -> int:
    """The days that events may serve a gene for a purpose, the shortest that apply; 0 = for ever."""
    genes, purposes = node.world.layout.genes, node.purposes.by_name
    asked = {purpose} | {genes.also[family] for family in genes.families(gene) & genes.also.keys()}
    windows = (purposes[name].read_days(category) for name in asked for category in STORED)
    return min((days for days in windows if days), default=0)
