"""When a state file is worth its cost: it copies everybody's memory, and saves a start the journal since the last."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from genom.genome import state_files

__all__ = ["LONGEST", "ROWS", "state_due"]

ROWS: Final = 1_000_000  # of the journal that a start may have to fold: 1 to 5 seconds
LONGEST: Final = 900.0  # seconds after which a few rows are worth a file, too


def state_due(directory: Path, *, last: int, now: float, since: float) -> bool:
    """Whether the journal, which ends with row `last`, has grown enough beyond the newest file.

    `now` is unix time in seconds; `since` counts while there is no file.
    """
    newest = next(iter(state_files(directory)), None)
    position, written = (int(newest.stem), newest.stat().st_mtime) if newest else (0, since)
    return last > position and (last - position >= ROWS or now - written >= LONGEST)
