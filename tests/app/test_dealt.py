"""What sources deal in is read from the journal in pieces that keep nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genom.app.pages.me.dealt import PIECE, Dealt
from genom.words import ROW


class Journal:
    """Blocks of so many rows each; counts what is read of them."""

    def __init__(self, *sizes: int) -> None:
        self.sizes, self.blocks_read, self.rows_read = list(sizes), 0, 0

    def blocks(self, first: int) -> Iterator[Any]:
        """All blocks that hold rows from this sequence on."""
        sequence = 1
        for size in self.sizes:
            rows = np.zeros(size, ROW)
            rows["sequence"] = np.arange(sequence, sequence + size)
            rows["source"], rows["category_2"] = 1 + rows["sequence"] % 2, 2 + rows["sequence"] % 5
            sequence += size
            if sequence > first:
                self.blocks_read, self.rows_read = self.blocks_read + 1, self.rows_read + size
                yield SimpleNamespace(rows=rows)


def dealt_of(journal: Journal, *, persons: tuple[int, ...] = (1, 2)) -> Dealt:
    """With a world in which person n has events of source n alone."""
    world = SimpleNamespace(
        rows_of=lambda person, _: np.array([(person,)], [("source", "u4")]), term=lambda _, code: f"c{code}"
    )
    sources = {number: SimpleNamespace(name=f"shop-{number}") for number in persons}
    return Dealt(SimpleNamespace(journal=journal, world=world, sources=sources))  # type: ignore[arg-type]


@pytest.mark.parametrize("sizes", [[1] * 3_000, [500] * 100, [1, 700] * 60], ids=["small", "large", "mixed"])
def test_others_have_their_turn_after_every_few_blocks_and_rows(sizes: list[int]) -> None:
    journal = Journal(*sizes)
    dealt, seen = dealt_of(journal), [(0, 0)]

    async def read() -> None:
        reading = asyncio.create_task(dealt.caught_up())
        while not reading.done():
            await asyncio.sleep(0)
            seen.append((journal.blocks_read, journal.rows_read))

    asyncio.run(read())

    blocks, rows = np.diff(np.array(seen), axis=0).max(axis=0).tolist()
    assert blocks <= PIECE.blocks
    assert rows <= PIECE.rows + max(sizes)
    assert journal.rows_read == sum(sizes)
    assert dealt.terms_of(1) == {f"c{code}" for code in range(2, 7)}


def test_what_is_new_is_read_once_however_many_ask_at_the_same_time() -> None:
    journal = Journal(*[1] * 500)
    dealt = dealt_of(journal)

    async def ask() -> None:
        await asyncio.gather(*(dealt.caught_up() for _ in range(5)))

    asyncio.run(ask())
    journal.sizes.append(3)
    asyncio.run(ask())

    assert journal.rows_read == 503
