"""One kernel on several threads: each folds the rows of its own people, so that no two touch the same memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final

__all__ = ["MANY", "on_threads", "threads"]

MANY: Final = 8_192  # rows from which on a second thread is worth its start
_MOST: Final = 8


@lru_cache
def threads() -> int:
    """How many threads fold a large batch: the largest power of two that the process has processors for."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(1 << min(cores, _MOST).bit_length() - 1)


@lru_cache
def _pool(size: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(size, thread_name_prefix="genom-fold")


def on_threads(part: Callable[[int, int], int], parts: int) -> int:
    """Run `part(n, parts)` for each n at once and add up what they return; the caller's thread takes the first.

    >>> on_threads(lambda n, parts: 10 * n + parts, 2)
    14
    """
    if parts == 1:
        return part(0, 1)
    others = [_pool(parts - 1).submit(part, n, parts) for n in range(1, parts)]
    return part(0, parts) + sum(other.result() for other in others)
