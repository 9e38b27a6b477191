"""Retention: events that serve only purposes whose storage windows have passed are overwritten in the journal.

Read windows end before storage windows do, so that genome and models have let go of such an event by then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.app import audit
from genom.consent import Purposes
from genom.genome import DAY
from genom.words import Kind

if TYPE_CHECKING:
    from genom.app.node import Node
    from genom.journal import Journal

__all__ = ["EXPIRED", "Expired", "Retention", "expired_rows"]

EXPIRED: Final = "events.expired"
_FACTS: Final = int(Kind.IDENTIFIER)  # kinds from here on are no events
_PAUSE: Final = 0.002  # seconds after some blocks, so that commits get the disk


class Expired(NamedTuple):
    """Rows whose time has passed."""

    sequences: NDArray[np.uint64]
    events: int  # of these rows; the others are their lines


def windows(purposes: Purposes) -> dict[int, int]:
    """Bit of a purpose → ms for which an event that serves nothing else is stored."""
    return {one.mask: one.storage_window_days * DAY for one in purposes.every if one.storage_window_days}


def expired_rows(
    journal: Journal, stored: Mapping[int, int], *, now: int, spared: Iterable[int] = (), until: int | None = None
) -> Expired:
    """The events of which every purpose has let go at the begin of today (UTC), without those of spared profiles.

    `stored` has the windows (ms) by bit.  An event that serves a purpose without a window, or none at all, stays.
    """
    today, bits = now // DAY * DAY, np.uint64(sum(stored))
    kept, left, events = np.array(sorted(spared), np.uint64), [np.zeros(0, np.uint64)], 0
    for block in journal.blocks():
        if until is not None and block.header.first_sequence > until:
            break
        rows = block.rows
        masks = rows["mask"] | rows["assumed"]
        rows = rows[(rows["kind"] < _FACTS) & (masks != 0) & (masks & ~bits == 0)]
        if not len(rows):
            continue
        masks, window = rows["mask"] | rows["assumed"], np.zeros(len(rows), np.int64)
        for bit, size in stored.items():
            window = np.where(masks & np.uint64(bit) != 0, np.maximum(window, size), window)
        gone = rows[(rows["ts"] + window < today) & ~np.isin(rows["profile"], kept)]
        left.append(gone["sequence"].copy())
        events += int(np.count_nonzero(gone["line"] == 0))
    return Expired(np.concatenate(left), events)


class Retention:
    """Overwrites once a day what nobody may keep any longer."""

    def __init__(self, node: Node, *, clock: Callable[[], int]) -> None:
        self._node, self._clock, self._day = node, clock, -1

    @property
    def due(self) -> bool:
        """Whether a day has begun since the last time, and some purpose has a storage window."""
        return bool(windows(self._node.purposes)) and self._clock() // DAY != self._day

    async def tend(self) -> int:
        """Overwrite what is due; returns how many events that were.  People who have their data restricted keep all."""
        if not self.due:
            return 0
        node, now = self._node, self._clock()
        people = node.world.people
        spared = {one for held in node.choices.restricted_profiles() for one in people.members(people.person(held))}
        found = await asyncio.to_thread(
            expired_rows, node.journal, windows(node.purposes), now=now, spared=spared, until=node.world.position
        )
        if len(found.sequences):
            await asyncio.to_thread(
                node.journal.erase_rows, found.sequences, expired=True, progress=lambda _: time.sleep(_PAUSE)
            )
            await asyncio.to_thread(
                audit.record, node.catalogue, EXPIRED, who="node", kind="journal", name="", at=now,
                details={"events": found.events, "rows": len(found.sequences)},
            )  # fmt: skip
        self._day = now // DAY
        return found.events
