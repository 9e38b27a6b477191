"""State files: written by the worker from the journal, and by the node from its memory for verification."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import Committer, now_ms
from genom.app.directory import Secrets
from genom.app.forgetting import sweep, windows_of
from genom.app.genes.sets import added_genes
from genom.app.journals import read_journal
from genom.app.node import Node, file_or_default
from genom.app.pipeline import Staged
from genom.app.restore import restored
from genom.app.state_lock import no_state_is_written
from genom.app.world import World
from genom.consent import load_purposes
from genom.errors import Corrupt
from genom.genome import Genes, compile_genes, load_genes, state_files, write_state, zero_rows
from genom.keys import overwrite
from genom.settings import Settings
from genom.words import ROW, Source

__all__ = [
    "CHECKED",
    "LIVE",
    "empty_world",
    "forget_checked",
    "forget_in_states",
    "live_snapshot",
    "write_state_file",
]

LIVE: Final = "live"  # directory of the node's own snapshot, beside the worker's state files
CHECKED: Final = "live/restored"
"""Where a backup is restored to be checked while nobody writes a state file; what is left there a crash has left."""


def empty_world(
    directory: Path, secrets: Secrets, settings: Settings, sources: list[Source], *, genes: Genes | None = None
) -> World:
    """A world before its first event, under the directory's purposes and active genes, unless others are given."""
    purposes = load_purposes(file_or_default(directory, "purposes.yaml"))
    genes = genes or added_genes(directory) or load_genes(file_or_default(directory, "genes.yaml"))
    layout = compile_genes(genes, {name: purposes.bit(name) for name in genes.every_purpose}, windows_of(purposes))
    world = World(layout, secrets, settings, popularity_bit=purposes.bit("measure_aggregate"))
    world.assumptions.set_sources(sources)
    return world


def write_state_file(directory: Path, secrets: Secrets, settings: Settings, sources: list[Source]) -> int:
    """Bring the newest state file up to the journal's end as a new one; returns its position.

    What is past a read window goes into no new file.  Runs beside the node: it forces what it has read of the journal
    to disk before it writes, so that a state file is never newer than the journal.
    """
    with no_state_is_written(directory):
        journal = read_journal(directory)
        world = empty_world(directory, secrets, settings, sources)
        used = restored(world, journal, directory / "state", now=now_ms())
        swept = sweep(world, journal, now=now_ms())
        if world.position > used or swept:
            journal.durable()
            parts = world.dump(copy=False)  # nothing else changes this world
            write_state(directory / "state", position=world.position, version=world.layout.version, parts=parts)
        journal.close()
        return world.position


def forget_in_states(directory: Path, profiles: Collection[int]) -> int:
    """Overwrite what the state files and snapshots hold of erased profiles; returns how many files there were.

    Their genome, identifiers and links are overwritten, all of a damaged file.  Then the files are removed, for their
    sums over everybody (counts, popularity, message ids) are those of before: the next one is folded from the journal.
    """
    forget_checked(directory)
    files = [*state_files(directory / "state"), *directory.glob("state/*/*.state"), *state_files(directory / LIVE)]
    numbers = np.array(sorted(profiles), np.int64)
    for path in files:
        try:
            zero_rows(path, partial(_rows_of, numbers))
        except Corrupt:
            overwrite(path)
        path.unlink()
    return len(files)


def _rows_of(profiles: NDArray[np.int64], name: str, array: NDArray[Any]) -> NDArray[np.int64]:
    store, _, part = name.partition(".")
    if name == "people.links":
        return np.flatnonzero(np.isin(array, profiles).any(axis=1))
    if store == "profiles" and part in {"keys", "type"}:  # the first is that of profile 1
        return profiles[profiles <= len(array)] - 1
    if store == "assumptions" or (store == "matrix" and not part.startswith("popularity")):
        return profiles[profiles < len(array)]
    return profiles[:0]


def forget_checked(directory: Path) -> None:
    """Overwrite and remove what the check of a backup has left; call it while no state is written."""
    place = directory / CHECKED
    if place.exists():
        for path in place.rglob("*"):
            if path.is_file():
                overwrite(path)
        shutil.rmtree(place)


async def live_snapshot(node: Node, committer: Committer) -> dict[str, Any]:
    """Write the node's memory as it is between two commits; the node pauses while it is copied."""
    taken: dict[str, Any] = {}

    def copy() -> Staged:
        taken.update(position=node.world.position, now=now_ms(), parts=node.world.dump())
        return Staged(np.zeros(0, ROW), b"", np.zeros((0, 2), np.uint64))

    await committer.submit_facts(copy)
    directory = node.data.path / LIVE
    path = await asyncio.to_thread(
        write_state, directory, position=taken["position"], version=node.world.layout.version, parts=taken["parts"]
    )
    return {"file": path.name, "position": taken["position"], "now": taken["now"]}
