"""A table to learn from: one row for each (person, moment), or (person, moment, thing), with the answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.errors import BadConfiguration

__all__ = ["DAY", "Dataset", "Parts", "data_hash", "few_without_yes", "joined", "split_by_time"]

DAY: Final = 86_400_000  # ms
_RARE: Final = 0.01

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Rows in the order in which they were made; all arrays have one entry a row."""

    names: tuple[str, ...]  # of the features
    x: Floats  # (rows, features); NaN where nothing is known
    y: NDArray[np.bool_]
    person: Integers  # number of the person, for intervals: rows of one person are not independent
    at: Integers  # unix ms; features are as of this moment, the answer lies at or after it
    thing: Integers  # code of the category or number of the coupon; 0 = the person alone

    def __len__(self) -> int:
        return len(self.y)

    def only(self, chosen: NDArray[np.bool_]) -> Dataset:
        """Some of the rows."""
        return replace(
            self,
            x=self.x[chosen],
            y=self.y[chosen],
            person=self.person[chosen],
            at=self.at[chosen],
            thing=self.thing[chosen],
        )


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
    """Several tables of the same features as one."""
    first = parts[0]
    return Dataset(
        names=first.names,
        x=np.concatenate([part.x for part in parts]),
        y=np.concatenate([part.y for part in parts]),
        person=np.concatenate([part.person for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        thing=np.concatenate([part.thing for part in parts]),
    )


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
    for array in (data.x, data.y, data.person, data.at, data.thing):
        digest.update(str((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
