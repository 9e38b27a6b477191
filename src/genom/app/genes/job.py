"""A gene set made ready for a running node: `python -m genom.app.genes.job DIR VERSION NOW`.

Compiles its kernel, folds the journal as a restart without a state file would, and writes a state file of this set
at an exact position; NOW (unix ms) says what may be assumed of people.  Tells how far it is as JSON, a line each.
Whoever starts it holds the lock of state files: no erasure overwrites what is folded here.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from genom.app.directory import read_secrets
from genom.app.forgetting import sweep
from genom.app.genes.sets import genes_of
from genom.app.journals import read_journal
from genom.app.logs import log_as_json
from genom.app.parent import end_with
from genom.app.restore import restored
from genom.app.snapshot import empty_world
from genom.app.state_job import stored_sources
from genom.app.world import World
from genom.errors import GenomError
from genom.genome import write_state
from genom.genome.generated import compile_kernel
from genom.journal import Journal
from genom.settings import load_settings

__all__ = ["Told", "main", "make_ready"]

_NEAR: Final = 20_000  # rows that the node folds itself, beside its loop
_ROUNDS: Final = 5  # attempts to come that near while events flow
_EACH: Final = 0.2  # seconds between two lines about the same step


class Told(msgspec.Struct, omit_defaults=True):
    """One line."""

    step: str = ""  # compile, fold, write or done
    at: int = 0  # journal row
    of: int = 0
    file: str = ""  # the state file
    why: str = ""  # nothing came of it


class _Teller:
    def __init__(self) -> None:
        self._last, self._at = "", 0.0

    def __call__(self, told: Told) -> None:
        if told.step == self._last and time.monotonic() - self._at < _EACH:
            return
        self._last, self._at = told.step, time.monotonic()
        print(msgspec.json.encode(told).decode(), flush=True)


def make_ready(directory: Path, version: int, tell: _Teller, *, now: int) -> Path:
    """The state file of a gene set, as near to the journal's end as a few rounds bring it."""
    journal = read_journal(directory)
    try:
        tell(Told("compile", of=journal.last))
        world = empty_world(
            directory,
            read_secrets(directory),
            load_settings(directory),
            stored_sources(directory),
            genes=genes_of(directory, version),
        )
        compile_kernel(world.layout)
        return _folded(world, journal, directory / "state", tell, now=now)
    finally:
        journal.close()


def _folded(world: World, journal: Journal, states: Path, tell: _Teller, *, now: int) -> Path:
    tell(Told("fold", of=journal.last))
    restored(world, journal, states, now=now, progress=lambda _, at, of: tell(Told("fold", at=at, of=of)))
    for _ in range(_ROUNDS):
        journal.refresh()
        if journal.last - world.position <= _NEAR:
            break
        world.replay(journal, now=now, progress=lambda at: tell(Told("fold", at=at, of=journal.last)))
    sweep(world, journal, now=now)
    tell(Told("write", at=world.position, of=journal.last))
    journal.durable()
    states.mkdir(mode=0o700, exist_ok=True)
    own, version = states / world.layout.version, world.layout.version
    _tidy(own)
    try:
        return write_state(own, position=world.position, version=version, parts=world.dump(copy=False))
    except OSError:
        _tidy(own)  # half a file would keep a full disk full
        raise


def _tidy(directory: Path) -> None:
    """Remove what a job that ended in the middle of a file has left."""
    for half in directory.glob("*.new"):
        half.unlink(missing_ok=True)


def main() -> int:
    """Do it at the lowest priority; a failure is told in words."""
    os.nice(19)
    log_as_json()
    end_with(os.getppid())
    tell = _Teller()
    try:
        tell(Told("done", file=str(make_ready(Path(sys.argv[1]), int(sys.argv[2]), tell, now=int(sys.argv[3])))))
    except OSError as error:
        tell(Told("failed", why=f"{error.strerror or error}: {error.filename or 'the data directory'}"))
        return 1
    except GenomError as error:
        tell(Told("failed", why=f"{error.what} {error.why}."))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
