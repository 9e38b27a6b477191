"""What decisions have taught: statistics that learn from each outcome, and the tables of what is bought together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["OutcomeHolder"]


class OutcomeHolder:
    """Whole numbers in sums, so that a person is taken out exactly, and decisions whose window is open."""

    name = "outcomes"
    files: tuple[str, ...] = ("models/online/*",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Decisions about the person that are still followed."""
        return tallied("decisions followed" for one in self._followed() if one in subject.profiles)

    def _followed(self) -> list[int]:
        """The profile of each decision that is followed; also for another thread than the node's."""
        return [one.profile for one in list(self._node.outcomes.open.values())]

    def count(self, subject: Subject) -> Count:
        """Decisions about the person that are still followed."""
        return Count(records=sum(one in subject.profiles for one in self._followed()))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Nothing: the decisions themselves are in the journal."""
        return iter(())

    def drop(self, subject: Subject) -> None:
        """Take out what the person has added, while the rows that tell it are still there."""
        world = self._node.world
        for person in {world.people.person(one) for one in subject.profiles if world.profiles.exists(one)}:
            self._node.outcomes.erase(person)

    def erase(self, subject: Subject) -> Erased:
        """The file is written anew from memory by the node when the erasure ends; sums name nobody."""
        return Erased(
            records=0,
            kept="how often actions were shown and what followed, counted over everybody, and as whole numbers in "
            "sums without this person",
        )
