"""The busier the node, the longer a commit waits for company, so that more requests share what each commit costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Pace"]

LONGEST: Final = 0.004  # seconds between the begins of two commits of a node that does nothing but work
EASY: Final = 0.5  # share of its time that a node may work before commits wait
_LOOK: Final = 0.02  # seconds over which the share is measured


class Pace:
    """When the next commit should begin; times are in seconds.

    >>> at = [0.0, 0.0]
    >>> pace = Pace(clock=lambda: at[0], used=lambda: at[1])
    >>> at[:] = [1.0, 0.3]  # three tenths of the time were work
    >>> pace.rest()
    0.0
    >>> at[:] = [2.0, 1.3]  # then all of it
    >>> pace.begin(), round(pace.rest(), 6)
    (None, 0.0006)
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.perf_counter, used: Callable[[], float] = time.thread_time
    ) -> None:
        self._clock, self._used = clock, used
        self._seen, self._spent = clock(), used()
        self._busy = 0.0  # share of the thread's time, smoothed
        self._begun = self._seen

    def begin(self) -> None:
        """A commit begins now."""
        self._begun = self._clock()

    def rest(self) -> float:
        """How long to wait before the next one begins, if few requests wait."""
        now = self._clock()
        if now - self._seen >= _LOOK:
            spent = self._used()
            self._busy = (self._busy + min(1.0, (spent - self._spent) / (now - self._seen))) / 2
            self._seen, self._spent = now, spent
        pause = LONGEST * max(0.0, self._busy - EASY) / (1 - EASY)
        return max(0.0, self._begun + pause - now)
