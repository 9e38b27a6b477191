"""How values spread over people: twenty bins, or the most frequent texts; small numbers are not told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS", "Bins", "bins_of", "few", "top_texts"]

BINS: Final = 20
_SKEWED: Final = 4.0  # the upper half reaches so many times as far as the lower one
_ENOUGH: Final = 100  # values from which on the outermost hundredths share the outer bins


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Counts between edges; the outer bins take in what lies beyond them."""

    edges: tuple[float, ...]  # BINS + 1
    counts: tuple[int, ...]  # they add up to the number of values
    whole: bool  # each bin is one whole number
    logarithmic: bool  # bins grow with the values
    open: tuple[bool, bool]  # whether values lie below the first edge, above the last


def bins_of(values: NDArray[np.float64]) -> Bins | None:
    """Twenty bins of finite values; None without any.

    >>> found = bins_of(np.array([1.0, 1.0, 2.0, 5.0]))
    >>> found.counts[:6], found.whole, sum(found.counts)
    ((2, 1, 0, 0, 1, 0), True, 4)
    """
    if not len(values):
        return None
    low, high = _range(values)
    whole = bool(high - low < BINS and np.all(values == np.rint(values)))
    if whole:
        edges, logarithmic = low + np.arange(BINS + 1.0), False
    else:
        edges, logarithmic = _edges(values, low, high)
    inside = np.clip(values, edges[0], np.nextafter(edges[-1], -np.inf) if whole else edges[-1])
    places = np.clip(np.searchsorted(edges, inside, "right") - 1, 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    return Bins(
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        whole=whole,
        logarithmic=logarithmic,
        open=(bool(values.min() < edges[0]), bool(values.max() > edges[-1])),
    )


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if len(values) >= _ENOUGH:
        inner = np.quantile(values, (0.01, 0.99))
        if inner[0] < inner[1]:
            low, high = float(inner[0]), float(inner[1])
    return (low, high) if low < high else (low, low + max(1.0, abs(low)))


def _edges(values: NDArray[np.float64], low: float, high: float) -> tuple[NDArray[np.float64], bool]:
    """Even ones, or ones that grow by a factor where few people have far more than the others."""
    middle = float(np.median(values))
    if low < 0 or not 0 < middle < high or high - middle <= _SKEWED * (middle - low):
        return np.linspace(low, high, BINS + 1), False
    if low > 0:
        return np.geomspace(low, high, BINS + 1), True
    unit = float(np.quantile(values[values > 0], 0.1))  # below it they grow evenly, so that zero has a place
    edges = unit * np.expm1(np.linspace(0.0, np.log1p(high / unit), BINS + 1))
    edges[-1] = high
    return edges, True


def few(counts: Sequence[int], floor: int) -> tuple[bool, ...]:
    """Which counts are not told: those below the floor, and one more where they could be worked out from the sum.

    >>> few([70, 3, 0, 60], 50), few([70, 30, 25, 60], 50)
    ((False, True, False, True), (False, True, True, False))
    """
    hidden = [0 < count < floor for count in counts]
    total = sum(count for count, small in zip(counts, hidden, strict=True) if small)
    if any(hidden) and total < floor:
        others = [place for place, small in enumerate(hidden) if not small and counts[place]]
        if others:
            hidden[min(others, key=lambda place: counts[place])] = True
    return tuple(hidden)


def top_texts(counts: Mapping[str, int], *, floor: int, most: int) -> tuple[list[tuple[str, int]], int]:
    """The most frequent texts that enough people have, and how many people have any other one.

    Where these others are too few to be told, the least frequent text joins them.

    >>> top_texts({"web": 90, "app": 60, "pos": 3}, floor=50, most=12)
    ([('web', 90)], 63)
    """
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [pair for pair in ranked if pair[1] >= floor][:most]
    rest = sum(counts.values()) - sum(count for _, count in shown)
    if 0 < rest < floor and shown:
        rest += shown.pop()[1]
    return shown, rest
