"""What a set of persons did, as columns: what pairs of a person and a category or coupon need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genom.words import MICROS, Flag, Kind

__all__ = ["History", "history_of"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Order lines, mailings and redemptions, each in the order of time; `who` counts from 0 to `people - 1`."""

    people: int
    who: Integers  # of each line
    ts: Integers  # unix ms
    basket: NDArray[np.uint64]  # lines of one order share it
    item: NDArray[np.uint64]  # keyed hash of the product
    category: Integers  # code of `category_2`, 0 = unknown
    amount: Floats  # reporting currency
    mail_who: Integers  # of each mailing
    mail_ts: Integers
    mail_campaign: NDArray[np.uint64]  # keyed hash
    used_who: Integers  # of each redemption
    used_ts: Integers
    used_coupon: NDArray[np.uint64]  # keyed hash

    def before(self, at: int) -> History:
        """What happened before a moment."""
        line, mail, used = (int(np.searchsorted(t, at)) for t in (self.ts, self.mail_ts, self.used_ts))
        return replace(
            self,
            **{name: getattr(self, name)[:line] for name in ("who", "ts", "basket", "item", "category", "amount")},
            **{name: getattr(self, name)[:mail] for name in ("mail_who", "mail_ts", "mail_campaign")},
            **{name: getattr(self, name)[:used] for name in ("used_who", "used_ts", "used_coupon")},
        )


def history_of(rows: NDArray[np.void], who: Integers, *, people: int) -> History:
    """Columns of journal rows (ROW) that may be read; `who` is the person of each row, from 0."""
    order = np.argsort(rows["ts"], kind="stable")
    rows, who = rows[order], np.asarray(who, np.int64)[order]
    lines = (rows["kind"] == Kind.ORDER_COMPLETED) & (rows["line"] > 0)
    mails = (rows["kind"] == Kind.CAMPAIGN_RECEIVED) & (rows["line"] == 0)
    uses = (rows["kind"] == Kind.COUPON_REDEEMED) & (rows["line"] == 0)
    priced = rows["flags"][lines] & np.uint16(Flag.AMOUNT) != 0
    return History(
        people=people,
        who=who[lines],
        ts=rows["ts"][lines],
        basket=rows["id_low"][lines],
        item=rows["item"][lines],
        category=rows["category_2"][lines].astype(np.int64),
        amount=np.where(priced, rows["amount"][lines] / MICROS, 0.0),
        mail_who=who[mails],
        mail_ts=rows["ts"][mails],
        mail_campaign=rows["item"][mails],
        used_who=who[uses],
        used_ts=rows["ts"][uses],
        used_coupon=rows["item"][uses],
    )
