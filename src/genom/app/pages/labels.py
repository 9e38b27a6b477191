"""What actions are called: the catalogue's labels, read now and then."""

from __future__ import annotations

from typing import Final

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.show import names
from genom.app.show.clean import clean

__all__ = ["Labels"]

_FRESH: Final = 20_000  # ms that labels are used before the catalogue is read again


class Labels:
    """Labels of actions by decision point."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._read_at = -_FRESH
        self._labels: dict[tuple[str, str], dict[str, str]] = {}

    def of(self, point: str, action: str, language: str) -> str:
        """The label of an action; its own name if it has none, such as a category."""
        if now_ms() - self._read_at > _FRESH:
            self._labels = {(a["point"], a["id"]): a.get("label") or {} for a in self._node.catalogue.actions()}
            self._read_at = now_ms()
        label = self._labels.get((point, action), {})
        return clean(label.get(language) or label.get("en") or names.action(action, language), most=80)

    def point(self, point: str, language: str) -> str:
        """The label of a decision point, its own name if it is gone."""
        known = self._node.points.get(point)
        return clean(getattr(known.label, language), most=80) if known else clean(point, most=80)
