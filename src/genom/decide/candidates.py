"""The actions that one decision chooses from, in arrays; what follows from them alone is computed once."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.decide.packed import Floats, Integers, packed

__all__ = ["NO_CANDIDATES", "Candidates", "Covers", "Indices", "Kept"]

Indices = NDArray[np.intp]


class Kept(NamedTuple):
    """Candidates as a record keeps them."""

    ids: tuple[str, ...]
    rows: Integers
    codes: Integers
    weights: Floats


class Covers(NamedTuple):
    """The products that the actions of a set are about."""

    items: NDArray[np.uint64]  # hashes, ascending
    actions: Indices  # the action of each
    size: int  # actions of the set
    places: Indices  # the candidates among them

    def each(self) -> bool:
        """Whether every candidate names a product."""
        return bool(np.isin(self.places, self.actions).all())

    def weigh(self, items: NDArray[np.uint64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """What these products weigh together for each candidate."""
        first, last = np.searchsorted(self.items, items, "left"), np.searchsorted(self.items, items, "right")
        found = np.zeros(self.size)
        for start, end, weight in zip(first.tolist(), last.tolist(), weights.tolist(), strict=True):
            if start < end:
                np.add.at(found, self.actions[start:end], weight)
        return np.asarray(found[self.places])


@dataclass(frozen=True, kw_only=True)  # without slots, so that what is computed once has a place
class Candidates:
    """The candidates and their categories as flat arrays, action after action."""

    ids: list[str]
    rows: Indices  # the place in `ids` of the action that a category belongs to
    codes: Indices
    weights: NDArray[np.float64]
    values: NDArray[np.float64]  # EUR that a success of each is worth
    covers: Covers | None = None  # which products they are about

    def keep(self, wanted: NDArray[np.bool_]) -> Candidates:
        """Those of them that are wanted."""
        pairs = wanted[self.rows]
        places = np.cumsum(wanted) - 1
        return Candidates(
            ids=[name for name, keep in zip(self.ids, wanted.tolist(), strict=True) if keep],
            rows=places[self.rows[pairs]].astype(np.intp),
            codes=self.codes[pairs],
            weights=self.weights[pairs],
            values=self.values[wanted],
            covers=None if self.covers is None else self.covers._replace(places=self.covers.places[wanted]),
        )

    def about(self, codes: AbstractSet[int]) -> NDArray[np.float64]:
        """How much of each candidate is about these categories: 0 to the sum of its weights."""
        chosen = np.isin(self.codes, np.fromiter(codes, np.intp, len(codes)))
        found = np.bincount(self.rows[chosen], self.weights[chosen], len(self.ids))
        return found.astype(np.float64)

    @cached_property
    def worths(self) -> tuple[float, NDArray[np.float64]]:
        """The highest value of a success, 0 without candidates; and the mean value, as an array of one."""
        return float(self.values.max(initial=0.0)), self.values.sum(keepdims=True) / max(1, len(self.values))

    @cached_property
    def kept_worth(self) -> Floats | None:
        """What a success of each is worth, as a record keeps it; None if it is 1 of every candidate."""
        return None if (self.values == 1.0).all() else packed(self.values)

    @cached_property
    def read(self) -> tuple[Indices, Indices]:
        """The codes whose values must be read, ascending and each once; and the place therein of each of `codes`."""
        codes, places = np.unique(self.codes, return_inverse=True)
        return codes, places.astype(np.intp)

    @cached_property
    def kept(self) -> Kept:
        """As a record keeps them."""
        return Kept(tuple(self.ids), packed(self.rows), packed(self.codes), packed(self.weights))


NO_CANDIDATES = Candidates(
    ids=[], rows=np.zeros(0, dtype=np.intp), codes=np.zeros(0, dtype=np.intp), weights=np.zeros(0), values=np.zeros(0)
)
