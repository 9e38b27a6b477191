"""Rows that have their sequence numbers and wait in memory for the next block: a write for each would cost more."""

from __future__ import annotations

from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.words import ROW

__all__ = ["Held"]

_START: Final = Struct("<I")
_BODY_AT: Final = next(int(field[1]) for name, field in (ROW.fields or {}).items() if name == "body_start")


class Held:
    """A few small groups of rows, to be written as one block."""

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._bodies: list[bytes] = []
        self.rows = self.size = 0  # rows, bytes of bodies
        self.now = 0  # unix ms, UTC; when the newest came

    def add(self, rows: NDArray[np.void], bodies: bytes, *, now: int) -> None:
        """Keep numbered rows."""
        self.now, kept = now, rows.tobytes()
        if self.size:  # whoever watches the commits reads the rows, too: only the copy counts from the block's begin
            kept = _moved(kept, self.size)
        self._rows.append(kept)
        self._bodies.append(bodies)
        self.rows, self.size = self.rows + len(rows), self.size + len(bodies)

    def together(self) -> tuple[NDArray[np.void], bytes]:
        """All of them, for one block."""
        return np.frombuffer(b"".join(self._rows), ROW), b"".join(self._bodies)


def _moved(rows: bytes, by: int) -> bytes:
    """Rows whose bodies begin so many bytes later, read and written as bytes: columns of one row cost far more."""
    copied = bytearray(rows)
    for at in range(_BODY_AT, len(copied), ROW.itemsize):
        _START.pack_into(copied, at, _START.unpack_from(copied, at)[0] + by)
    return bytes(copied)
