"""Masked values in full: each look has a reason, and is on record before anything is shown."""

from __future__ import annotations

import asyncio

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.who import head_of, identifier_name, masked_identifier, values_of
from genom.app.reading import person_number
from genom.app.show.clean import clean
from genom.console.reveal import EVERYTHING, Masked, Revealed
from genom.errors import BadRequest
from genom.journal import Located

__all__ = ["REVEALED", "RevealPages"]

REVEALED = "person.revealed"
_LONGEST = 200  # characters of a value


class RevealPages:
    """Shows what names a person, to whoever says why."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def masked(self, public: str, *, language: str) -> Masked:
        """What could be shown; raises NotFound."""
        number, found = self._found(public)
        values = values_of(self._node, number, found)
        kinds: dict[str, list[str]] = {}
        for kind, value in values:
            kinds.setdefault(kind, []).append(masked_identifier(kind, value))
        return Masked(
            head=head_of(self._node, number, found, language=language),
            kinds=tuple((kind, identifier_name(kind, language), ", ".join(told)) for kind, told in kinds.items()),
        )

    async def reveal(self, public: str, kind: str, *, reason: str, by: str, language: str) -> Revealed:
        """The values of a kind, or all; writes one audit row first.  Raises NotFound, BadRequest."""
        number, found = self._found(public)
        values = [one for one in values_of(self._node, number, found) if kind in {one[0], EVERYTHING}]
        if not values:
            raise BadRequest("There is nothing of this kind.", why="the person has no such value", fix="choose another")
        row = await asyncio.to_thread(
            audit.record,
            self._node.catalogue,
            REVEALED,
            who=f"console:{by}",
            kind="person",
            name=self._node.public.name(number),
            at=now_ms(),
            reason=reason,
            details={"values": list(dict.fromkeys(one[0] for one in values))},
        )
        return Revealed(
            head=head_of(self._node, number, found, language=language),
            values=tuple((identifier_name(name, language), clean(value, most=_LONGEST)) for name, value in values),
            row=row.number,
        )

    def _found(self, public: str) -> tuple[int, Located]:
        number = person_number(self._node, public)
        return number, self._node.journal.rows_of(self._node.world.people.members(number))
