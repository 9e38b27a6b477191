"""State files after a change of the gene set: the new version's stand first, the last one's wait for a rollback."""

from __future__ import annotations

import shutil
from pathlib import Path

from genom.errors import Corrupt
from genom.genome import state_files, state_head

__all__ = ["settle_states"]


def settle_states(states: Path, *, active: str, before: str) -> None:
    """Move the active version's files to where a start looks first, and the newest of the one before aside."""
    for path in state_files(states):
        if (version := _version(path)) == before != active and not state_files(states / before):
            (states / before).mkdir(mode=0o700, exist_ok=True)
            path.rename(states / before / path.name)
        elif version != active:
            path.unlink()
    for path in state_files(states / active):
        path.rename(states / path.name)
    for directory in states.iterdir():
        if directory.is_dir() and directory.name != before:
            shutil.rmtree(directory)


def _version(path: Path) -> str:
    try:
        return state_head(path).version
    except Corrupt:
        return ""
