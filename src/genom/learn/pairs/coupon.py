"""What is known of a person and a coupon: own purchases of what it covers, what others do with it, its campaign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genom.learn.dataset import DAY
from genom.learn.history import History

__all__ = ["NAMES", "Coupons", "coupon_answers", "coupon_context", "coupon_features", "coupon_pairs"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_OWN: Final = (
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
_KNOWN: Final = (
    "coupon.products",
    "coupon.popularity",
    "coupon.buyers",
    "coupon.redeemed",
    "coupon.redeemed_alike",
    "coupon.couponed",
    "campaign.coupons",
    "campaign.redeemed",
)
_COUPON: Final = (
    *_KNOWN,
    "campaign.days_since_start",
    "campaign.days_to_end",
    "person.redemptions",
    "person.redemption_days",
    "person.mailings",
    "person.couponed.365d",
)
_RANKED: Final = (
    "pair.orders.lifetime",
    "pair.orders.90d",
    "pair.value.90d",
    "pair.most_of_one",
    "pair.category.365d",
    "pair.couponed_category.365d",
    "coupon.popularity",
)
NAMES: Final = (*_OWN, *_COUPON, *(f"rank.{name}" for name in _RANKED))
"""The features, in their order; a rank is among the coupons that the person can choose from (1 = the largest)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupons:
    """The coupons of all campaigns, as columns."""

    ids: tuple[str, ...]  # of the actions
    coupon: NDArray[np.uint64]  # keyed hash of the coupon
    campaign: NDArray[np.uint64]  # keyed hash of the campaign
    starts: Integers  # unix ms
    ends: Integers
    covers: sparse.csr_matrix  # (coupons, items) 1 where covered
    items: NDArray[np.uint64]  # keyed hashes of the products, ascending
    categories: sparse.csr_matrix  # (coupons, codes) shares


def coupon_pairs(history: History, coupons: Coupons, *, at: int, ahead_days: int = 0) -> tuple[Integers, Integers]:
    """Persons and coupons of the campaigns that they were mailed (before the moment, or so many days ahead).

    Only coupons that have not ended; each pair once.
    """
    mailed = history.mail_ts < at + ahead_days * DAY
    names, campaign = np.unique(coupons.campaign, return_inverse=True)
    place = np.searchsorted(names, history.mail_campaign[mailed])
    known = (place < len(names)) & (names[np.minimum(place, len(names) - 1)] == history.mail_campaign[mailed])
    got = sparse.csr_matrix(
        (np.ones(int(known.sum())), (history.mail_who[mailed][known], place[known])),
        shape=(history.people, max(len(names), 1)),
    )
    of = sparse.csr_matrix(
        (np.ones(len(campaign)), (campaign, np.arange(len(campaign)))), shape=(max(len(names), 1), len(campaign))
    )
    pairs = (got @ of).tocoo()
    who, which = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
    open_ = coupons.ends[which] >= at
    order = np.lexsort((which[open_], who[open_]))
    return who[open_][order], which[open_][order]


def coupon_answers(
    history: History, coupons: Coupons, pairs: tuple[Integers, Integers], *, at: int, days: int
) -> NDArray[np.bool_]:
    """Which pairs were redeemed in the days from a moment on."""
    inside = (history.used_ts >= at) & (history.used_ts < at + days * DAY)
    done = set(zip(history.used_who[inside].tolist(), history.used_coupon[inside].tolist(), strict=True))
    asked = zip(pairs[0].tolist(), coupons.coupon[pairs[1]].tolist(), strict=True)
    return np.fromiter((pair in done for pair in asked), np.bool_, len(pairs[0]))


def coupon_features(
    history: History, coupons: Coupons, pairs: tuple[Integers, Integers], *, context: Mapping[str, Floats], at: int
) -> NDArray[np.float32]:
    """Features of the pairs as of a moment, shape (pairs, features)."""
    past, who = history.before(at), pairs[0]
    x = np.empty((len(who), len(NAMES)), np.float32)  # a column at a time, so that no second table stands beside it
    if not len(who):
        return x
    columns = chain(_own(past, coupons, pairs, at), _about(past, coupons, context, pairs, at))
    for i, (name, column) in enumerate(zip((*_OWN, *_COUPON), columns, strict=True)):
        x[:, i] = column
        if name in _RANKED:
            x[:, NAMES.index(f"rank.{name}")] = _rank(column, who)
    return x


