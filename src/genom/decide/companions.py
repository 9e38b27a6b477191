"""What people buy after what, and at which time of the week: two tables that grow by each order, of bounded size.

`following[a, b]` weighs how often a line of category b was in the order after one with category a; the categories of
the last order are remembered for the persons who came last (a place for each by hash, the newest keeps it).
All weights fade with a half-life of a year.  Source: the Markov chain over consecutive baskets of Rendle,
Freudenthaler, Schmidt-Thieme, "Factorizing personalized Markov chains for next-basket recommendation", WWW 2010,
without factors.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.words import Kind

__all__ = ["MOMENTS", "Companions", "moment_of"]

Floats = NDArray[np.float64]

CATEGORIES: Final = 384
MOMENTS: Final = 8  # night, morning, afternoon, evening, of weekdays and of weekends
_PLACES: Final = 1 << 15  # persons whose last order is remembered
_BASKET: Final = 16  # different categories of an order that are remembered
_HALF_LIFE: Final = 365.0 * 86_400_000
_EPOCH: Final = 1_767_225_600_000  # 2026-01-01: weights are relative to it
_SMOOTH: Final = 20.0  # orders that the average weighs in a ratio
_ORDER: Final = int(Kind.ORDER_COMPLETED)


def moment_of(hour_of_week: int) -> int:
    """The moment that an hour of the week (0 = Monday 00:00) belongs to.

    >>> moment_of(0), moment_of(9), moment_of(5 * 24 + 20)
    (0, 1, 7)
    """
    return hour_of_week % 24 // 6 + (4 if hour_of_week >= 120 else 0)


class Companions:
    """The two tables, and the last orders that they grow by.

    What is bought after what needs every bit of `train_bit`, what is bought when needs `count_bit`.
    """

    def __init__(self, *, train_bit: int, count_bit: int) -> None:
        self._bits = np.uint64(train_bit), np.uint64(count_bit)
        self.following = np.zeros((CATEGORIES, CATEGORIES))
        self._totals = np.zeros(
            (2, CATEGORIES)
        )  # of `following` by row and by column, kept up so that none is added up
        self.moments = np.zeros((MOMENTS, CATEGORIES))
        self._owners = np.zeros(_PLACES, np.uint64)
        self._baskets = np.zeros((_PLACES, 2, _BASKET), np.uint16)  # of the order before, of the last one

    def take(self, rows: NDArray[np.void]) -> None:
        """Take in rows of the journal, in its order; only those that their masks permit count."""
        _take(rows, *self._bits, self.following, self._totals, self.moments, self._owners, self._baskets)

    def after(self, weights: NDArray[Any]) -> Floats:
        """How much likelier each category is than usual after lines that weigh this much by category; 1 is usual.

        Empty while nothing is known of either.
        """
        held = np.flatnonzero(weights)
        given, usual = self._totals
        if not len(held) or not usual.any():
            return np.zeros(0)
        rows = self.following[held]
        average = usual / usual.sum()
        chance = (rows + _SMOOTH * average) / (given[held] + _SMOOTH)[:, None]
        mixed = weights[held] @ chance / weights[held].sum()
        return _ratio(mixed, average)

    def at(self, hour_of_week: int) -> Floats:
        """How much likelier each category is than usual at this hour; 1 is usual, empty while nothing is known."""
        usual = self.moments.sum(0)
        if not usual.any():
            return np.zeros(0)
        average, now = usual / usual.sum(), self.moments[moment_of(hour_of_week)]
        return _ratio((now + _SMOOTH * average) / (now.sum() + _SMOOTH), average)

    def place_of(self, profile: int) -> int:
        """Where the last orders of a profile are remembered; others may share it."""
        return profile % _PLACES

    def profiles_of(self, place: int, *, last: int) -> range:
        """The profiles up to the last that share a place."""
        return range(place or _PLACES, last + 1, _PLACES)

    def exchange(self, gone: Companions, come: Companions, places: list[int]) -> None:
        """Take out what `gone` was told and take in what `come` was; both hold all orders of these places, none else.

        What is bought when is no training and stays.
        """
        self.following += come.following - gone.following
        np.maximum(self.following, 0.0, out=self.following)  # what is left of rounding
        self._totals[:] = self.following.sum(1), self.following.sum(0)
        self._owners[places], self._baskets[places] = come._owners[places], come._baskets[places]

    def dump(self) -> dict[str, bytes]:
        """As plain values for a file."""
        return {name: array.tobytes() for name, array in self._arrays().items()}

    def load(self, kept: dict[str, bytes]) -> None:
        """Take in what `dump` gave."""
        for name, array in self._arrays().items():
            array[...] = np.frombuffer(kept[name], array.dtype).reshape(array.shape)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "following": self.following,
            "totals": self._totals,
            "moments": self.moments,
            "owners": self._owners,
            "baskets": self._baskets,
        }


def _ratio(chance: Floats, average: Floats) -> Floats:
    return np.divide(chance, average, out=np.ones_like(average), where=average > 0)


@compiled
def _take(  # noqa: PLR0917 -- a kernel takes its arrays by position
    rows: Any, train: Any, count: Any, following: Any, totals: Any, moments: Any, owners: Any, baskets: Any
) -> None:
    for i in range(len(rows)):
        row = rows[i]
        if row.kind != _ORDER:
            continue
        weight = 2.0 ** ((row.ts - _EPOCH) / _HALF_LIFE)
        code = row.category_2
        if row.line > 0 and code > 1 and row.mask & count:
            hour = row.hour_of_week
            moments[hour % 24 // 6 + (4 if hour >= 120 else 0), code] += weight
        if (row.mask & train) != train:
            continue
        place = row.profile % np.uint64(len(owners))
        if row.line == 0:
            if owners[place] == row.profile:
                baskets[place, 0] = baskets[place, 1]
            else:
                owners[place] = row.profile
                baskets[place, 0] = 0
            baskets[place, 1] = 0
        elif owners[place] == row.profile and code > 1:
            _line(following, totals, baskets[place], code, weight)


@compiled
def _line(following: Any, totals: Any, basket: Any, code: int, weight: float) -> None:
    for k in range(basket.shape[1]):
        if basket[0, k]:
            following[basket[0, k], code] += weight
            totals[0, basket[0, k]] += weight
            totals[1, code] += weight
    for k in range(basket.shape[1]):
        if basket[1, k] == code:
            return
        if basket[1, k] == 0:
            basket[1, k] = code
            return
