"""Keys that nobody knows: how often each came, by its last characters alone, so that a shop with a typo is told."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["WrongKey", "WrongKeys"]

_KEPT = 20  # different endings
_END = 4  # characters of a key that are kept


class WrongKey(NamedTuple):
    """A wrong key."""

    end: str  # its last characters; "" = no key was sent
    times: int
    at: int  # unix ms of the newest time


class WrongKeys:
    """A bounded memory since the start; the one that was silent longest makes room.

    >>> keys = WrongKeys()
    >>> keys.note("wk_secret1234", now=5)
    >>> keys.note("wk_other-1234", now=7)
    >>> keys.newest()
    WrongKey(end='1234', times=2, at=7)
    """

    def __init__(self) -> None:
        self._seen: dict[str, WrongKey] = {}  # the newest last

    def note(self, key: str, *, now: int) -> None:
        """A request came with this key, or with none ("")."""
        end = "".join(letter for letter in key[-_END:] if letter.isascii() and letter.isprintable())
        known = self._seen.pop(end, WrongKey(end, 0, 0))
        self._seen[end] = WrongKey(end, known.times + 1, now)
        if len(self._seen) > _KEPT:
            del self._seen[next(iter(self._seen))]

    def newest(self) -> WrongKey | None:
        """The one that came last."""
        return next(reversed(self._seen.values()), None)

    def every(self) -> list[WrongKey]:
        """All that are remembered, the newest first."""
        return list(reversed(self._seen.values()))

    def __len__(self) -> int:
        """How many endings are remembered."""
        return len(self._seen)
