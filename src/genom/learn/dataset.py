"""A table to learn from: one row for each (person, moment), or (person, moment, thing), with the answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.errors import BadConfiguration

__all__ = ["DAY", "Dataset", "Features", "Parts", "data_hash", "few_without_yes", "joined", "run_of", "split_by_time"]

DAY: Final = 86_400_000  # ms
_RARE: Final = 0.01

Features = NDArray[np.floating[Any]]
"""(rows, features); tables that are made of a record hold float32."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Rows in the order in which they were made; all arrays have one entry a row."""

    names: tuple[str, ...]  # of the features
    x: Features  # NaN where nothing is known
    y: NDArray[np.bool_]
    person: Integers  # number of the person, for intervals: rows of one person are not independent
    at: Integers  # unix ms; features are as of this moment, the answer lies at or after it
    thing: Integers  # code of the category or number of the coupon; 0 = the person alone

    def __len__(self) -> int:
        return len(self.y)

    def only(self, chosen: NDArray[np.bool_]) -> Dataset:
        """Some of the rows; a view of this table where they stand in one run."""
        rows = run_of(chosen)
        return replace(
            self, x=self.x[rows], y=self.y[rows], person=self.person[rows], at=self.at[rows], thing=self.thing[rows]
        )


def run_of(chosen: NDArray[np.bool_]) -> slice | NDArray[np.bool_]:
    """The chosen places as a slice where they stand in one run: indexing by it copies nothing.

    >>> run_of(np.array([False, True, True])), run_of(np.array([True, False, True])).tolist()
    (slice(1, 3, None), [True, False, True])
    """
    count = int(np.count_nonzero(chosen))
    first = int(chosen.argmax()) if count else 0
    return slice(first, first + count) if chosen[first : first + count].all() else chosen


@dataclass(frozen=True, slots=True)
class Parts:
    """Three spans of time, in order: what is fitted on, what is chosen and calibrated on, what is measured on."""

    train: Dataset
    valid: Dataset
    test: Dataset


def split_by_time(data: Dataset, *, within_days: int, gap_days: int = 1) -> Parts:
    """Split by moments: each part's answers were all known, and a gap had passed, before the next part begins.

    Raises BadConfiguration if the history is too short for three parts.
    """
    moments = np.unique(data.at)
    distance = (within_days + gap_days) * DAY
    test = int(moments[-1]) if len(moments) else 0
    earlier = moments[moments + distance <= test]
    valid = int(earlier[-1]) if len(earlier) else 0
    first = moments[moments + distance <= valid]
    if not len(first):
        raise BadConfiguration(
            "The history is too short for this question.",
            why=f"{len(moments)} moments lie at least {within_days + gap_days} days apart; three are needed",
            fix="ask for fewer days, or wait until there is more history",
            code="learn.too-short",
        )
    return Parts(data.only(np.isin(data.at, first)), data.only(data.at == valid), data.only(data.at == test))


def joined(parts: list[Dataset]) -> Dataset:
    """Several tables of the same features as one; the list is used up, so that no row stands in memory twice."""
    names, rows = parts[0].names, sum(len(part) for part in parts)
    whole = {name: np.empty((rows, *held.shape[1:]), held.dtype) for name, held in _columns(parts[0]).items()}
    start = 0
    while parts:
        part = parts.pop(0)
        for name, held in _columns(part).items():
            whole[name][start : start + len(part)] = held
        start += len(part)
    return Dataset(names=names, **whole)


def _columns(data: Dataset) -> dict[str, NDArray[Any]]:
    return {"x": data.x, "y": data.y, "person": data.person, "at": data.at, "thing": data.thing}


def few_without_yes(data: Dataset) -> Dataset:
    """Where yes is rarer than 1 in 100: the rows of persons and moments with a yes, and of every tenth other person.

    Doing it twice changes nothing.
    """
    if not len(data) or data.y.mean() >= _RARE:
        return data
    _, place = np.unique(np.stack([data.person, data.at]), axis=1, return_inverse=True)
    place = place.reshape(-1)
    with_yes = np.bincount(place, data.y) > 0
    return data.only(with_yes[place] | (data.person % 10 == 0))


def data_hash(data: Dataset) -> str:
    """What was learned from, as 64 hexadecimal digits: the same rows, features and answers give the same text."""
    digest = hashlib.sha256("\n".join(data.names).encode())
    for array in _columns(data).values():
        digest.update(str((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