def _own(past: History, coupons: Coupons, pairs: tuple[Integers, Integers], at: int) -> Iterator[Floats]:
    who, which = pairs
    place = np.searchsorted(coupons.items, past.item)
    place = np.minimum(place, max(len(coupons.items) - 1, 0))
    covered = coupons.items[place] == past.item if len(coupons.items) else np.zeros(len(past.item), np.bool_)
    person, item, age = past.who[covered], place[covered], (at - past.ts[covered]) / DAY
    shape, codes = (past.people, len(coupons.items)), (past.people, _codes(coupons))
    for days in (np.inf, 365.0, 90.0, 30.0):
        yield _picked(_table(np.exp2(-age / days), person, item, shape) @ coupons.covers.T, who, which)
    value = past.amount[covered].clip(0.0) * np.exp2(-age / 90.0)
    yield _picked(_table(value, person, item, shape) @ coupons.covers.T, who, which)
    counts = _table(np.ones(len(age)), person, item, shape)
    once = counts.copy()
    once.data[:] = 1.0
    yield _picked(once @ coupons.covers.T, who, which)
    yield _largest(counts, coupons.covers, who, which)
    newest = _newest(past.ts[covered].astype(np.float64), person, item, shape)
    last = _largest(newest, coupons.covers, who, which)
    yield np.where(last > 0, (at - last) / DAY, np.nan)
    for days in (365.0, 30.0):
        taste = _table(np.exp2(-(at - past.ts) / DAY / days), past.who, past.category, codes)
        yield _picked(taste @ coupons.categories.T, who, which)
    yield from _used(past, coupons, who, which)
    cut = past.couponed
    fading = np.exp2(-(at - past.ts) / DAY / 365.0)
    mine = cut[covered]
    bought = _table(fading[covered][mine], person[mine], item[mine], shape)
    yield _picked(bought @ coupons.covers.T, who, which)
    yield _picked(_table(fading[cut], past.who[cut], past.category[cut], codes) @ coupons.categories.T, who, which)


def _used(past: History, coupons: Coupons, who: Integers, which: Integers) -> list[Floats]:
    """How often the person redeemed this coupon before, and coupons for the same categories."""
    first = _first_of(coupons, past.used_coupon)
    known = first >= 0
    used = _table(np.ones(int(known.sum())), past.used_who[known], first[known], (past.people, len(coupons.ids)))
    same = _same_coupon(coupons)
    alike = (used @ coupons.categories) @ coupons.categories.T
    return [_picked(used @ same, who, which), _picked(alike, who, which)]


def coupon_context(history: History, coupons: Coupons, *, at: int) -> dict[str, Floats]:
    """What everybody's past says of each coupon as of a moment: it is kept with the model, by the coupons' ids."""
    past = history.before(at)
    place = np.minimum(np.searchsorted(coupons.items, past.item), max(len(coupons.items) - 1, 0))
    covered = coupons.items[place] == past.item if len(coupons.items) else np.zeros(len(past.item), np.bool_)
    size = max(len(coupons.items), 1)
    weight = np.exp2(-(at - past.ts[covered]) / DAY / 90.0)
    lines = np.bincount(place[covered], weight, size)[: len(coupons.items)]
    couponed = np.bincount(place[covered & past.couponed], minlength=size)[: len(coupons.items)]
    buyers = np.bincount(np.unique(past.who[covered] * size + place[covered]) % size, minlength=size)
    first = _first_of(coupons, past.used_coupon)
    uses = np.bincount(first[first >= 0], minlength=len(coupons.ids)).astype(np.float64)
    redeemed = uses @ _same_coupon(coupons)
    _, campaign, sizes = np.unique(coupons.campaign, return_inverse=True, return_counts=True)
    of_campaign = np.bincount(campaign, redeemed)[campaign] / np.maximum(_mailed(past, coupons), 20.0)
    columns = (
        np.asarray(coupons.covers.sum(axis=1)).ravel(),
        np.asarray(coupons.covers @ lines).ravel(),
        np.asarray(coupons.covers @ buyers[: len(coupons.items)]).ravel(),
        redeemed,
        np.asarray(coupons.categories @ (coupons.categories.T @ uses)).ravel(),
        np.asarray(coupons.covers @ couponed).ravel(),
        sizes[campaign].astype(np.float64),
        of_campaign,
    )
    return dict(zip(_KNOWN, columns, strict=True))


