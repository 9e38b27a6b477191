"""Counts of people as they are told: moved by a secret amount that is always the same for the same people.

Whoever compares the counts of two rules counts the people who are in one and not in the other.  So each count that is
told is moved by noise as large as half of the floor, drawn from a key of exactly these people: asking again, or for the
same people in other words, gives the same number, and nothing is learned by averaging.

Source: the cell key method of the Australian Bureau of Statistics (Fraser and Wooton, "A proposed method for
confidentialising tabular output to protect against differencing", UNECE work session 2005), which the German census
uses too; with two-sided exponential noise, so that one person more or less changes no answer's odds by much.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from math import copysign, log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Crowd", "Held", "Teller"]

_NUMBER: Final = 2  # a floor is this many times the scale of the noise of a number
_SHOWN: Final = 8  # and of the noise that decides whether a number is told at all
_STEPS: Final = 5  # of the numbers that are told, in a floor
_HELD: Final = 10_000  # counts that are remembered
_ONE, _TWO, _THREE = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


class Crowd(NamedTuple):
    """Some people: how many, and the key of exactly these."""

    size: int
    key: int


class Teller:
    """Tells counts; `secret` is known to nobody who reads them, and of fewer people than `floor` none is told.

    So that nobody finds out by adding people who they made up when a group reaches the floor, a number is told only
    of about half as many more (`least`), with noise of its own.  A floor of 1 tells every count as it is.

    >>> teller = Teller(b"secret", floor=50)
    >>> people = np.arange(1, 1001)
    >>> told = [teller.told(teller.crowd(who)) for who in (people, people[::-1], people[:3])]
    >>> told[0] == told[1], told[0] % 10, told[2]
    (True, 0, None)
    """

    def __init__(self, secret: bytes, *, floor: int) -> None:
        self.floor, self._secret = floor, blake2b(b"counts", key=secret[:64], digest_size=32).digest()
        self._salt = np.uint64(int.from_bytes(self._secret[:8], "little"))

    @property
    def least(self) -> int:
        """The smallest number that is told."""
        return self.floor + self.floor // 2

    @property
    def exact(self) -> bool:
        """Whether counts are told as they are."""
        return self.floor <= 1

    def keys(self, who: NDArray[np.int64]) -> NDArray[np.uint64]:
        """A key for each of these people; keys of groups add up (SplitMix64, modulo 2^64)."""
        x = (who.astype(np.uint64) + np.uint64(1)) * _ONE ^ self._salt
        x = (x ^ (x >> np.uint64(30))) * _TWO
        x = (x ^ (x >> np.uint64(27))) * _THREE
        return np.asarray(x ^ (x >> np.uint64(31)))

    def crowd(self, who: NDArray[np.int64]) -> Crowd:
        """These people, each of them once."""
        return Crowd(len(who), 0 if self.exact else int(self.keys(who).sum(dtype=np.uint64)))

    def key_of(self, *words: object) -> int:
        """A key of what is named, where nobody knows the people any more."""
        return int.from_bytes(self._drawn(repr(words).encode(), b"words"), "little")

    def told(self, crowd: Crowd) -> int | None:
        """How many people that are, as may be told; None for few."""
        if self.exact:
            return crowd.size if crowd.size >= self.floor else None
        shown = crowd.size + self._noise(crowd.key, b"shown", self.floor / _SHOWN)
        return self.number(crowd) if crowd.size >= self.floor and shown >= self.least else None

    def number(self, crowd: Crowd) -> int:
        """The number that is told of a group, if one is told: in steps, and never below `least`."""
        if self.exact:
            return crowd.size
        step = max(1, self.floor // _STEPS)
        moved = crowd.size + self._noise(crowd.key, b"number", self.floor / _NUMBER)
        return max(-(-self.least // step), round(moved / step)) * step

    def patience(self, key: int) -> float:
        """By how many people a group may change before its number is drawn anew: half a floor to one and a half."""
        return self.floor * (0.5 + self._uniform(key, b"held"))

    def _noise(self, key: int, what: bytes, scale: float) -> float:
        """Two-sided exponential noise."""
        side = 2 * self._uniform(key, what) - 1
        return copysign(scale * -log(1 - abs(side)), side)

    def _uniform(self, key: int, what: bytes) -> float:
        return (int.from_bytes(self._drawn(key.to_bytes(8, "little"), what), "little") + 0.5) / 2**64

    def _drawn(self, content: bytes, what: bytes) -> bytes:
        return blake2b(content, key=self._secret, person=what, digest_size=8).digest()


class Held:
    """What was told last under each name, so that a group in which people come and go gets no new number each time.

    Else whoever asks for weeks would have many numbers about nearly the same people, and their mean.
    """

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self._held: OrderedDict[Hashable, Crowd] = OrderedDict()

    def hold(self, name: Hashable, count: int, key: Callable[[], int]) -> Crowd:
        """The people whose number is told for a group that counts so many now; `key` is asked if it is a new one."""
        if self.teller.exact:
            return Crowd(count, 0)
        held = self._held.get(name)
        if held is None or abs(count - held.size) >= self.teller.patience(held.key):
            held = self._held[name] = Crowd(count, key())
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(name)
        return held
