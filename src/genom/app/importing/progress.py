"""How far an import is: in a terminal a bar, else a line now and then; nothing of what takes under a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

__all__ = ["Show", "showing"]

Show = Callable[[float, int, int, int], None]
"""Called with the share that is read, and the numbers of rows, of accepted and of rejected ones."""

_AFTER: Final = 1.0  # seconds
_EVERY: Final = 5.0  # seconds between two lines


@contextmanager
def showing(console: Console, *, done: int = 0) -> Iterator[Show]:
    """A place to report progress to; `done` rows came in before, and are no part of the speed."""
    begun = time.monotonic()
    if not console.is_terminal:
        yield _lines(console, begun, done)
        return
    bar = Progress(BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn(),
                   console=console, transient=True)  # fmt: skip
    task = bar.add_task("", total=1.0)

    def show(share: float, rows: int, accepted: int, rejected: int) -> None:
        passed = time.monotonic() - begun
        if passed > _AFTER:
            bar.start()
        bar.update(task, completed=share, description=_told(passed, rows - done, rows, accepted, rejected))

    try:
        yield show
    finally:
        bar.stop()


def _lines(console: Console, begun: float, done: int) -> Show:
    said = [begun - _EVERY + _AFTER]

    def show(share: float, rows: int, accepted: int, rejected: int) -> None:
        now = time.monotonic()
        if now - said[0] >= _EVERY:
            said[0] = now
            console.print(f"{share:.0%}, {_told(now - begun, rows - done, rows, accepted, rejected)}")

    return show


def _told(passed: float, new: int, rows: int, accepted: int, rejected: int) -> str:
    speed = f"{new / passed:,.0f} rows/s, " if passed else ""
    return f"{speed}{rows:,} rows: {accepted:,} accepted, {rejected:,} rejected"
