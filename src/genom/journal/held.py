"""Rows that have their sequence numbers and wait in memory for the next block: a write for each would cost more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genom.words import ROW

__all__ = ["Held"]


class Held:
    """A few small groups of rows, to be written as one block."""

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._bodies: list[bytes] = []
        self.rows = self.size = 0  # rows, bytes of bodies
        self.now = 0  # unix ms, UTC; when the newest came

    def add(self, rows: NDArray[np.void], bodies: bytes, *, now: int) -> None:
        """Keep numbered rows."""
        self.now = now
        kept = rows.copy()  # whoever watches the commits reads them, too
        if self.size:
            kept["body_start"] += np.uint32(self.size)
        self._rows.append(kept.tobytes())
        self._bodies.append(bodies)
        self.rows, self.size = self.rows + len(rows), self.size + len(bodies)

    def together(self) -> tuple[NDArray[np.void], bytes]:
        """All of them, for one block."""
        return np.frombuffer(b"".join(self._rows), ROW), b"".join(self._bodies)
