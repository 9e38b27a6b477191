"""A bounded memory of a pure function's values, read as a mapping: the fastest look-up that Python has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Memo"]

K = TypeVar("K")
V = TypeVar("V")

_LONG = 128  # characters of a text that is not remembered: a client must not fill the memory


class Memo(dict[K, V]):
    """Values of `work` by its argument; forgets all of them when it holds `most`.

    >>> squares = Memo(lambda number: number * number, most=2)
    >>> squares[3], squares[4], squares[5], sorted(squares)
    (9, 16, 25, [5])
    """

    __slots__ = ("_most", "_work")

    def __init__(self, work: Callable[[Any], V], *, most: int) -> None:
        super().__init__()
        self._work, self._most = work, most

    def __missing__(self, key: K) -> V:
        value = self._work(key)
        if len(str(key)) <= _LONG:
            if len(self) >= self._most:
                self.clear()
            self[key] = value
        return value
