"""Shows how far loading is: a bar in a terminal, else a line for each tenth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Show", "shown", "unseen"]

Show = Callable[[str, int, int], None]
"""Called with the step's name, how much of it is done, and how much there is."""


def unseen(step: str, done: int, total: int) -> None:
    """Shows nothing."""


@contextmanager
def shown(console: Console | None = None) -> Iterator[Show]:
    """A place to report progress to."""
    console = console or Console()
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("sample shop: {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        yield _bars(bar)


def _bars(bar: Progress) -> Show:
    tasks = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bar.add_task(step, total=total)
        bar.update(tasks[step], completed=done)

    return show


def _lines(console: Console) -> Show:
    said: dict[str, int] = {}

    def show(step: str, done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if tenth > said.get(step, 0):
            said[step] = tenth
            console.print(f"sample shop: {step} {tenth * 10} % ({done:,} of {total:,})", highlight=False)

    return show
