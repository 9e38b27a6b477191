"""Random numbers as a function of seed and place, so that every draw can be repeated."""

from __future__ import annotations

from typing import Final

__all__ = ["splitmix64", "uniform"]

GOLDEN: Final = 0x9E3779B97F4A7C15
MASK: Final = 0xFFFFFFFFFFFFFFFF


def splitmix64(state: int) -> int:
    """The 64 bits that SplitMix64 gives next in this state.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

    >>> splitmix64(1234567)
    6457827717110365317
    """
    z = (state + GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def uniform(seed: int, k: int) -> float:
    """The k-th random number of a seed, in [0, 1).

    >>> uniform(1234567, 0)
    0.3500795420214081
    """
    # the upper 53 bits fill a float64 exactly; dividing all 64 could round up to 1.0
    return (splitmix64(seed + k * GOLDEN) >> 11) * 2.0**-53
