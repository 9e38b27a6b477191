"""Who can be reached by which channel: who permits it, and of whom the node holds what it takes.

What is held is looked up in the vault by its kind alone; no value is read for it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.segments import Crowd

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["CHANNELS", "Channel", "Contacts", "Reached"]

_QUICK: Final = 0.02  # seconds that a look at the vault may take and yet be repeated at each change
_LATELY: Final = 60.0  # seconds for which a longer one is good


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach people."""

    id: str
    purpose: str  # that a person must permit
    held: tuple[str, ...]  # kinds of contact or identifier, of which one is enough


CHANNELS: Final = (
    Channel(id="email", purpose="email", held=("email",)),
    Channel(id="sms", purpose="sms_push", held=("phone",)),
    Channel(id="onsite", purpose="personalise_onsite", held=("anonymous_id",)),
    Channel(id="sales", purpose="crm_sales", held=("phone", "email")),
    Channel(id="ads", purpose="ads_retarget", held=("email", "phone")),
    Channel(id="post", purpose="post", held=("address",)),
)
"""All channels; one whose purpose the registry lacks is left out."""
_KINDS: Final = ("email", "phone", "address", "anonymous_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whom of some people a channel reaches."""

    people: Crowd
    permit: Crowd  # who permits it, whatever is held of them
    without: Crowd  # who permits it, and of whom there is not what it takes


class Contacts:
    """Which kinds of contact are held of each person; looked up beside the loop, and again when something changed."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._bits = np.zeros(1, np.uint8)  # (people + 1,)
        self._seen, self._at, self._took = (-1, -1, -1), 0.0, 0.0

    async def refresh(self) -> None:
        """Look again if something came or went; a look that takes long is good for a minute."""
        world = self._node.world
        seen = (self._node.vault.changes, world.profiles.count, world.position)
        good = _LATELY if self._took > _QUICK else 0.0
        if seen == self._seen or time.monotonic() - self._at < good:
            return
        began = time.monotonic()
        self._bits = await asyncio.to_thread(self._look)
        self._seen, self._at = seen, time.monotonic()
        self._took = self._at - began

    def have(self, channel: Channel, people: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of which people there is something to reach them by."""
        wanted = sum(1 << _KINDS.index(kind) for kind in channel.held)
        known = people < len(self._bits)
        return np.asarray(known & (self._bits[np.where(known, people, 0)] & np.uint8(wanted) != 0))

    def _look(self) -> NDArray[np.uint8]:
        world = self._node.world
        count = world.profiles.count
        person_of = world.people.person_of[: count + 1].copy()
        by_profile = np.where(world.profiles.are(count, "anonymous_id"), np.uint8(1 << 3), np.uint8(0))
        places = world.profiles.low_words(count).astype(np.uint64) >> np.uint64(1)  # as `vault_place` says
        order = np.argsort(places, kind="stable")
        for number, kind in enumerate(_KINDS[:3]):
            kept = self._node.vault.places(kind).astype(np.uint64)
            at = np.minimum(np.searchsorted(places[order], kept), count)
            mine = order[at[places[order][at] == kept]]
            by_profile[mine] |= np.uint8(1 << number)
        found = np.zeros(count + 1, np.uint8)
        np.bitwise_or.at(found, person_of, by_profile)
        found[0] = 0
        return found
