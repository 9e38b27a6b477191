"""Which version of a model serves, and why: a new one only as its question's policy says, an old one on demand.

`releases.json` beside the versions is the history; `current` names the version that serves.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.learn.card import Card
from genom.typed import from_json

__all__ = ["Release", "keep_log", "locked", "log_of", "served_line", "verdict_on"]

_LOG: Final = "releases.json"
_LONGEST: Final = 500  # entries


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a version."""

    version: str
    at: int  # unix ms, UTC
    by: str  # training, or who decided
    why: str  # first, not_worse, approved, rolled_back; of one that waits: needs_approval, worse, no_signal
    serves: bool


def verdict_on(card: Card, served: Card | None) -> tuple[str, bool]:
    """Why a newly trained version serves or waits; `served` is the card of the one that serves now.

    It is not worse if the upper end of the log loss that it spares against the base rate reaches what the served
    version spares, each on the later time of its own training.
    """
    if card.question.get("release", "automatic") == "approval":
        return "needs_approval", False
    if served is None:
        return "first", True
    if served.beats_base_rate and not card.beats_base_rate:
        return "no_signal", False
    if not served.beats_base_rate or card.gain.high >= served.gain.value:
        return "not_worse", True
    return "worse", False


def served_line(log: list[Release]) -> list[str]:
    """The versions that led to the one that serves, which is the last; going back takes it away.

    >>> def told(version, why="approved", serves=True):
    ...     return Release(version=version, at=0, by="", why=why, serves=serves)
    >>> served_line([told("a"), told("b"), told("c", "worse", serves=False), told("a", "rolled_back"), told("d")])
    ['a', 'd']
    """
    line: list[str] = []
    for entry in log:
        if not entry.serves:
            continue
        if entry.why == "rolled_back":
            line = line[:-1] if len(line) > 1 and line[-2] == entry.version else [entry.version]
        elif not line or line[-1] != entry.version:
            line.append(entry.version)
    return line


def log_of(folder: Path) -> list[Release]:
    """What was decided about a model's versions, the oldest first; empty if nothing is known or it cannot be read."""
    try:
        return from_json((folder / _LOG).read_bytes(), list[Release])
    except (OSError, msgspec.MsgspecError):
        return []


def keep_log(folder: Path, log: list[Release], write: Any) -> None:
    """Replace the history by means of `write(path, content)`."""
    write(folder / _LOG, msgspec.json.format(msgspec.json.encode(log[-_LONGEST:]), indent=1))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The training and the node are two processes: one after the other changes what serves."""
    with (folder / ".lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
