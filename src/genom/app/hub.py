"""Who wants to see what happens: pages that show it as it comes.

A watcher is called in the node's loop after the answer to the client is on its way, so it must be quick: it returns
at once while nobody looks at its page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from genom.collect import BadRow

__all__ = ["Hub"]

log = logging.getLogger("genom.hub")


class Hub:
    """Watchers of commits and of refusals."""

    def __init__(self) -> None:
        self.on_commit: list[Callable[[NDArray[np.void], bytes], None]] = []  # rows as they stand in the journal
        self.on_refused: list[Callable[[Sequence[BadRow]], None]] = []

    def committed(self, rows: NDArray[np.void], bodies: bytes) -> None:
        """These rows are durable and folded; a watcher that fails is logged, and disturbs nobody."""
        for watcher in self.on_commit:
            try:
                watcher(rows, bodies)
            except Exception:
                log.exception("a watcher of commits failed")

    def refused(self, rows: Sequence[BadRow]) -> None:
        """These events were not taken."""
        for watcher in self.on_refused:
            try:
                watcher(rows)
            except Exception:
                log.exception("a watcher of refusals failed")
