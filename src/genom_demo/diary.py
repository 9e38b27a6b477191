"""What was decided for whom and what became of it, with the truth's own names; kept for the evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom_demo.world.evaluation import Share, share_of_gain
from genom_demo.world.reactions import POINTS
from genom_demo.world.truth import Truth

__all__ = ["CONTROL", "OUTSIDE", "POLICY", "RECORD", "Diary"]

POLICY: Final = 0  # the policy chose
CONTROL: Final = 1  # drawn evenly, to measure against
OUTSIDE: Final = 2  # not evaluated: nothing may be read of the person, or the browser asked and was told no more
RECORD: Final = np.dtype(
    [("visit", "<u4"), ("person", "<u4"), ("point", "u1"), ("action", "u1"), ("how", "u1"), ("success", "u1")]
)
_LEAST: Final = 500  # decisions below which no share is worth telling

Entry = tuple[int, int, str, str, int, bool]
"""Visit, person, point, action, how, success."""


class Diary:
    """The decisions so far, oldest first: a file of fixed records that only grows."""

    def __init__(self, state: Path, truth: Truth) -> None:
        self._path, self._truth = state / "decisions", truth
        size = self._path.stat().st_size if self._path.exists() else 0
        if size % RECORD.itemsize:  # a kill cut the last record
            with self._path.open("r+b") as file:
                file.truncate(size - size % RECORD.itemsize)
        self.made = int((self.read()["point"] == POINTS.index("shop_voucher")).sum())  # decisions about vouchers

    def write(self, entries: Sequence[Entry]) -> None:
        """Add decisions."""
        rows = np.array([self._row(entry) for entry in entries], RECORD)
        with self._path.open("ab") as file:
            file.write(rows.tobytes())
        self.made += sum(entry[2] == "shop_voucher" for entry in entries)

    def read(self) -> NDArray[np.void]:
        """All decisions."""
        return np.fromfile(self._path, RECORD) if self._path.exists() else np.zeros(0, RECORD)

    def share(self, point: str = "shop_voucher", *, last: int = 4_000) -> Share | None:
        """The share of the oracle's gain that the policy's newest decisions reached; None if there are too few."""
        rows = self.read()
        rows = rows[(rows["point"] == POINTS.index(point)) & (rows["how"] == POLICY)][-last:]
        if len(rows) < _LEAST:
            return None
        return share_of_gain(
            self._truth.chance[point], rows["person"].astype(np.int64), rows["action"].astype(np.int64)
        )

    def _row(self, entry: Entry) -> tuple[int, int, int, int, int, bool]:
        visit, person, point, action, how, success = entry
        actions = self._truth.actions.get(point, ())
        return visit, person, POINTS.index(point), actions.index(action) if action in actions else 255, how, success
