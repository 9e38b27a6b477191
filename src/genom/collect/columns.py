"""A request whose events are all plain, as columns: journal rows and hashes, without an object for each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.collect.currencies import currency_number
from genom.collect.event import Frame
from genom.collect.labels import PATHS
from genom.collect.lexicon import Lexicon, Role
from genom.collect.plain import Table
from genom.collect.settle import SETTLED, STRONGEST, TAKES_LONGER, settle
from genom.collect.times import QUARTER
from genom.collect.vocabulary import Field
from genom.words import ROW

__all__ = ["Columns", "columns_of"]

_TEXTS: Final = (
    (Role.CURRENCY, Field.CURRENCY), (Role.LIBRARY, Field.LIBRARY), (Role.ZONE, Field.ZONE),
    (Role.DEVICE, Field.DEVICE), (Role.AGENT, Field.AGENT),
)  # fmt: skip
_RETRIES: Final = 2  # after the texts of a request were learned it has nothing missing


@dataclass(frozen=True, slots=True)
class Columns:
    """The events of one request; n of them."""

    rows: NDArray[np.void]  # ROW, shape (n,): all but sequence, profile, mask, assumed and the categories
    hashes: NDArray[np.uint64]  # shape (n, 3, 2): by STRONGEST, OTHER, THING; 0, 0 = the event has none
    bodies: bytes  # `body_start` counts from its begin
    _table: Table
    _body: bytes

    def identifier(self, index: int, place: int) -> tuple[str, str]:
        """Type and value of an event's identifier at STRONGEST or OTHER."""
        user = self._text(index, Field.USER)
        if user and place == STRONGEST:
            return "user_id", user
        return "anonymous_id", self._text(index, Field.ANONYMOUS)

    def thing(self, index: int) -> tuple[str, str, str]:
        """Product id and the two categories of an event that has them."""
        wider, narrower = PATHS[self._text(index, Field.CATEGORY)]
        return self._text(index, Field.ITEM), wider, narrower

    def _text(self, index: int, field: Field) -> str:
        return self._body[self._table[index, field] : self._table[index, field + 1]].decode()


def columns_of(
    body: bytes, table: Table, frame: Frame, *, lexicon: Lexicon, source: int, reporting: int
) -> Columns | None:
    """The columns of scanned events; None if one of them takes longer.

    `source` is the sender's number, `reporting` the ISO 4217 number of the reporting currency.
    """
    count, text, prefix = len(table), np.frombuffer(body, np.uint8), np.frombuffer(b"%d\0" % source, np.uint8)
    rows, hashes, missing = np.zeros(count, ROW), np.zeros((count, 3, 2), np.uint64), np.empty(count, np.uint8)
    default = currency_number("", frame.currency)
    common = np.array((frame.received_at, frame.history, frame.flags, source, reporting, default), np.int64)
    for _ in range(_RETRIES):
        keys = (lexicon.message.start, lexicon.identity.start, lexicon.item.start)
        result = settle(text, table, *lexicon.meanings.arrays, *keys, prefix, common, rows, hashes, missing)
        if result == TAKES_LONGER:
            return None
        if result == SETTLED:
            bodies = body[table[0, Field.BEGIN] : table[-1, Field.END]]
            return Columns(rows, hashes, bodies, table, body)
        _learn(lexicon, body, table, missing, frame.currency)
    return None


def _learn(lexicon: Lexicon, body: bytes, table: Table, missing: NDArray[np.uint8], currency: str) -> None:
    found = set()
    for index in np.flatnonzero(missing).tolist():
        for role, field in _TEXTS:
            if missing[index] >> role & 1:
                text = body[table[index, field] : table[index, field + 1]].decode("latin-1")
                found.add((role, text, int(table[index, Field.TIME]) // QUARTER if role is Role.ZONE else 0))
    lexicon.learn(found, reporting=currency)
