"""Events in windows: of each person the times of the newest events of a kind that may serve the purpose.

An event counts if its kind, channel and amount fit, and if the event itself or one of its lines fits the rest.  It
counts once, however many lines fit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.segments.kernel import keep_newest

__all__ = ["ANY", "WANTED", "take_events"]

ANY: Final = -1
_AMOUNT, _COUPON, _DISCOUNTED, _FACTS = 1, 8, 16, 200  # flags of a row; kinds from 200 on are facts

WANTED: Final = np.dtype(
    [
        ("kind", "<i8"),
        ("permit", "<u8"),  # the purpose that the row must serve
        ("channel", "<i8"),  # ANY
        ("category", "<i8"),  # code of category 1 or 2; ANY, or -2 for one that nobody knows
        ("level", "<i8"),  # 1 or 2: which of the categories
        ("item", "<u8"),  # keyed hash, 0 = any
        ("low", "<i8"),  # micros
        ("high", "<i8"),
        ("priced", "<i8"),  # 1 = an amount is asked for
        ("discounted", "<i8"),  # ANY, 0 or 1
        ("coupon", "<i8"),  # ANY, 0 or 1
        ("first", "<i8"),  # first row of the columns
        ("size", "<i8"),  # how many newest times are kept
    ],
)
"""What a window looks for, in the codes and hashes of rows."""


@compiled
def _fits_event(row: Any, mask: Any, want: Any) -> Any:
    if np.int64(row.kind) != want.kind or (mask & want.permit) != want.permit:
        return False
    if want.channel >= 0 and np.int64(row.channel) != want.channel:
        return False
    if want.priced == 1:
        return (row.flags & _AMOUNT) != 0 and want.low <= row.amount <= want.high
    return True


@compiled
def _fits_row(row: Any, want: Any) -> Any:
    category = np.int64(row.category_1) if want.level == 1 else np.int64(row.category_2)
    if want.category not in (-1, category):
        return False
    if want.item > 0 and row.item != want.item:
        return False
    if want.discounted >= 0 and want.discounted != (1 if (row.flags & _DISCOUNTED) != 0 else 0):
        return False
    return want.coupon < 0 or want.coupon == (1 if (row.flags & _COUPON) != 0 else 0)


@compiled
def take_events(
    rows: NDArray[np.void], masks: NDArray[np.uint64], people: NDArray[np.int64], wanted: NDArray[np.void],
    still: NDArray[np.float64],
) -> int:  # fmt: skip
    """Take rows (ROW; an event's lines follow it) into the columns of `wanted` (WANTED); returns how many counted.

    `masks`: purposes that each row serves; `people`: whom it belongs to, 0 = nobody.
    """
    counted, time, person = 0, np.empty(1, np.int64), np.empty(1, np.int64)
    open_for = np.zeros(len(wanted), np.uint8)  # the event fits, and none of its rows has counted
    for i in range(len(rows)):
        row = rows[i]
        if row.kind >= _FACTS or people[i] <= 0:
            open_for[:] = 0
            continue
        for w in range(len(wanted)):
            want = wanted[w]
            if row.line == 0:
                open_for[w] = 1 if _fits_event(row, masks[i], want) else 0
            if open_for[w] and _fits_row(row, want):
                open_for[w] = 0
                time[0], person[0] = row.ts, people[i]
                keep_newest(time, person, still, want.first, want.size)
                counted += 1
    return counted
