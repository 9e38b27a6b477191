"""Models that were trained on tables of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genom.app.node import Node
from genom.privacy import Count, Erased, Found, Subject

__all__ = ["ModelHolder"]


class ModelHolder:
    """Files of parameters; tables of people are never written to disk."""

    name = "models"
    files: tuple[str, ...] = ("models/*", "models/*/*", "models/*/*/*")

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Nothing: parameters are of everybody."""
        return iter(())

    def count(self, subject: Subject) -> Count:
        """Parameters are of everybody."""
        return Count(records=0)

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Nothing is of one person."""
        return iter(())

    def drop(self, subject: Subject) -> None:
        """Predictions about the person are computed from the genome, which is gone."""

    def erase(self, subject: Subject) -> Erased:
        """The next training reads a journal without the person; an older model is served no more than 30 days."""
        return Erased(records=0, kept="parameters learned from many people, until the next training")
