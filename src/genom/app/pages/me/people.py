"""Whom a session stands for, what may be read of them, and what things are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.me.sentences import plain_term
from genom.app.reading import find_person, view_of
from genom.app.term_names import names_of
from genom.errors import NotFound
from genom.genome import Declared, View

__all__ = ["Things", "declared", "person_of", "views"]

_FRESH: Final = 20_000  # ms that names of things are used before the catalogue is read again


def person_of(node: Node, public: str) -> int:
    """The person of a session; raises NotFound with the code `portal.nobody` if there is none any more."""
    person = find_person(node, {"person": public})
    if not person:
        raise NotFound(
            "There is nothing about this person any more.", why="the id leads to nobody", fix="", code="portal.nobody"
        )
    return person


def views(node: Node, person: int) -> dict[str, View]:
    """The person's genome for each purpose that it is kept for and that is permitted now."""
    found = {purpose: view_of(node, person, purpose=purpose) for purpose in node.gate.purposes}
    return {purpose: view for purpose, view in found.items() if view.permitted}


def declared(node: Node, person: int) -> list[Declared]:
    """What the person has told us, for each permitted purpose."""
    return [view.declared() for view in views(node, person).values()]


class Things:
    """Categories by the name that people read: the catalogue's, else that of an action about it alone, or the term."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._read_at = -_FRESH
        self._labels: Mapping[str, Mapping[str, str]] = {}

    def __call__(self, language: str) -> dict[str, str]:
        """Term → name, for all categories of the vocabulary in their order."""
        if now_ms() - self._read_at > _FRESH:
            self._labels = self._labelled()
            self._read_at = now_ms()
        terms = [term for term in self._node.world.terms[2].terms[2:] if term]
        return {term: self._labels.get(term, {}).get(language) or plain_term(term) for term in terms}

    def names(self, term: str) -> tuple[str, ...]:
        """All names of a term, in any language."""
        return tuple(self._labels.get(term, {}).values())

    def everything(self, language: str) -> dict[str, str]:
        """The same, and the departments that the catalogue names."""
        categories = self(language)
        return {term: told[language] for term, told in self._labels.items() if told.get(language)} | categories

    def _labelled(self) -> Mapping[str, Mapping[str, str]]:
        found = dict(names_of(self._node.catalogue))
        for action in self._node.catalogue.actions():
            point = self._node.points.get(action["point"])
            if len(action["categories"]) == 1 and point is not None and point.purpose == "recommend":
                found.setdefault(next(iter(action["categories"])), action.get("label") or {})
        return found
