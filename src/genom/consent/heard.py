"""Choices that came with an id of their sender's: sent again, they are the same choice and not a newer one."""

from __future__ import annotations

from typing import Final

__all__ = ["Heard"]

_MOST: Final = 100_000  # ids that are remembered: whoever got no answer sends again soon


class Heard:
    """Keyed hashes of the newest ids, from the ledger; the oldest are forgotten.

    >>> heard = Heard(most=2)
    >>> for key in ("aa", "bb", "", "cc"):
    ...     heard.add(key)
    >>> "aa" in heard, "bb" in heard, "cc" in heard, "" in heard
    (False, True, True, False)
    """

    __slots__ = ("_keys", "_most")

    def __init__(self, *, most: int = _MOST) -> None:
        self._keys: dict[str, None] = {}
        self._most = most

    def __contains__(self, key: str) -> bool:
        """Whether the choice came before."""
        return key in self._keys

    def add(self, key: str) -> None:
        """Remember a choice; one without an id has none to remember."""
        if key:
            self._keys[key] = None
        if len(self._keys) > self._most:
            del self._keys[next(iter(self._keys))]
