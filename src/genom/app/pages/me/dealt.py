"""Which categories a person may be asked about: those that the person's own sources deal in.

A node may serve several shops, and somebody who bought groceries in one need not read the departments of another.
Products carry no source, so what a source deals in is what its events are about; the journal is read once and then
only what is new in it.
"""

from __future__ import annotations

import asyncio
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.node import Node

__all__ = ["PORTAL", "Dealt"]

PORTAL: Final = "portal"  # source of what people say on their pages: it sells nothing
_ROWS: Final = 65_536  # rows after which others have their turn
_FIRST: Final = 2  # code of a category; below it are none and other
_EVENTS: Final = 200  # kinds from here on are records of our own


class Dealt:
    """Source → codes of categories, kept up with the journal."""

    def __init__(self, node: Node) -> None:
        self._node, self._position = node, 0
        self._codes: dict[int, set[int]] = {}

    async def caught_up(self) -> None:
        """Read what is new in the journal."""
        held = 0
        for block in self._node.journal.blocks(self._position + 1):
            self._take(block.rows[block.rows["sequence"] > self._position])
            held += len(block.rows)
            if held >= _ROWS:
                held = 0
                await asyncio.sleep(0)

    def terms_of(self, person: int) -> frozenset[str]:
        """The categories of the person's sources, whether or not a catalogue of products knows them."""
        node = self._node
        sources = {
            number
            for number in np.unique(node.world.rows_of(person, node.journal)["source"]).tolist()
            if number not in node.sources or node.sources[number].name != PORTAL
        }
        codes = {code for source in sources for code in self._codes.get(source, ())}
        return frozenset(node.world.term("category_2", code) for code in codes)

    def _take(self, rows: NDArray[np.void]) -> None:
        if not len(rows):
            return
        told = rows[(rows["kind"] < _EVENTS) & (rows["category_2"] >= _FIRST)]
        for source in np.unique(told["source"]).tolist():
            self._codes.setdefault(source, set()).update(
                np.unique(told["category_2"][told["source"] == source]).tolist()
            )
        self._position = max(self._position, int(rows["sequence"][-1]))
