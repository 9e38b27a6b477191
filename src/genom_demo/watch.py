"""Shows how the living shop stands: bars in a terminal, else a line now and then."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

__all__ = ["sentence", "shown"]

_LINE_EVERY: Final = 10.0  # seconds between lines where no terminal is

Show = Callable[[dict[str, Any]], None]


def sentence(status: dict[str, Any]) -> str:
    """How it stands, in one line.

    >>> sentence({"phase": "history", "step": "events", "done": 50, "total": 200})
    'living shop: 90 days of history, events 25 %'
    """
    match status["phase"]:
        case "waiting":
            return f"living shop: waits for {status['for']}"
        case "history":
            return f"living shop: 90 days of history, {status['step']} {100 * status['done'] // status['total']} %"
        case _:
            return (
                f"living shop: {status['visits']:,} visits, {status['decisions']:,} vouchers decided, {_share(status)}"
            )


def _share(status: dict[str, Any]) -> str:
    share = status["share"]
    if share is None:
        return "too early to say what the policy gains"
    return f"gain {share['value']:.0%} of the possible ({share['low']:.0%} to {share['high']:.0%})"


@contextmanager
def shown(console: Console, *, often: bool) -> Iterator[Show]:
    """A place to tell the status to; unless `often`, only what begins is said."""
    if not console.is_terminal or not often:
        yield _lines(console, every=_LINE_EVERY if often else math.inf)
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield lambda status: live.update(_table(status))


def _table(status: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]living shop[/bold] (simulated people)", sentence(status).removeprefix("living shop: "))
    if status["phase"] == "live":
        table.add_row("pace", f"{status['pace']:g} visits a second")
    return table


def _lines(console: Console, *, every: float) -> Show:
    last: list[Any] = ["", 0.0]

    def show(status: dict[str, Any]) -> None:
        kind = (status["phase"], status.get("step"))
        if kind != last[0] or status.get("ended") or time.monotonic() - last[1] > every:
            last[:] = [kind, time.monotonic()]
            console.print(sentence(status), highlight=False, markup=False, soft_wrap=True)

    return show
