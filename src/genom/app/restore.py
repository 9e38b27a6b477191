"""A start: the newest usable state file, then what the journal has beyond it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from genom.app.world import World
from genom.errors import Corrupt
from genom.genome import read_state, state_files, state_head
from genom.journal import Journal

__all__ = ["restored"]

log = logging.getLogger("genom.restore")


def restored(
    world: World,
    journal: Journal,
    states: Path,
    *,
    now: int,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> int:
    """Bring an empty world up to the journal's end; returns the position of the state file used, 0 if none was."""
    used = _load_newest(world, journal, states)
    world.replay(journal, now=now, progress=lambda at: progress("Reading the journal", at, journal.last))
    return used


def _load_newest(world: World, journal: Journal, states: Path) -> int:
    own = state_files(states / world.layout.version)  # of a change of genes: only this version's
    for path in sorted([*state_files(states), *own], key=lambda path: path.name, reverse=True):
        try:
            if _fits(path, world, journal):
                position, _, parts = read_state(path, into=world.places)
                world.load(parts, position=position)
                return position
        except FileNotFoundError:  # the worker has put a newer one in its place
            world.begin_anew()
        except Corrupt as error:
            log.warning("state file unusable", extra={"file": path.name, "why": error.why})
            world.begin_anew()
    return 0


def _fits(path: Path, world: World, journal: Journal) -> bool:
    head = state_head(path)
    if head.position > journal.last:
        log.error("the journal has lost rows that were durable once", extra={"file": path.name, "last": journal.last})
    return head.position <= journal.last and head.version == world.layout.version
