"""The same event twice counts once: remembered message ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.tables import Generations, Hasher
from genom.words import Kind

__all__ = ["Dedupe"]

_ERASED: Final = int(Kind.ERASED)
_FACTS: Final = 200  # kinds from here on are facts of Genom's own


class Dedupe:
    """Keyed 128-bit hashes of (source, message id), in bounded memory; rebuilt from the journal at a start."""

    def __init__(self, key: bytes, *, max_entries: int) -> None:
        self.hasher, self._seen = Hasher(key), Generations(max_entries)

    def keys(self, ids: Sequence[bytes]) -> NDArray[np.uint64]:
        """Hashes, shape (n, 2), of ids that begin with their source's number."""
        return self.hasher.digest(ids)

    def seen(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of these came before (in this batch too); all are remembered from now on."""
        return self._seen.seen(keys)

    def knows(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of these came before; nothing is remembered."""
        return self._seen.knows(keys)

    def forget(self, keys: NDArray[np.uint64]) -> None:
        """Take back `seen` for events that could not be written."""
        self._seen.forget(keys)

    def remember(self, rows: NDArray[np.void]) -> None:
        """Take in journalled event rows (lines repeat their event's id and are skipped), and erased ones."""
        self._seen.remember(_ids(np.require(rows, requirements=["C", "W"])))

    def dump(self) -> dict[str, NDArray[np.generic]]:
        """Arrays for a state file."""
        return self._seen.dump()

    def load(self, parts: dict[str, NDArray[np.generic]]) -> None:
        """Take in the arrays of a state file."""
        self._seen.load(parts)

    @property
    def forgotten(self) -> int:
        """Ids that had to be forgotten because memory is bounded."""
        return int(self._seen.forgotten)


@compiled
def _ids(rows: Any) -> Any:
    ids, count = np.empty((len(rows), 2), np.uint64), 0
    for i in range(len(rows)):
        row = rows[i]
        erased = row.kind == _ERASED and (row.id_low != 0 or row.id_high != 0)
        if erased or (row.line == 0 and row.kind < _FACTS):
            ids[count, 0], ids[count, 1] = row.id_low, row.id_high
            count += 1
    return ids[:count]
