"""What is known of a person and a coupon: own purchases of what it covers, what others do with it, its campaign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genom.learn.dataset import DAY
from genom.learn.history import History
from genom.learn.pairs.coupon_own import OWN, Covering, Line, Use, covering, own_columns, runs_of, share_at_most

__all__ = ["NAMES", "Coupons", "coupon_answers", "coupon_context", "coupon_features", "coupon_pairs"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

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
NAMES: Final = (*OWN, *_COUPON, *(f"rank.{name}" for name in _RANKED))
"""The features, in their order; a rank is among the coupons that the person can choose from (1 = the largest)."""


@dataclass(frozen=True, kw_only=True)  # without slots, so that what is computed once has a place
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

    @cached_property
    def hashes(self) -> tuple[NDArray[np.uint64], Integers, Integers]:
        """Each hash once, the first coupon that has it, and of each coupon the place of its hash."""
        names, first, places = np.unique(self.coupon, return_index=True, return_inverse=True)
        return names, first.astype(np.int64), places.astype(np.int64)

    @cached_property
    def covering(self) -> Covering:
        """For the pass over a person's past."""
        _, first, places = self.hashes
        return covering(self.covers, self.categories, first[places])


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
    runs = runs_of(who)
    columns = chain(_own(past, coupons, pairs, at), _about(past, coupons, context, pairs, at))
    for i, (name, column) in enumerate(zip((*OWN, *_COUPON), columns, strict=True)):
        x[:, i] = column
        if name in _RANKED:
            x[:, NAMES.index(f"rank.{name}")] = share_at_most(column, runs)
    return x


def _own(past: History, coupons: Coupons, pairs: tuple[Integers, Integers], at: int) -> Floats:
    place = np.searchsorted(coupons.items, past.item)
    place = np.minimum(place, max(len(coupons.items) - 1, 0))
    covered = coupons.items[place] == past.item if len(coupons.items) else np.zeros(len(past.item), np.bool_)
    lines = Line(
        past.who, np.where(covered, place, -1), past.category, (at - past.ts) / DAY, past.amount, past.couponed
    )
    first = _first_of(coupons, past.used_coupon)
    uses = Use(past.used_who[first >= 0], first[first >= 0])
    return own_columns(coupons.covering, lines, uses, pairs, people=past.people, codes=_codes(coupons))


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
    names, first, _ = coupons.hashes
    if not len(names):
        return np.full(len(used), -1)
    place = np.minimum(np.searchsorted(names, used), len(names) - 1)
    return np.where(names[place] == used, first[place], -1)


def _same_coupon(coupons: Coupons) -> sparse.csr_matrix:
    """(coupons, coupons): from the first of a hash to all of them."""
    _, first, group = coupons.hashes
    size = len(coupons.ids)
    return sparse.csr_matrix((np.ones(size), (first[group], np.arange(size))), shape=(size, size))


def _codes(coupons: Coupons) -> int:
    return int(coupons.categories.shape[1])
