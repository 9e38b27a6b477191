"""Open addressing with linear probing over an array of 128-bit keys, compiled.

A key's home slot is the top bits of its hash. Growing therefore keeps the order of the keys: moving them to
a table twice as wide reads and writes memory in sequence, some nanoseconds a key. The key (0, 0) marks an empty slot;
a real (0, 0) is kept as (0, 1). `values` has one item a slot, or none at all in a set.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.prefetch import prefetch

__all__ = [
    "Keys",
    "Values",
    "find_all",
    "has_all",
    "insert_all",
    "locate",
    "move_all",
    "plain",
    "remove_all",
    "seen_all",
]

Keys = NDArray[np.uint64]  # shape (n, 2): low, high
Values = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)

_64 = np.uint64(64)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_AHEAD = 12  # keys whose slots are asked for early: random slots are never in the cache
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: spreads keys that are not hashes, too


def plain(array: NDArray[Number], kind: type[Number]) -> NDArray[Number]:
    """The array in the one layout that the kernels are compiled for: contiguous and writable."""
    array = np.ascontiguousarray(array, kind)
    return array if array.flags.writeable else array.copy()


@compiled
def _home(low: np.uint64, high: np.uint64, bits: int) -> int:
    return np.int64(((low ^ high) * _MIX) >> (_64 - np.uint64(bits)))  # type: ignore[return-value]


@compiled
def locate(slots: Keys, bits: int, low: np.uint64, high: np.uint64) -> int:
    """The key's slot, or `~slot` of the empty slot where it would go."""
    mask = (1 << bits) - 1
    slot = _home(low, high, bits)
    while True:
        there_low, there_high = slots[slot, 0], slots[slot, 1]
        if there_low == low and there_high == high:
            return slot
        if there_low == _ZERO and there_high == _ZERO:
            return ~slot
        slot = (slot + 1) & mask


@compiled
def _high(low: np.uint64, high: np.uint64) -> np.uint64:
    return _ONE if low == _ZERO and high == _ZERO else high


@compiled
def find_all(slots: Keys, values: Values, bits: int, keys: Keys, out: Values) -> None:
    """Write each key's value to `out`, -1 if it is absent."""
    for i in range(keys.shape[0]):
        slot = locate(slots, bits, keys[i, 0], _high(keys[i, 0], keys[i, 1]))
        out[i] = -1 if slot < 0 else values[slot]


@compiled
def has_all(  # noqa: PLR0917 - a compiled call takes no keywords
    slots: Keys, bits: int, older: Keys, older_bits: int, keys: Keys, out: NDArray[np.bool_]
) -> None:
    """Mark keys that are in either set."""
    for i in range(keys.shape[0]):
        low, high = keys[i, 0], _high(keys[i, 0], keys[i, 1])
        out[i] = locate(slots, bits, low, high) >= 0 or locate(older, older_bits, low, high) >= 0


@compiled
def insert_all(  # noqa: PLR0917 - a compiled call takes no keywords
    slots: Keys, values: Values, bits: int, room: int, keys: Keys, given: Values, out: Values, replace: bool
) -> tuple[int, int]:
    """Insert keys until `room` new ones are in; returns (keys done, new ones); `out` gets the values before."""
    added = 0
    for i in range(keys.shape[0]):
        low, high = keys[i, 0], _high(keys[i, 0], keys[i, 1])
        slot = locate(slots, bits, low, high)
        if slot >= 0:
            out[i] = values[slot]
            if replace:
                values[slot] = given[i]
            continue
        if added == room:
            return i, added
        slot = ~slot
        slots[slot, 0], slots[slot, 1], values[slot] = low, high, given[i]
        out[i] = -1
        added += 1
    return keys.shape[0], added


@compiled
def seen_all(  # noqa: PLR0917 - a compiled call takes no keywords
    slots: Keys, bits: int, older: Keys, older_bits: int, room: int, keys: Keys, out: NDArray[np.bool_]
) -> tuple[int, int]:
    """Mark keys that are in either set and insert the others until `room` are in; returns (keys done, new ones)."""
    added = 0
    for i in range(keys.shape[0]):
        if i + _AHEAD < keys.shape[0]:
            prefetch(slots, 2 * _home(keys[i + _AHEAD, 0], keys[i + _AHEAD, 1], bits))  # type: ignore[call-arg]  # compiled: it takes no context
        low, high = keys[i, 0], _high(keys[i, 0], keys[i, 1])
        slot = locate(slots, bits, low, high)
        out[i] = slot >= 0 or locate(older, older_bits, low, high) >= 0
        if out[i]:
            continue
        if added == room:
            return i, added
        slots[~slot, 0], slots[~slot, 1] = low, high
        added += 1
    return keys.shape[0], added


@compiled
def _close_gap(slots: Keys, values: Values, bits: int, gap: int) -> None:
    """Move later keys of the run back, so that no search ends too early; leaves no tombstone."""
    mask = (1 << bits) - 1
    slot = gap
    while True:
        slot = (slot + 1) & mask
        low, high = slots[slot, 0], slots[slot, 1]
        if low == _ZERO and high == _ZERO:
            break
        if ((slot - _home(low, high, bits)) & mask) >= ((slot - gap) & mask):
            slots[gap, 0], slots[gap, 1] = low, high
            if values.size:
                values[gap] = values[slot]
            gap = slot
    slots[gap, 0], slots[gap, 1] = _ZERO, _ZERO


@compiled
def remove_all(slots: Keys, values: Values, bits: int, keys: Keys) -> int:
    """Take keys out; returns how many were in."""
    removed = 0
    for i in range(keys.shape[0]):
        slot = locate(slots, bits, keys[i, 0], _high(keys[i, 0], keys[i, 1]))
        if slot >= 0:
            _close_gap(slots, values, bits, slot)
            removed += 1
    return removed


@compiled
def move_all(slots: Keys, values: Values, to: Keys, to_values: Values, to_bits: int) -> None:
    """Copy every key and value to an empty, wider table."""
    for slot in range(slots.shape[0]):
        low, high = slots[slot, 0], slots[slot, 1]
        if low == _ZERO and high == _ZERO:
            continue
        new = ~locate(to, to_bits, low, high)
        to[new, 0], to[new, 1] = low, high
        if values.size:
            to_values[new] = values[slot]
