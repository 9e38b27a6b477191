"""Which legal basis a purpose has for somebody, and of which region it is."""

from __future__ import annotations

from typing import NamedTuple

from genom.app.node import Node
from genom.consent import UNKNOWN

__all__ = ["Ground", "ground_of", "halted", "regions_of"]


class Ground(NamedTuple):
    """A basis and where it counts."""

    basis: str  # of purposes.yaml, such as consent or opt_out
    regions: tuple[str, ...]  # of the person; empty: none is known


def regions_of(node: Node, person: int) -> tuple[str, ...]:
    """The regions whose law counts for a person; none if nobody knows, or one of their countries is unknown."""
    members = node.world.people.members(person) if person else ()
    regions = node.choices.grounds.regions(members)
    return () if UNKNOWN in regions else tuple(sorted(regions))


def ground_of(node: Node, person: int, purpose: str) -> Ground:
    """The legal basis that counts: the strictest of the person's regions, or of all if none is known."""
    regions = regions_of(node, person)
    return Ground(node.purposes.purpose(purpose).basis_in(regions), regions)


def halted(node: Node, person: int, bit: int) -> bool:
    """Whether a signal has denied a purpose that the person's region would permit."""
    if not person or node.purposes.regions is None:
        return False
    members = node.world.people.members(person)
    denied = node.choices.grounds.denied(members) & bit
    return bool(denied & node.purposes.law_of(node.choices.grounds.regions(members)).always)
