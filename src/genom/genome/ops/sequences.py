"""What came last, and what follows what: the last N of something, and the most frequent pair of neighbours.

A pair is one number (the first kind times 65,536 plus the second), so pairs are counted like any other value;
of pairs that are equally frequent the one that came last wins.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.ops.base import Reading, Value
from genom.words import Channel, Kind

__all__ = ["SEQUENCES"]


def _ring(reading: Reading) -> NDArray[Any]:
    ring = reading.ring
    assert ring is not None, "a ring function is only called with a ring"
    found: NDArray[Any] = ring if reading.passes is None else ring[reading.passes]
    return found


def _kind(number: int) -> str:
    return Kind(number).name.lower() if number in Kind._value2member_map_ else str(number)


def _pairs(reading: Reading) -> NDArray[np.int64]:
    kinds = _ring(reading)["kind"].astype(np.int64)
    return kinds[:-1] << 16 | kinds[1:]


def _most_frequent(pairs: NDArray[np.int64]) -> tuple[int, int]:
    """The pair and how often it is there."""
    values, where, counts = np.unique(pairs[::-1], return_index=True, return_counts=True)
    best = min(range(len(values)), key=lambda i: (-counts[i], where[i]))
    return int(values[best]), int(counts[best])


def frequent_pair(reading: Reading) -> Value:
    """The most frequent pair of kinds of event that follow each other.

    >>> seen = np.array([(Kind.PRODUCT_VIEWED,), (Kind.PRODUCT_ADDED,)] * 2, [("kind", "u2")])
    >>> how = {"at": 0, "property": "", "decayed": None, "integers": [], "length": 0, "term": str}
    >>> frequent_pair(Reading(ring=seen, **how))
    'product_viewed → product_added'
    """
    pairs = _pairs(reading)
    if not len(pairs):
        return None
    pair, _ = _most_frequent(pairs)
    return f"{_kind(pair >> 16)} → {_kind(pair & 0xFFFF)}"


def frequent_pair_share(reading: Reading) -> Value:
    """Share of the most frequent pair among all pairs of events that follow each other."""
    pairs = _pairs(reading)
    return _most_frequent(pairs)[1] / len(pairs) if len(pairs) else None


def pair_kinds(reading: Reading) -> Value:
    """Different pairs of kinds of event that follow each other, as a share of all pairs."""
    pairs = _pairs(reading)
    return len(np.unique(pairs)) / len(pairs) if len(pairs) else None


def last_kinds(reading: Reading) -> Value:
    """The kinds of the last events, newest first."""
    return ", ".join(_kind(int(kind)) for kind in _ring(reading)["kind"][::-1][: reading.length]) or None


def last_channels(reading: Reading) -> Value:
    """The channels of the last events, newest first, each once."""
    channels = dict.fromkeys(_ring(reading)["channel"][::-1].tolist())
    names = [Channel(c).name.lower() if c in Channel._value2member_map_ else str(c) for c in channels]
    return ", ".join(names[: reading.length]) or None


SEQUENCES: Final = (frequent_pair, frequent_pair_share, pair_kinds, last_kinds, last_channels)
