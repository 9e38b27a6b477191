"""Which version of a decision point answers."""

from __future__ import annotations

from genom.app.node import Node
from genom.decide import Point
from genom.errors import UnknownName, nearest

__all__ = ["asked_point"]


def asked_point(node: Node, name: str) -> Point:
    """The live version of a point, else the one in shadow; raises UnknownName with the nearest known name."""
    known = node.shadows | node.points
    if name not in known:
        raise UnknownName(
            f"There is no decision point named {name[:80]!r}.",
            why=f"the decision points are {', '.join(sorted(known))}",
            fix=nearest(name, known) or "use one of these",
        )
    return known[name]
