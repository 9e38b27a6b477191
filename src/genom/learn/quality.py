"""How good probabilities are, with intervals; rows of one person are drawn together, because they are alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Bin", "Figure", "auc", "average_precision", "brier", "interval", "log_loss", "measured", "reliability"]

Floats = NDArray[np.float64]
Answers = NDArray[np.bool_]

_DRAWS: Final = 400
_BINS: Final = 10


class Figure(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Bin(msgspec.Struct, frozen=True):
    """Rows of about the same probability: what was said, what came true."""

    said: float
    came: float
    rows: int


def log_loss(p: Floats, y: Answers) -> Floats:
    """Of each row, in nats."""
    return np.asarray(-np.log(np.where(y, p, 1 - p)))


def brier(p: Floats, y: Answers) -> Floats:
    """Squared error of each row."""
    return np.asarray((p - y) ** 2)


def auc(score: Floats, y: Answers) -> float:
    """Chance that a yes scores above a no; 0.5 if one of the two is missing.

    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    yes = int(y.sum())
    no = len(y) - yes
    if not yes or not no:
        return 0.5
    return float((_ranks(score)[y].sum() - yes * (yes + 1) / 2) / (yes * no))


def _ranks(score: Floats) -> Floats:
    """From 1 on, equal ones share the mean of theirs; `scipy.stats` would take half a second of every start."""
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places])


def average_precision(score: Floats, y: Answers) -> float:
    """Mean over the yes of the precision at their score; ties count as one step, as scikit-learn does.

    >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True])).__round__(4)
    0.8333
    """
    if not y.any():
        return 0.0
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    hits = np.cumsum(y[order])[last]
    return float((np.diff(np.append(0, hits)) * hits / (last + 1)).sum() / hits[-1])


def interval(values: Floats, person: NDArray[np.int64], *, seed: int = 1) -> Figure:
    """Mean of a value a row, with a 95 % bootstrap interval over persons."""
    _, places = np.unique(person, return_inverse=True)
    sums, counts = np.bincount(places, values), np.bincount(places)
    rng, people = np.random.default_rng(seed), len(counts)
    means = np.empty(_DRAWS)
    for i in range(_DRAWS):
        drawn = rng.integers(0, people, people)
        means[i] = sums[drawn].sum() / counts[drawn].sum()
    low, high = np.percentile(means, (2.5, 97.5))
    return Figure(float(values.mean()), float(low), float(high))


def measured(p: Floats, y: Answers, person: NDArray[np.int64], *, seed: int = 1) -> dict[str, Figure]:
    """Log loss, Brier score, AUC and average precision."""
    found = {"log_loss": interval(log_loss(p, y), person), "brier": interval(brier(p, y), person)}
    for name, figure in (("auc", auc), ("average_precision", average_precision)):
        draws = [figure(p[rows], y[rows]) for rows in _redraws(person, seed)]
        low, high = np.percentile(draws, (2.5, 97.5))
        found[name] = Figure(figure(p, y), float(low), float(high))
    return found


def _redraws(person: NDArray[np.int64], seed: int) -> Iterator[NDArray[np.int64]]:
    """Rows of persons drawn with replacement, a draw at a time; few draws where there are many rows."""
    order = np.argsort(person, kind="stable")
    _, starts = np.unique(person[order], return_index=True)
    groups = np.split(order, starts[1:])
    rng, draws = np.random.default_rng(seed), 200 if len(person) < 50_000 else 60
    for _ in range(draws):
        yield np.concatenate([groups[k] for k in rng.integers(0, len(groups), len(groups))])


def reliability(p: Floats, y: Answers) -> list[Bin]:
    """Ten groups of equal size, by probability."""
    if not len(p):
        return []
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, _BINS) if len(part)]
    return [Bin(float(p[part].mean()), float(y[part].mean()), len(part)) for part in parts]
