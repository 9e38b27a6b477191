"""The nouns of the sample shop: receipts, mailings, redemptions, in columns.

Times are unix ms (the source's local times, taken as UTC), amounts are whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Column", "Mailings", "Receipts", "Redemptions", "Shop"]

Column = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Baskets in the order of time, and their lines: basket i has the lines ``first[i]`` to ``first[i + 1]``."""

    basket: Column
    household: Column
    store: Column
    ts: Column  # unix ms
    first: Column
    product: Column
    quantity: Column
    sales: Column  # cents, paid for the line
    discount: Column  # cents, of the loyalty card, the coupon and the shop's match of it
    coupon: Column  # bool: a manufacturer's coupon was used


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailings:
    """Who was sent which campaign, in the order of time."""

    campaign: Column
    household: Column
    kind: Column  # text, such as "Type A"
    ts: Column  # unix ms, the campaign's first day


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemptions:
    """Which coupon a household used, in the order of time."""

    household: Column
    coupon: Column
    campaign: Column
    ts: Column  # unix ms, the day
    again: Column  # 0, or 1, 2 … for a row that repeats an earlier one


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Everything that happened, and to whom."""

    folder: Path  # of the source's files
    receipts: Receipts
    mailings: Mailings
    redemptions: Redemptions
    households: Column  # sorted
    first_ts: Column  # unix ms, each household's first event

    @property
    def parts(self) -> tuple[Mailings, Redemptions, Receipts]:
        """What happened, by kind; at the same time, a mailing comes before a redemption, and that before a basket."""
        return self.mailings, self.redemptions, self.receipts

    @property
    def last_ts(self) -> int:
        """Unix ms of the last event."""
        return max(int(part.ts[-1]) for part in self.parts if len(part.ts))
