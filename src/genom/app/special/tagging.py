"""Tags of a running node: they hold for the events that come from now on, and then for those that are there.

Events of before are narrowed beside everything else: found and overwritten in a thread, as an erasure is; then each
person's genome is folded anew, at once for whoever is read, and what they taught is taken out and in again.
A start does whatever a crash left undone, from the beginning (`settling.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.special.narrowing import rows_about
from genom.app.special.settling import BEGUN, DONE, drop_states, end_narrowing, narrowed_by
from genom.app.special.tags import Tagged, Tags, flagged_products, tags_of, told_by
from genom.app.state_lock import no_state_is_written
from genom.errors import nearest
from genom.words import ROW, Kind

if TYPE_CHECKING:
    from genom.app.commit import Committer
    from genom.app.node import Node

__all__ = ["Tagger", "Tagging"]

log = logging.getLogger("genom.art9")

_AT_ONCE: Final = 10  # profiles whose lessons are taken out or in between two commits
_HINTS: Final = 100  # names that nobody has sent yet, of each part, that are told
_AGAIN: Final = 30.0  # seconds after something that could not be done
_PAUSE: Final = 0.002  # seconds after some blocks, so that commits get the disk
_LINES: Final = ["kind", "line", "category_2", "ts"]  # of order lines, for the popularity of categories


class Tagging(msgspec.Struct, frozen=True, kw_only=True):
    """What is tagged as a special category of data."""

    tagged: Tagged  # by `PUT /v1/art9`
    file: Tagged  # by art9.yaml
    products: int  # sent as tagged
    things: int  # products and coupons that are tagged by all of this together
    state: str  # `done`; or `waiting`: events of before are being narrowed
    people: int  # whose genome is still to be folded anew
    unknown: dict[str, str]  # categories and products that are tagged and that nobody has sent yet → what to look at


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows that must be narrowed, and whom that concerns."""

    sequences: NDArray[np.uint64]
    profiles: list[int]
    teaching: list[int]  # profiles with orders or outcomes among them
    lines: NDArray[np.void]  # of orders
    masks: NDArray[np.uint64]  # of these lines, as they were folded


