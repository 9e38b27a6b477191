"""What stands before a fold, in one pass over the rows: whose they are, what they may serve, what is only assumed."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.app.assumptions import ASSUMED_MS, Assumptions
from genom.compiled import compiled
from genom.genome import EVER, KINDS

__all__ = ["NO_CUTS", "Admitted", "Cuts", "admit"]

_FACTS = 200  # kinds from here on are facts of Genom's own
_ASSUMED = ASSUMED_MS

Cuts = tuple[NDArray[np.uint64], NDArray[np.int64], int]
"""Purposes that have a read window, the first moment (unix ms) at which a row of each kind still serves each, and the
latest of these moments."""

NO_CUTS: Final[Cuts] = np.zeros(0, np.uint64), np.zeros((0, KINDS), np.int64), EVER


class Admitted(NamedTuple):
    """Rows ready for the kernel."""

    masks: NDArray[np.uint64]
    targets: NDArray[np.int64]
    rows: int  # of events and their lines
    events: int
    known_at: int  # of the newest


def admit(
    rows: NDArray[np.void], person_of: NDArray[np.int64], assumptions: Assumptions, *, now: int, cuts: Cuts = NO_CUTS
) -> Admitted:
    """The purposes that each row serves now and the person it belongs to; assumptions are noted of the persons.

    The same as `served`, `Windows.within` and `Assumptions.note`, without a dozen small array operations for each
    commit; `cuts` are those of the purposes' read windows.
    """
    masks, targets = np.empty(len(rows), np.uint64), np.empty(len(rows), np.int64)
    counted, events, known = _pass(rows, person_of, now, *assumptions.arrays, *cuts, masks, targets)
    return Admitted(masks, targets, counted, events, known)


@compiled
def _pass(  # noqa: PLR0917 -- a kernel takes its arrays by position
    rows: Any, person_of: Any, now: int, since: Any, first: Any, last: Any, sources: Any, bits: Any, cuts: Any,
    oldest: int, masks: Any, targets: Any,
) -> tuple[int, int, int]:  # fmt: skip
    counted, events, newest = 0, 0, 0
    for i in range(len(rows)):
        row = rows[i]
        person = person_of[row.profile]
        mask = row.mask
        if row.assumed != 0:
            end = row.known_at + _ASSUMED
            if end > now and row.known_at > since[row.source]:
                mask |= row.assumed
            if first[person] == 0 or end < first[person]:
                first[person] = end
            last[person] = max(last[person], end)
            sources[person] |= np.uint64(1) << np.uint64(min(row.source, 63))
        if row.ts < oldest:
            for k in range(len(cuts)):
                if row.ts < cuts[k, row.kind]:
                    mask &= ~bits[k]
        masks[i] = mask
        targets[i] = person
        if row.kind < _FACTS:
            counted += 1
            events += 1 if row.line == 0 else 0
            newest = max(newest, row.known_at)
    return counted, events, newest
