"""XXH64: a checksum at the speed of memory, against damage by chance; it is no protection against an attacker."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled

__all__ = ["xxh64"]

_STRIPE: Final = 32  # bytes that the four lanes take at once
_1, _2, _3, _4, _5 = (
    np.uint64(prime)
    for prime in (
        0x9E3779B185EBCA87,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
    )
)
_64 = np.uint64(64)


@compiled
def _rotate(x: np.uint64, by: int) -> np.uint64:
    return (x << np.uint64(by)) | (x >> (_64 - np.uint64(by)))


@compiled
def _round(lane: np.uint64, word: np.uint64) -> np.uint64:
    return _rotate(lane + word * _2, 31) * _1


@compiled
def _stripes(words: NDArray[np.uint64]) -> np.uint64:
    """The four lanes over whole stripes, joined."""
    a, b, c, d = _1 + _2, _2, np.uint64(0), np.uint64(0) - _1
    for i in range(0, words.size, 4):
        a, b = _round(a, words[i]), _round(b, words[i + 1])
        c, d = _round(c, words[i + 2]), _round(d, words[i + 3])
    joined = _rotate(a, 1) + _rotate(b, 7) + _rotate(c, 12) + _rotate(d, 18)
    for lane in (a, b, c, d):
        joined = (joined ^ _round(np.uint64(0), lane)) * _1 + _4
    return joined


@compiled
def _word(data: NDArray[np.uint8], at: int, size: int) -> np.uint64:
    word = np.uint64(0)
    for i in range(size):
        word |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return word


@compiled
def _hash(words: NDArray[np.uint64], rest: NDArray[np.uint8]) -> np.uint64:
    joined = _stripes(words) if words.size else _5
    joined += np.uint64(8 * words.size + rest.size)
    at = 0
    while at + 8 <= rest.size:
        joined = _rotate(joined ^ _round(np.uint64(0), _word(rest, at, 8)), 27) * _1 + _4
        at += 8
    if at + 4 <= rest.size:
        joined = _rotate(joined ^ (_word(rest, at, 4) * _1), 23) * _2 + _3
        at += 4
    while at < rest.size:
        joined = _rotate(joined ^ (np.uint64(rest[at]) * _5), 11) * _1
        at += 1
    joined = (joined ^ (joined >> np.uint64(33))) * _2
    joined = (joined ^ (joined >> np.uint64(29))) * _3
    return joined ^ (joined >> np.uint64(32))


def xxh64(data: NDArray[np.uint8]) -> int:
    """The hash of an array of bytes (contiguous, shape (n,)) with the seed 0; runs without the interpreter lock.

    Source: Collet, "XXH64", https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

    >>> f"{xxh64(np.zeros(0, np.uint8)):016x}", f"{xxh64(np.frombuffer(b'abc', np.uint8)):016x}"
    ('ef46db3751d8e999', '44bc2cf5ad770999')
    """
    whole = len(data) // _STRIPE * _STRIPE
    words, rest = data[:whole].view(np.uint64), data[whole:]
    kernel_words = words if words.flags.writeable and words.flags.aligned else words.copy()  # one layout is compiled
    return int(_hash(kernel_words, rest if rest.flags.writeable else rest.copy()))
