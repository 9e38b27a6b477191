"""What recurring texts mean, for a compiled pass: names of events, currencies, libraries, time zones.

A text is known by its keyed hash of 128 bits, which nobody without the key can make collide.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

import numpy as np

from genom.collect.channels import BY_LIBRARY
from genom.collect.currencies import CURRENCIES, currency_number
from genom.collect.details import IS_SINGLE, TAKES_LONGER
from genom.collect.devices import BY_AGENT, BY_TYPE
from genom.collect.event import TRACK_KINDS
from genom.collect.times import ZONE_HOURS
from genom.tables import Hasher, Table128

__all__ = ["LONGER", "SINGLE", "Lexicon", "Role"]

SINGLE: Final = 1 << 16  # bits of a name's meaning beside the kind: it is about one product
LONGER: Final = 1 << 17  # and: its details take the general reading
_MOST: Final = 65_536  # meanings; a request has at most 50,000

Key = tuple[int, int]


class Role(IntEnum):
    """What a text stands for; the same text may be a name and a currency."""

    NAME = 1
    CURRENCY = 2
    LIBRARY = 3
    ZONE = 4
    DEVICE = 5
    AGENT = 6


class Lexicon:
    """The keys under which texts are hashed, and a bounded memory of meanings.

    >>> lexicon = Lexicon(message=Hasher(bytes(16)), identity=Hasher(bytes(16)), item=Hasher(bytes(16)))
    >>> kinds = len(lexicon)
    >>> lexicon.learn([(Role.CURRENCY, "usd", 0), (Role.CURRENCY, "usd", 0)], reporting="EUR")
    >>> len(lexicon) - kinds
    1
    """

    def __init__(self, *, message: Hasher, identity: Hasher, item: Hasher) -> None:
        self.message, self.identity, self.item = message, identity, item
        self.meanings = Table128(max_entries=_MOST)
        self._begin()

    def __len__(self) -> int:
        return len(self.meanings)

    def learn(self, texts: Iterable[tuple[Role, str, int]], *, reporting: str) -> None:
        """Work out and remember what texts mean; the number is the quarter of an hour of a time zone, else 0.

        `reporting`: the currency of amounts that name none.
        """
        found = {self._key(*one): _meaning(*one, reporting) for one in texts}
        if len(self.meanings) + len(found) > _MOST:
            self._begin()
        self._put(found)

    def _begin(self) -> None:
        self.meanings = Table128(max_entries=_MOST)
        names = {self._key(Role.NAME, name, 0): _of_name(kind) for name, kind in TRACK_KINDS.items()}
        self._put(names | {self._key(Role.CURRENCY, code, 0): number for code, number in CURRENCIES.items()})

    def _put(self, found: dict[Key, int]) -> None:
        keys = np.array(list(found), np.uint64).reshape(-1, 2)
        self.meanings.put(keys, np.array(list(found.values()), np.int64))

    def _key(self, role: Role, text: str, quarter: int) -> Key:
        """`settle` computes the same; texts are as they stand in the body: one character a byte."""
        low, high = self.item.digest_one(text.encode("latin-1"))
        return low ^ quarter, high ^ role


def _of_name(kind: int) -> int:
    return kind | (SINGLE if kind in IS_SINGLE else 0) | (LONGER if kind in TAKES_LONGER else 0)


def _meaning(role: Role, text: str, quarter: int, reporting: str) -> int:
    if role is Role.CURRENCY:
        return currency_number(text, reporting)
    if role is Role.LIBRARY:
        return BY_LIBRARY[text]
    if role in (Role.DEVICE, Role.AGENT):
        return (BY_TYPE if role is Role.DEVICE else BY_AGENT)[text]
    return ZONE_HOURS[text, quarter]
