"""The rules of every version of every point: what a decision brings is counted by the rules that it was made by.

So it makes no difference for the statistics which version is live when a window passes, or when the journal is folded
again: going back to a version finds everything that it has ever brought and taught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genom.app.decisions.following import Followed, Rules, followed, rules_of
from genom.app.decisions.point_store import KIND, versions_of
from genom.decide import DecisionRecord, Point

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Key", "Rulebook"]

Key = tuple[str, str]
"""A point and a signature of its rules."""


class Rulebook:
    """Rules by point, and by what decisions say of the rules they were made by."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._now: dict[str, Rules] = {}
        self._measuring: dict[Key, Rules] = {}
        self._teaching: dict[Key, Rules] = {}
        for name in node.catalogue.all_defined(KIND):
            with node.catalogue.begin() as connection:
                versions = versions_of(connection, name)
            for version in versions.values():
                self._rules_of(version.point)
        for point in node.file_points.values():
            self._rules_of(point)

    def now(self, name: str) -> Rules | None:
        """Those of the live version."""
        point = self._node.points.get(name)
        if point is None:
            return None
        rules = self._now.get(name)
        if rules is None or rules.point is not point:
            rules = self._now[name] = self._rules_of(point)
        return rules

    def follow(self, record: DecisionRecord, *, profile: int, known_at: int) -> Followed | None:
        """What to remember of a decision; None if nothing can come of it."""
        linear = record.evidence.linear if record.evidence is not None else None
        measuring = self._measuring.get((record.point, record.measured))
        teaching = self._teaching.get((record.point, linear.signature)) if linear is not None else None
        return followed(measuring, teaching, record, profile=profile, known_at=known_at)

    def of(self, decision: Followed) -> Rules:
        """Those that a decision was made by."""
        measuring = self._measuring.get((decision.point, decision.measured))
        return measuring or self._teaching[decision.point, decision.learned]

    def measures(self, key: Key) -> Rules | None:
        """Those of a measured signature."""
        return self._measuring.get(key)

    def teaches(self, key: Key) -> Rules | None:
        """Those of a learned signature."""
        return self._teaching.get(key)

    @property
    def known(self) -> set[Key]:
        """All signatures; the statistics hold every decision that was made by one of them."""
        return {*self._measuring, *self._teaching}

    @property
    def of_file(self) -> set[Key]:
        """Those of live versions that only the file tells of, and that an earlier start may not have known."""
        live = [point for name, point in self._node.file_points.items() if self._node.points.get(name) is point]
        found = [self._rules_of(point) for point in live]
        return {(rules.point.id, word) for rules in found for word in (rules.measured, rules.learned) if word}

    def _rules_of(self, point: Point) -> Rules:
        bit = self._node.purposes.bit
        rules = rules_of(point, train_bit=bit("model_training"), count_bit=bit("measure_aggregate"))
        if rules.measured:
            self._measuring.setdefault((point.id, rules.measured), rules)
        if rules.learned:
            self._teaching.setdefault((point.id, rules.learned), rules)
        return rules
