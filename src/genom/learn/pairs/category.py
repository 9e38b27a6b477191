"""What is known of a person and a category: how often, how lately, how regularly, and what goes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.learn.dataset import DAY
from genom.learn.history import History

__all__ = ["FEWEST", "NAMES", "category_answers", "category_context", "category_features", "covered_categories"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NAMES: Final = (
    "pair.lines.7d",
    "pair.lines.30d",
    "pair.lines.365d",
    "pair.orders.90d",
    "pair.orders.lifetime",
    "pair.days_since",
    "pair.gap_mean",
    "pair.overdue",
    "pair.share.30d",
    "pair.share.365d",
    "pair.value.90d",
    "pair.related",
    "category.popularity",
    "category.reach",
)
"""The features, in their order."""

_MOST: Final = 60  # categories
FEWEST: Final = 50  # persons who bought in one
_STRENGTH: Final = 0.1  # of the ridge of `related`, against the mean diagonal


def covered_categories(history: History) -> Integers:
    """The codes with most lines, if enough persons bought in them; ascending in neither lines nor code by chance."""
    pairs = np.unique(history.who * 65_536 + history.category)
    buyers = np.bincount(pairs % 65_536, minlength=65_536)
    lines = np.bincount(history.category, minlength=65_536)
    lines[0] = 0
    order = np.lexsort((np.arange(65_536), -lines))
    return order[(lines[order] > 0) & (buyers[order] >= min(FEWEST, history.people))][:_MOST]


def category_context(history: History, codes: Integers, *, at: int) -> dict[str, Any]:
    """What everybody's past says of the categories as of a moment; plain data, kept with the model.

    `related` is EASE on the logs of decayed lines.  Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse
    Data", WWW 2019.
    """
    table = _Table(history.before(at), codes, at)
    lines = np.log1p(table.decayed(365.0))
    mean = lines.mean(axis=0)
    gram = (lines - mean).T @ (lines - mean)
    gram[np.diag_indices_from(gram)] += _STRENGTH * max(float(np.trace(gram)) / len(codes), 1e-6) + 1.0
    inverse = np.linalg.inv(gram)
    related = -inverse / np.diag(inverse)
    np.fill_diagonal(related, 0.0)
    recent = table.decayed(30.0).sum(axis=0)
    return {
        "codes": codes.tolist(),
        "mean": mean.tolist(),
        "related": related.tolist(),
        "popularity": np.log((recent + 1.0) / (recent.sum() + len(codes))).tolist(),
        "reach": (table.decayed(365.0) > 0.1).mean(axis=0).tolist(),
    }


def category_features(history: History, context: Mapping[str, Any], *, at: int) -> NDArray[np.float32]:
    """Features of every person and category, shape (people, categories, features), as of a moment."""
    x = np.empty((history.people, len(context["codes"]), len(NAMES)), np.float32)
    for i, column in enumerate(_columns(history.before(at), context, at)):
        x[:, :, i] = column
    return x


def _columns(past: History, context: Mapping[str, Any], at: int) -> Iterator[Floats]:
    """The features in their order; one at a time, so that no second table stands beside the one that is made."""
    table = _Table(past, np.asarray(context["codes"], np.int64), at)
    d7, d30, d365 = (table.decayed(days) for days in (7.0, 30.0, 365.0))
    since, gap = table.rhythm()
    everything = [np.log1p(table.everything(days))[:, None] for days in (30.0, 365.0)]
    yield from (d7, d30, d365, table.orders(90.0), table.orders(np.inf), since, gap, since / gap)
    yield np.log1p(d30) - everything[0]
    yield np.log1p(d365) - everything[1]
    yield table.decayed(90.0, weight=past.amount.clip(0.0))
    yield (np.log1p(d365) - np.asarray(context["mean"])) @ np.asarray(context["related"])
    yield from (np.broadcast_to(np.asarray(context[name]), d30.shape) for name in ("popularity", "reach"))


def category_answers(history: History, codes: Integers, *, at: int, days: int) -> NDArray[np.bool_]:
    """Who bought in which category in the days from a moment on, shape (people, categories)."""
    inside = (history.ts >= at) & (history.ts < at + days * DAY)
    place = _places(codes)[history.category]
    chosen = inside & (place >= 0)
    answers = np.zeros((history.people, len(codes)), np.bool_)
    answers[history.who[chosen], place[chosen]] = True
    return answers


def _places(codes: Integers) -> Integers:
    place = np.full(65_536, -1, np.int64)
    place[codes] = np.arange(len(codes))
    return place


def _first_lines(cell: Integers, basket: NDArray[np.uint64]) -> Integers:
    """The places of the first line of each order in each cell, by cell and order."""
    order = np.lexsort((basket, cell))
    new = (np.diff(cell[order]) != 0) | (np.diff(basket[order]) != 0)
    first: Integers = order[np.concatenate([np.ones(min(len(order), 1), np.bool_), new])]
    return first


class _Table:
    """Lines of persons by category."""

    def __init__(self, past: History, codes: Integers, at: int) -> None:
        self._people, self._kinds = past.people, len(codes)
        self._who, self._age = past.who, (at - past.ts) / DAY
        place = _places(codes)[past.category]
        self._known = place >= 0
        self._cell = past.who[self._known] * self._kinds + place[self._known]
        first = _first_lines(self._cell, past.basket[self._known])
        self._order_cell, self._order_age = self._cell[first], self._age[self._known][first]

    def _summed(self, cell: Integers, weight: Floats) -> Floats:
        found = np.bincount(cell, weight, self._people * self._kinds)
        return np.asarray(found.reshape(self._people, self._kinds))

    def decayed(self, days: float, weight: Floats | None = None) -> Floats:
        """Lines (or their weights), fading with a half-life."""
        fading = np.exp2(-self._age[self._known] / days)
        return self._summed(self._cell, fading if weight is None else fading * weight[self._known])

    def everything(self, days: float) -> Floats:
        """Lines of each person in all categories."""
        return np.asarray(np.bincount(self._who, np.exp2(-self._age / days), self._people))

    def orders(self, days: float) -> Floats:
        """Orders that held the category, fading with a half-life."""
        return self._summed(self._order_cell, np.exp2(-self._order_age / days))

    def rhythm(self) -> tuple[Floats, Floats]:
        """Days since the last order that held the category, and mean days between them; NaN where there are none."""
        size = self._people * self._kinds
        newest, oldest = np.full(size, np.inf), np.full(size, -np.inf)
        np.minimum.at(newest, self._order_cell, self._order_age)
        np.maximum.at(oldest, self._order_cell, self._order_age)
        count = np.bincount(self._order_cell, minlength=size)
        with np.errstate(invalid="ignore"):
            gap = np.where(count > 1, (oldest - newest) / np.maximum(count - 1, 1), np.nan)
        since = np.where(count > 0, newest, np.nan)
        shape = (self._people, self._kinds)
        return since.reshape(shape), np.maximum(gap, 0.04).reshape(shape)  # an hour: two orders at once have no rhythm
