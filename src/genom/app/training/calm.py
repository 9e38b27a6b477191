"""Waits until no import runs: a model of half a history would serve for a day."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["wait_for_calm"]

_EVERY: Final = 5.0  # seconds between two looks
_CALM: Final = 4  # calm looks in a row; between two parts of an import there may be some seconds
_LONGEST: Final = 900.0  # seconds; a shop that is always busy is trained for all the same
_BUSY: Final = {"position": 1_000.0, "profiles": 40.0}  # rows, and persons who are new, in a second


def wait_for_calm(look: Callable[[], Mapping[str, int]], *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Wait until `look` tells of few new rows and profiles for twenty seconds, at most a quarter of an hour.

    >>> told = iter([0, 90_000, 95_100, 95_100, 95_100, 95_100, 95_100, 95_100])
    >>> waited = []
    >>> wait_for_calm(lambda: {"position": next(told), "profiles": 7}, sleep=waited.append)
    >>> sum(waited)
    30.0
    """
    before, calm = look(), 0
    for _ in range(int(_LONGEST / _EVERY)):
        sleep(_EVERY)
        now = look()
        busy = any(now[name] - before[name] > most * _EVERY for name, most in _BUSY.items())
        before, calm = now, 0 if busy else calm + 1
        if calm == _CALM:
            return
