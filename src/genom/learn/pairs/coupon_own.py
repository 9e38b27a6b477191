"""What a person did with each coupon's products, categories and the coupon itself: one pass over their own past.

The same compiled pass makes a training's table and the few hundred rows of one decision, so both read the same bits.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genom.compiled import compiled

__all__ = ["OWN", "Covering", "Line", "Use", "covering", "own_columns", "runs_of", "share_at_most"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OWN: Final = (
    "pair.orders.lifetime",
    "pair.orders.365d",
    "pair.orders.90d",
    "pair.orders.30d",
    "pair.value.90d",
    "pair.products",
    "pair.most_of_one",
    "pair.days_since",
    "pair.category.365d",
    "pair.category.30d",
    "pair.used_before",
    "pair.used_alike",
    "pair.couponed.365d",
    "pair.couponed_category.365d",
)
"""The columns, in their order."""


class Covering(NamedTuple):
    """Which coupons are about which products and categories."""

    first: Integers  # (items + 1) where each item's coupons begin
    coupons: Integers
    starts: Integers  # (coupons + 1) where each coupon's categories begin
    codes: Integers
    shares: Floats
    same: Integers  # of each coupon the first that has the same hash: several campaigns may carry one coupon


class Line(NamedTuple):
    """Order lines; all arrays have one entry a line."""

    who: Integers
    item: Integers  # place among the covered items, -1 for one that no coupon covers
    category: Integers
    age: Floats  # days
    amount: Floats
    couponed: NDArray[np.bool_]


class Use(NamedTuple):
    """Redemptions; both arrays have one entry for each."""

    who: Integers
    coupon: Integers  # the first of that hash


def covering(covers: sparse.csr_matrix, categories: sparse.csr_matrix, same: Integers) -> Covering:
    """From the matrices (coupons, items) and (coupons, codes)."""
    by_item = covers.tocsc()
    arrays = by_item.indptr, by_item.indices, categories.indptr, categories.indices
    first, coupons, starts, codes = (np.asarray(array, np.int64) for array in arrays)
    return Covering(first, coupons, starts, codes, np.asarray(categories.data, np.float64), same)


def own_columns(
    covering: Covering, lines: Line, uses: Use, pairs: tuple[Integers, Integers], *, people: int, codes: int
) -> Floats:
    """The columns of OWN for each pair, shape (columns, pairs); NaN is a coupon of which nothing was bought."""
    (asked, bought, used), bounds = _by_person((pairs[0], lines.who, uses.who), people)
    found = np.zeros((len(asked), len(OWN)))
    taken = tuple(column[bought] for column in lines[1:])
    _own(bounds, pairs[1][asked], tuple(covering), taken, uses.coupon[used], codes, found)
    columns = np.empty((len(OWN), len(asked)))
    columns[:, asked] = found.T
    return columns


def _by_person(each: tuple[Integers, ...], people: int) -> tuple[list[Integers], tuple[Integers, ...]]:
    """The order that puts the entries of each person into one run, and where the runs begin."""
    orders = [np.argsort(who, kind="stable") for who in each]
    numbers = np.arange(people + 1)
    return orders, tuple(np.searchsorted(who[order], numbers) for who, order in zip(each, orders, strict=True))


def runs_of(who: Integers) -> tuple[Integers, Integers]:
    """The order that puts the entries of each person into one run, and the ends of the runs, 0 first."""
    order = np.argsort(who, kind="stable")
    return order, np.append(np.flatnonzero(np.append(len(who) > 0, np.diff(who[order]) != 0)), len(who))


def share_at_most(values: Floats, runs: tuple[Integers, Integers]) -> Floats:
    """Of each value the share of the person's values that are not larger.

    >>> share_at_most(np.array([1.0, 2.0, 2.0, 0.0]), runs_of(np.zeros(4, int))).tolist()
    [0.5, 1.0, 1.0, 0.25]
    """
    order, starts = runs
    found = np.empty(len(values))
    found[order] = _shares(np.ascontiguousarray(values[order]), starts)
    return found


@compiled
def _shares(values: Any, starts: Any) -> Any:
    found = np.empty(len(values))
    for k in range(len(starts) - 1):
        begin, end = starts[k], starts[k + 1]
        ascending = np.sort(values[begin:end])
        for i in range(begin, end):
            found[i] = np.searchsorted(ascending, values[i], side="right") / (end - begin)
    return found


@compiled
def _own(  # noqa: PLR0917 -- a kernel takes its arrays by position
    bounds: Any, which: Any, covering: Any, lines: Any, use: Any, width: int, found: Any
) -> None:
    """`rows` says where in `found` each coupon of the person stands, -1 for one that is not asked about."""
    asked, bought, used = bounds
    first, _, starts, _, _, same = covering
    rows, counts, uses = np.full(len(starts) - 1, -1), np.zeros(len(first) - 1), np.zeros(len(starts) - 1)
    for person in range(len(asked) - 1):
        if asked[person] == asked[person + 1]:
            continue
        for row in range(asked[person], asked[person + 1]):
            rows[which[row]] = row
        tastes = np.zeros((4, width))
        _add_lines(bought[person], bought[person + 1], lines, covering, rows, counts, tastes, found)
        _add_uses(use[used[person] : used[person + 1]], covering, uses, tastes)
        for row in range(asked[person], asked[person + 1]):
            if found[row, 0] == 0:
                found[row, 7] = np.nan
            found[row, 10] = uses[same[which[row]]]
            _add_tastes(which[row], covering, tastes, found[row])
            rows[which[row]] = -1
        uses[use[used[person] : used[person + 1]]] = 0.0


@compiled
def _add_lines(  # noqa: PLR0917 -- a kernel takes its arrays by position
    begin: int, end: int, lines: Any, covering: Any, rows: Any, counts: Any, tastes: Any, found: Any
) -> None:
    item, category, age, amount, couponed = lines
    first, coupons = covering[0], covering[1]
    for i in range(begin, end):
        year, month = 2.0 ** (-age[i] / 365.0), 2.0 ** (-age[i] / 30.0)
        if category[i] < tastes.shape[1]:
            tastes[0, category[i]] += year
            tastes[1, category[i]] += month
            tastes[2, category[i]] += year * couponed[i]
        if item[i] < 0:
            continue
        counts[item[i]] += 1.0
        for k in range(first[item[i]], first[item[i] + 1]):
            if rows[coupons[k]] >= 0:
                mine = found[rows[coupons[k]]]
                _add_line(mine, age[i], max(amount[i], 0.0), counts[item[i]], year, month)
                mine[12] += year * couponed[i]
    for i in range(begin, end):
        if item[i] >= 0:
            counts[item[i]] = 0.0


@compiled
def _add_line(  # noqa: PLR0917 -- a kernel takes its numbers by position
    mine: Any, age: float, amount: float, count: float, year: float, month: float
) -> None:
    """`count` says how often the product has been bought so far."""
    quarter = 2.0 ** (-age / 90.0)
    mine[7] = min(mine[7], age) if mine[0] > 0 else age
    mine[0] += 1.0
    mine[1] += year
    mine[2] += quarter
    mine[3] += month
    mine[4] += amount * quarter
    mine[5] += count == 1.0
    mine[6] = max(mine[6], count)


@compiled
def _add_uses(use: Any, covering: Any, uses: Any, tastes: Any) -> None:
    starts, codes, shares = covering[2], covering[3], covering[4]
    for coupon in use:
        uses[coupon] += 1.0
        for k in range(starts[coupon], starts[coupon + 1]):
            tastes[3, codes[k]] += shares[k]


@compiled
def _add_tastes(coupon: int, covering: Any, tastes: Any, mine: Any) -> None:
    starts, codes, shares = covering[2], covering[3], covering[4]
    for k in range(starts[coupon], starts[coupon + 1]):
        mine[8] += tastes[0, codes[k]] * shares[k]
        mine[9] += tastes[1, codes[k]] * shares[k]
        mine[11] += tastes[3, codes[k]] * shares[k]
        mine[13] += tastes[2, codes[k]] * shares[k]
