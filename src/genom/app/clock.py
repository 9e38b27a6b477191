"""The time of now, for what a node's parts read while they are being built."""

from __future__ import annotations

import time

__all__ = ["now_ms"]


def now_ms() -> int:
    """Unix ms, UTC."""
    return time.time_ns() // 1_000_000