def _about(
    past: History, coupons: Coupons, context: Mapping[str, Floats], pairs: tuple[Integers, Integers], at: int
) -> Iterator[Floats]:
    who, which = pairs
    used, mailed = np.bincount(past.used_who, minlength=past.people), np.bincount(past.mail_who, minlength=past.people)
    days = np.bincount(np.unique(past.used_who * 100_000 + past.used_ts // DAY) // 100_000, minlength=past.people)
    with_coupon = np.bincount(
        past.who[past.couponed], np.exp2(-(at - past.ts[past.couponed]) / DAY / 365.0), past.people
    )
    by_coupon = [
        *(np.asarray(context[name], np.float64) for name in _KNOWN),
        (at - coupons.starts) / DAY,
        np.minimum((coupons.ends - at) / DAY, 365.0),
    ]
    yield from (column[which] for column in by_coupon)
    yield from (column[who].astype(np.float64) for column in (used, days, mailed, with_coupon))


def _mailed(past: History, coupons: Coupons) -> Floats:
    """How many persons were mailed the campaign of each coupon."""
    names, counts = np.unique(past.mail_campaign, return_counts=True)
    if not len(names):
        return np.zeros(len(coupons.ids))
    place = np.minimum(np.searchsorted(names, coupons.campaign), len(names) - 1)
    return np.where(names[place] == coupons.campaign, counts[place], 0).astype(np.float64)


def _first_of(coupons: Coupons, used: NDArray[np.uint64]) -> Integers:
    """The first coupon of that hash, -1 for none: several campaigns may carry the same coupon."""
    names, first = np.unique(coupons.coupon, return_index=True)
    if not len(names):
        return np.full(len(used), -1)
    place = np.minimum(np.searchsorted(names, used), len(names) - 1)
    return np.where(names[place] == used, first[place], -1)


def _same_coupon(coupons: Coupons) -> sparse.csr_matrix:
    """(coupons, coupons): from the first of a hash to all of them."""
    _, first, group = np.unique(coupons.coupon, return_index=True, return_inverse=True)
    size = len(coupons.ids)
    return sparse.csr_matrix((np.ones(size), (first[group], np.arange(size))), shape=(size, size))


def _codes(coupons: Coupons) -> int:
    return int(coupons.categories.shape[1])


def _table(weight: Floats, rows: Integers, columns: Integers, shape: tuple[int, int]) -> sparse.csr_matrix:
    inside = columns < shape[1]
    return sparse.csr_matrix((weight[inside], (rows[inside], columns[inside])), shape=shape)


def _newest(ts: Floats, rows: Integers, columns: Integers, shape: tuple[int, int]) -> sparse.csr_matrix:
    """The last time of each (person, item); times come in ascending order."""
    cell = rows * shape[1] + columns
    last, index = np.unique(cell[::-1], return_index=True)
    return sparse.csr_matrix((ts[::-1][index], (last // shape[1], last % shape[1])), shape=shape)


def _picked(table: sparse.csr_matrix, who: Integers, which: Integers) -> Floats:
    if not len(who):
        return np.zeros(0)
    return np.asarray(table.tocsr()[who, which]).ravel()


def _largest(table: sparse.csr_matrix, covers: sparse.csr_matrix, who: Integers, which: Integers) -> Floats:
    """The largest value among the items that each coupon covers."""
    found, dense = np.zeros(len(who)), table.tocsc()
    order = np.argsort(which, kind="stable")
    kinds, starts = np.unique(which[order], return_index=True)
    for kind, places in zip(kinds.tolist(), np.split(order, starts[1:]), strict=True):
        items = covers.indices[covers.indptr[kind] : covers.indptr[kind + 1]]
        best = dense[:, items].max(axis=1).toarray().ravel() if len(items) else np.zeros(table.shape[0])
        found[places] = best[who[places]]
    return found


def _rank(values: Floats, who: Integers) -> Floats:
    """The share of the person's coupons that have no larger value."""
    order = np.lexsort((values, who))
    _, starts, counts = np.unique(who[order], return_index=True, return_counts=True)
    v, w = values[order], who[order]
    new = np.append(True, (np.diff(v) != 0) | (np.diff(w) != 0))
    last = np.append(np.flatnonzero(new)[1:], len(v))[np.cumsum(new) - 1]  # end of each run of equals
    ranks = np.empty(len(values))
    ranks[order] = (last - np.repeat(starts, counts)) / np.repeat(counts, counts)
    return ranks
