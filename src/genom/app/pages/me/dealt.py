"""Which categories a person may be asked about: those that the person's own sources deal in.

A node may serve several shops, and somebody who bought groceries in one need not read the departments of another.
Products carry no source, so what a source deals in is what its events are about; the journal is read once and then
only what is new in it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.app.node import Node

__all__ = ["PIECE", "PORTAL", "Dealt"]

PORTAL: Final = "portal"  # source of what people say on their pages: it sells nothing
_FIRST: Final = 2  # code of a category; below it are none and other
_EVENTS: Final = 200  # kinds from here on are records of our own


class _Piece(NamedTuple):
    """How much of the journal is read before others have their turn: a few milliseconds."""

    blocks: int  # each takes some time by itself, however few rows it has
    rows: int


PIECE: Final = _Piece(blocks=32, rows=4_096)


class Dealt:
    """Source → codes of categories, kept up with the journal."""

    def __init__(self, node: Node) -> None:
        self._node, self._position = node, 0
        self._codes: dict[int, set[int]] = {}
        self._reading = asyncio.Lock()

    async def caught_up(self) -> None:
        """Read what is new in the journal, half of the time at most; one reads for all who wait."""
        async with self._reading:
            began, piece = time.monotonic(), list[NDArray[np.void]]()
            for block in self._node.journal.blocks(self._position + 1):
                piece.append(block.rows)
                if len(piece) >= PIECE.blocks or sum(map(len, piece)) >= PIECE.rows:
                    self._take(piece)
                    piece.clear()
                    await asyncio.sleep(time.monotonic() - began)
                    began = time.monotonic()
            self._take(piece)

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

    def _take(self, piece: list[NDArray[np.void]]) -> None:
        for rows in piece:
            told = rows[(rows["kind"] < _EVENTS) & (rows["category_2"] >= _FIRST)]
            for source, code in set(zip(told["source"].tolist(), told["category_2"].tolist(), strict=True)):
                self._codes.setdefault(source, set()).add(code)
            self._position = max(self._position, int(rows["sequence"].max(initial=0)))
