"""SipHash-2-4 with a 128-bit output: keyed hashes that nobody without the key can compute or collide.

Source: Aumasson, Bernstein, SipHash: a fast short-input PRF (2012), and its reference code for 128 bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled

__all__ = ["Hasher", "digest"]

_ZERO, _ONE, _2, _3, _4, _5, _6, _7, _8 = (np.uint64(n) for n in range(9))
_13, _16, _17, _21, _32, _56, _64 = (np.uint64(n) for n in (13, 16, 17, 21, 32, 56, 64))
_EE, _DD, _FF = (np.uint64(n) for n in (0xEE, 0xDD, 0xFF))  # the marks of the 128-bit variant, and a byte
_START = np.array(
    [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573], np.uint64
)  # "somepseudorandomlygeneratedbytes"

Words = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@compiled
def _rotate(x: np.uint64, by: np.uint64) -> np.uint64:
    return (x << by) | (x >> (_64 - by))


@compiled
def _round(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64) -> Words:
    a += b
    c += d
    b = _rotate(b, _13) ^ a
    d = _rotate(d, _16) ^ c
    a = _rotate(a, _32)
    a += d
    c += b
    d = _rotate(d, _21) ^ a
    b = _rotate(b, _17) ^ c
    c = _rotate(c, _32)
    return a, b, c, d


@compiled
def _four_rounds(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64) -> Words:
    for _ in range(4):
        a, b, c, d = _round(a, b, c, d)
    return a, b, c, d


@compiled
def _byte(data: bytes, at: np.uint64, index: np.uint64) -> np.uint64:
    return np.uint64(data[at + index]) << (index * _8)  # unsigned: spares the check for < 0


@compiled
def _word(data: bytes, at: np.uint64) -> np.uint64:
    low = _byte(data, at, _ZERO) | _byte(data, at, _ONE) | _byte(data, at, _2) | _byte(data, at, _3)
    return low | _byte(data, at, _4) | _byte(data, at, _5) | _byte(data, at, _6) | _byte(data, at, _7)


@compiled
def _last_word(data: bytes, at: np.uint64, length: np.uint64) -> np.uint64:
    word = (length & _FF) << _56
    for index in range(length % _8):
        word |= _byte(data, at, np.uint64(index))
    return word


@compiled
def _absorb(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, word: np.uint64) -> Words:
    d ^= word
    a, b, c, d = _round(a, b, c, d)
    a, b, c, d = _round(a, b, c, d)
    return a ^ word, b, c, d


@compiled
def digest(start: NDArray[np.uint64], data: bytes, at: np.uint64, length: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Low and high word of the hash of some of the bytes, for other kernels; `start` is a hasher's."""
    a, b, c, d = start[0], start[1], start[2], start[3]
    for _ in range(length // _8):
        a, b, c, d = _absorb(a, b, c, d, _word(data, at))
        at += _8
    a, b, c, d = _absorb(a, b, c, d, _last_word(data, at, length))
    a, b, c, d = _four_rounds(a, b, c ^ _EE, d)
    low = a ^ b ^ c ^ d
    a, b, c, d = _four_rounds(a, b ^ _DD, c, d)
    return low, a ^ b ^ c ^ d


@compiled
def _digests(start: NDArray[np.uint64], data: bytes, lengths: NDArray[np.int64], out: NDArray[np.uint64]) -> None:
    at = _ZERO
    for i in range(lengths.size):
        length = np.uint64(lengths[i])
        out[i, 0], out[i, 1] = digest(start, data, at, length)
        at += length


class Hasher:
    """Hashes values under a secret key of 16 bytes.

    >>> low, high = Hasher(bytes(range(16))).digest_one(b"")
    >>> f"{low:016x} {high:016x}"
    'e6a825ba047f81a3 930255c71472f66d'
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 16:
            raise ValueError(f"a key has 16 bytes, this one has {len(key)}")
        words = np.frombuffer(key, "<u8").astype(np.uint64)
        self.start = _START ^ words[[0, 1, 0, 1]]  # what a kernel takes in place of the key
        self.start[1] ^= _EE

    def digest(self, values: Sequence[bytes]) -> NDArray[np.uint64]:
        """Hashes of many values: shape (n, 2), low word first."""
        n = len(values)
        out = np.empty((n, 2), np.uint64)
        _digests(self.start, b"".join(values), np.fromiter(map(len, values), np.int64, n), out)
        return out

    def digest_one(self, value: bytes) -> tuple[int, int]:
        """Low and high word of one value's hash."""
        low, high = self.digest((value,))[0].tolist()
        return low, high

    def hash64(self, values: Sequence[bytes]) -> NDArray[np.uint64]:
        """The low words, with 1 in place of 0, because columns use 0 for "none"."""
        return np.maximum(self.digest(values)[:, 0], _ONE)