class Tagger:
    """Keeps a node's tags; `busy` tells whether the genome is being replaced as a whole just now."""

    def __init__(self, node: Node, committer: Committer, *, busy: Callable[[], bool] = lambda: False) -> None:
        self._node, self._committer, self._busy = node, committer, busy
        self._turn, self._work, self._wake = asyncio.Lock(), asyncio.Lock(), asyncio.Event()

    async def renew(self) -> None:
        """Take in the tags of file and catalogue, between two commits."""
        async with self._turn:
            node = self._node
            tags = await asyncio.to_thread(tags_of, node.data.path, node.catalogue)
            if tags != node.desk.tags:
                await self._committer.between(lambda: self._put(tags))
        self._wake.set()

    def _put(self, tags: Tags) -> None:
        self._node.desk.tags = tags
        self._node.pipeline.catalogue_changed()

    def state(self) -> Tagging:
        """What is tagged, by what."""
        node = self._node
        file, tagged = told_by(node.data.path, node.catalogue)
        return Tagging(
            tagged=tagged, file=file, products=len(flagged_products(node.catalogue)), things=len(node.desk.tags.items),
            state="waiting" if self._due else "done", people=len(node.unfolded),
            unknown=self._unknown((file, tagged)),
        )  # fmt: skip

    def _unknown(self, told: Sequence[Tagged]) -> dict[str, str]:
        """Tags that fit nothing so far: they hold for what may still come, or are mistyped."""
        terms = self._node.world.terms
        if not any(one.category_1 or one.category_2 or one.products for one in told):
            return {}
        items = [item for item, _, _ in self._node.catalogue.products()]
        items += [str(action["id"]) for action in self._node.catalogue.actions()]
        found: dict[str, str] = {}
        for part, known in (("category_1", terms[1].terms), ("category_2", terms[2].terms), ("products", items)):
            there = set(known)
            for name in sorted({name for one in told for name in getattr(one, part)} - there)[:_HINTS]:
                found[name] = nearest(name, known) or f"nothing in {part} was ever called so; it holds if it comes"
        return found

    @property
    def _due(self) -> bool:
        node = self._node
        return (node.catalogue.get(DONE) or "") != narrowed_by(node.desk.tags, kept=node.purposes.of_special)

    async def run(self) -> None:
        """Narrow what must be, whenever tags have changed; until cancelled."""
        while True:
            try:
                done = await self.finish()
            except Exception:
                log.exception("events about special categories could not be narrowed; it is tried again")
                done = False
            if not done:
                await asyncio.sleep(_AGAIN)
                continue
            await self._wake.wait()
            self._wake.clear()

    async def finish(self) -> bool:
        """Do all that is due; False if the genome is being replaced just now, so that it has to wait."""
        async with self._work:
            while await asyncio.to_thread(lambda: self._due):
                if not await self._narrow():
                    return False
        return True

    async def _narrow(self) -> bool:
        node, tags, until = self._node, self._node.desk.tags, self._node.journal.last
        found = await asyncio.to_thread(self._find, tags, until)
        if len(found.sequences):
            await asyncio.to_thread(node.catalogue.put, BEGUN, True)
            await self._in_turns(found.teaching, node.outcomes.take_out)
            failed: Exception | None = None
            done = False
            try:
                done = await asyncio.to_thread(self._overwrite, found.sequences)
            except Exception as error:  # noqa: BLE001 -- it is raised below, when memory agrees with what is on disk
                failed = error
            if done:
                await self._committer.between(lambda: node.world.matrix.take_back(found.lines, found.masks))
            node.unfolded.update(found.profiles)
            await self._fold_anew(found.profiles)
            await self._in_turns(found.teaching, node.outcomes.take_in)
            if failed is not None:
                raise failed
            if not done:
                return False
            log.warning("events about special categories were narrowed", extra={"rows": len(found.sequences)})
        await asyncio.to_thread(end_narrowing, node.catalogue, tags, kept=node.purposes.of_special)
        node.models.refresh(now=now_ms())
        return True

    def _find(self, tags: Tags, until: int) -> _Found:
        """In a thread."""
        node, profiles, teaching = self._node, set[int](), set[int]()
        lines, masks = [np.zeros(0, ROW)[_LINES]], [np.zeros(0, np.uint64)]
        sequences = rows_about(node.journal, tags, node.desk.items, kept=node.purposes.of_special, until=until)
        for rows in _rows_of(node, sequences):
            profiles.update(np.unique(rows["profile"]).tolist())
            orders = rows[rows["kind"] == Kind.ORDER_COMPLETED]
            teaching.update(np.unique(orders["profile"]).tolist())
            lines.append(orders[_LINES])
            masks.append(orders["mask"].copy())
            for decision in np.unique(rows["decision"][rows["decision"] != 0]).tolist():
                made = node.journal.rows_of_decision(decision).rows
                teaching.update(made["profile"][made["kind"] == Kind.DECISION].tolist())
        return _Found(
            sequences, sorted(profiles - {0}), sorted(teaching - {0}), np.concatenate(lines), np.concatenate(masks)
        )

    def _overwrite(self, sequences: NDArray[np.uint64]) -> bool:
        """In a thread; whether it was done.  State files go first: none may be left that knew the rows as they were."""
        node = self._node
        with no_state_is_written(node.data.path):
            if self._busy():
                return False
            drop_states(node.data.path)
            node.journal.narrow_rows(sequences, kept=node.purposes.of_special, progress=lambda _: time.sleep(_PAUSE))
        return True

    async def _in_turns(self, profiles: Sequence[int], act: Callable[[list[int]], None]) -> None:
        for first in range(0, len(profiles), _AT_ONCE):
            some = list(profiles[first : first + _AT_ONCE])
            await self._committer.between(partial(act, some))

    async def _fold_anew(self, profiles: Sequence[int]) -> None:
        """One person after the other, in half of the time; whoever is read before their turn is folded then."""
        for profile in profiles:
            began = time.monotonic()
            if self._node.fold_waiting(self._node.world.people.person(profile), now=now_ms()):
                await asyncio.sleep(time.monotonic() - began)


def _rows_of(node: Node, sequences: NDArray[np.uint64]) -> Iterator[NDArray[np.void]]:
    """The rows with these ascending numbers, block by block."""
    for block in node.journal.blocks(int(sequences[0]) if len(sequences) else node.journal.last + 1):
        rows = block.rows[np.isin(block.rows["sequence"], sequences)]
        if len(rows):
            yield rows
