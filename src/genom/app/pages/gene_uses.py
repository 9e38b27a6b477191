"""Who reads a gene: segments, decision points and models."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from genom.app.commit import now_ms
from genom.app.facts import COUPONS, OWN, RECENT, VIEWED
from genom.app.node import Node
from genom.decide import Point
from genom.segments.rule import GeneIs, conditions

__all__ = ["Use", "Uses", "tendency"]

_FRESH: Final = 2_000  # ms
_CELL: Final = re.compile(r"\[\d+\]$")
_BUILT_IN: Final = (OWN, RECENT, VIEWED, COUPONS)  # what every scoring by own purchases reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Something that reads a gene."""

    kind: str  # segment, point or model
    name: str
    label: Mapping[str, str]
    weight: float | None = None  # of a model: share of its importance
    version: int = 0  # of a segment or point


class Uses:
    """All uses by gene, worked out anew when they are asked for after two seconds."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._at, self._found = -_FRESH, dict[str, list[Use]]()

    def of(self, gene: str) -> list[Use]:
        """What reads a gene."""
        return self.every().get(gene, [])

    def every(self) -> dict[str, list[Use]]:
        """Gene → what reads it."""
        if not 0 <= now_ms() - self._at < _FRESH:
            found = defaultdict[str, list[Use]](list)
            for gene, use in (*_of_segments(self._node), *_of_points(self._node), *_of_models(self._node)):
                found[gene].append(use)
            self._at, self._found = now_ms(), dict(found)
        return self._found


def _of_segments(node: Node) -> Iterator[tuple[str, Use]]:
    for segment in node.segments.newest():
        read = dict.fromkeys(one.gene for _, one in conditions(segment.rule) if isinstance(one, GeneIs))
        use = Use(kind="segment", name=segment.id, label=segment.label, version=segment.version)
        yield from ((gene, use) for gene in read)


def _of_points(node: Node) -> Iterator[tuple[str, Use]]:
    for point in (node.shadows | node.points).values():
        own = _BUILT_IN if point.model in {"own-purchases-1", "propensity"} else ()
        label = {"en": point.label.en, "de": point.label.de}
        use = Use(kind="point", name=point.id, label=label, version=point.version)
        yield from ((gene, use) for gene in dict.fromkeys((*own, *(feature.gene for feature in point.features))))


def _of_models(node: Node) -> Iterator[tuple[str, Use]]:
    for name in node.models.names():
        card = node.models.card(name)
        shares = defaultdict[str, float](float)
        for feature, share in card.features:
            shares[_CELL.sub("", feature.removeprefix("rank."))] += share
        for gene, share in shares.items():
            if share > 0 and gene in node.world.layout.genes:
                yield gene, Use(kind="model", name=name, label=card.label, weight=share)


def tendency(node: Node, point: Point, gene: str) -> str:
    """Whether what was learned lets a gene raise or lower scores: raises, lowers, mixed, or empty before anything was.

    Cells and actions have a weight each; they are mixed unless all that are not zero agree.
    """
    if point.model != "learned" or node.points.get(point.id) is not point:
        return ""
    places = [1 + place for place, feature in enumerate(point.features) if feature.gene == gene]
    learned = node.outcomes.learned(point)
    if learned is None or not places or not len(learned.coefficients):
        return ""
    signs = np.sign(learned.coefficients[:, places])
    up, down = bool((signs > 0).any()), bool((signs < 0).any())
    return "mixed" if up and down else "raises" if up else "lowers" if down else ""
