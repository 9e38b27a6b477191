"""A process that was started by another one ends with it, also if that one was killed."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

__all__ = ["end_with", "orphaned"]

_LOOK: Final = 0.5  # seconds


def orphaned(parent: int | None) -> bool:
    """Whether the process that started this one, if one is named, is gone.

    >>> orphaned(None), orphaned(os.getppid()), orphaned(-1)
    (False, False, True)
    """
    return parent is not None and os.getppid() != parent


def end_with(parent: int | None) -> None:
    """End this process at once when its parent is gone; for processes that may be killed at any moment."""
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while not orphaned(parent):
        time.sleep(_LOOK)
    os._exit(0)
