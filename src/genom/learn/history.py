"""What a set of persons did, as columns: what pairs of a person and a category or coupon need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.learn.dataset import run_of
from genom.words import MICROS, Flag, Kind

__all__ = ["History", "history_of"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_PARTS: Final = {
    "line": ("who", "ts", "known", "basket", "item", "category", "amount", "couponed"),
    "mail": ("mail_who", "mail_ts", "mail_known", "mail_campaign"),
    "used": ("used_who", "used_ts", "used_known", "used_coupon"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Order lines, mailings and redemptions, each in the order of time; `who` counts from 0 to `people - 1`."""

    people: int
    who: Integers  # of each line
    ts: Integers  # unix ms
    known: Integers  # unix ms; when it had happened and was known
    basket: NDArray[np.uint64]  # lines of one order share it
    item: NDArray[np.uint64]  # keyed hash of the product
    category: Integers  # code of `category_2`, 0 = unknown
    amount: Floats  # reporting currency
    couponed: NDArray[np.bool_]  # bought with a coupon
    mail_who: Integers  # of each mailing
    mail_ts: Integers
    mail_known: Integers
    mail_campaign: NDArray[np.uint64]  # keyed hash
    used_who: Integers  # of each redemption
    used_ts: Integers
    used_known: Integers
    used_coupon: NDArray[np.uint64]  # keyed hash

    def before(self, at: int) -> History:
        """What had happened and was known before a moment (law L9)."""
        known = {"line": self.known, "mail": self.mail_known, "used": self.used_known}
        chosen = {part: run_of(when < at) for part, when in known.items()}
        return replace(
            self, **{name: getattr(self, name)[chosen[part]] for part, names in _PARTS.items() for name in names}
        )


def history_of(rows: NDArray[np.void], who: Integers, *, people: int) -> History:
    """Columns of journal rows (ROW) that may be read; `who` is the person of each row, from 0."""
    lines = _places(rows, (rows["kind"] == Kind.ORDER_COMPLETED) & (rows["line"] > 0))
    mails = _places(rows, (rows["kind"] == Kind.CAMPAIGN_RECEIVED) & (rows["line"] == 0))
    uses = _places(rows, (rows["kind"] == Kind.COUPON_REDEEMED) & (rows["line"] == 0))
    priced = rows["flags"][lines] & np.uint16(Flag.AMOUNT) != 0
    return History(
        people=people,
        who=who[lines],
        ts=rows["ts"][lines],
        known=_known(rows, lines),
        basket=rows["id_low"][lines],
        item=rows["item"][lines],
        category=rows["category_2"][lines].astype(np.int64),
        couponed=rows["flags"][lines] & np.uint16(Flag.COUPON) != 0,
        amount=np.where(priced, rows["amount"][lines] / MICROS, 0.0),
        mail_who=who[mails],
        mail_ts=rows["ts"][mails],
        mail_known=_known(rows, mails),
        mail_campaign=rows["item"][mails],
        used_who=who[uses],
        used_ts=rows["ts"][uses],
        used_known=_known(rows, uses),
        used_coupon=rows["item"][uses],
    )


def _places(rows: NDArray[np.void], chosen: NDArray[np.bool_]) -> Integers:
    """The chosen rows in the order of time; whole rows are wide and are not copied."""
    places = np.flatnonzero(chosen)
    return places[np.argsort(rows["ts"][places], kind="stable")]


def _known(rows: NDArray[np.void], places: Integers) -> Integers:
    known: Integers = np.maximum(rows["ts"][places], rows["known_at"][places])
    return known
