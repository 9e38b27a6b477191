"""How values spread over people: twenty bins or the most frequent texts; what few people have joins others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.segments import Crowd, Teller

__all__ = ["BINS", "Bins", "bins_of", "joined", "told_of", "top_texts"]

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


def joined(counts: Sequence[int], floor: int) -> list[tuple[int, int]]:
    """Runs of bins, first and last + 1: one too small to be told joins the next until together they can be told.

    What is left at the end joins the run before it that holds anyone; empty bins stay alone.

    >>> joined([70, 3, 0, 60, 0, 5], 50), joined([0, 0, 55], 50)
    ([(0, 1), (1, 6)], [(0, 1), (1, 2), (2, 3)])
    """
    runs, start, total = list[tuple[int, int]](), 0, 0
    for place, count in enumerate(counts):
        total += count
        if total == 0 or total >= floor:
            runs.append((start, place + 1))
            start, total = place + 1, 0
    if total:
        while runs:
            start, end = runs.pop()
            if any(counts[start:end]):
                break
        runs.append((start, len(counts)))
    return runs


def told_of(count: int, people: int, teller: Teller, *words: object) -> int:
    """The number that is told of those of some people whom words name: moved as counts of segments are.

    Nobody is nobody, and all are all.

    >>> teller = Teller(b"secret", floor=50)
    >>> told_of(0, 300, teller, "web"), told_of(300, 300, teller, "web"), told_of(120, 300, teller, "web") % 10
    (0, 300, 0)
    """
    if count in {0, people}:
        return count
    return min(teller.number(Crowd(count, teller.key_of(*words, count))), people)


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
