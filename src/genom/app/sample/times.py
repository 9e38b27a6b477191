"""The sample's time: whole weeks are added, so that its last event is fresh and its weekdays stay."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["DAY_MS", "WEEK_MS", "end_of_day", "rfc3339", "shift_ms"]

DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS


def shift_ms(last_ms: int, now_ms: int) -> int:
    """Milliseconds to add to every time so that the last event lies in the seven days before now.

    It is a multiple of a week, and ``now - 7 d < last + shift <= now`` holds.

    >>> shift_ms(0, 20 * DAY_MS) // DAY_MS
    14
    """
    return (now_ms - last_ms) // WEEK_MS * WEEK_MS


def end_of_day(ms: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The last second of the day that each time lies in."""
    return ms // DAY_MS * DAY_MS + DAY_MS - 1_000


def rfc3339(ms: np.ndarray[Any, Any]) -> Any:
    """Times in unix ms as texts (an Arrow array).

    >>> rfc3339(np.array([1_483_271_606_000])).to_pylist()
    ['2017-01-01T11:53:26Z']
    """
    seconds = pa.array(np.asarray(ms, np.int64) // 1_000).cast(pa.timestamp("s"))
    return pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%SZ")
