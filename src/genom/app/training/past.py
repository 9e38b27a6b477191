"""What may be learned from: the journal's rows that carry the purposes, of persons who permit them now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.directory import read_secrets
from genom.app.journals import read_journal
from genom.app.node import file_or_default
from genom.app.restore import restored
from genom.app.snapshot import empty_world
from genom.app.special.settling import times_narrowed
from genom.app.state_job import stored_sources
from genom.app.world import World
from genom.consent import Purposes, effective, entries_of, fold, load_purposes
from genom.settings import Settings
from genom.tables import Hasher
from genom.words import ROW

__all__ = ["LEARNED", "Past", "Record", "open_record"]

Integers = NDArray[np.int64]

_EVENTS: Final = 200  # kinds from here on are facts of Genom's own
_UNREAD: Final = frozenset({
    "sequence", "assumed", "decision", "key", "amount_original", "body_start", "body_length", "cipher", "spare",
})  # fmt: skip
LEARNED: Final = np.dtype([(name, ROW[name]) for name in ROW.names or () if name not in _UNREAD])
"""The columns of a journal row that anything is learned from: a third less than all."""
_PASSED: Final = 16  # blocks after which what was read is given back
_PERSONS: Final = 20_000  # most that are learned from: enough for a model, and memory stays small


@dataclass(slots=True)
class Past:
    """The permitted past of the persons who permit it."""

    rows: NDArray[np.void]  # LEARNED, each with all bits of `need`
    who: Integers  # person of each row, from 0
    persons: Integers  # numbers of the persons, ascending
    effective: NDArray[np.uint64]  # what each permits now
    need: int
    left_out: int  # rows of events that lack a purpose or are past its read window, or whose person has withdrawn one
    events: int = 0  # rows, also once they are let go

    def let_go(self) -> None:
        """Forget the rows: they are wide, and a table that was made of them needs the room."""
        self.rows, self.who = np.zeros(0, LEARNED), np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Record:
    """A data directory opened for reading: its world at the journal's end, and what people permit now."""

    directory: Path
    world: World
    purposes: Purposes
    permitted: NDArray[np.uint64]  # of each person number
    at: int  # unix ms: later than everything that is known
    today: int  # unix ms: when it is read
    items: Hasher
    actions: tuple[dict[str, Any], ...]
    narrowed: int = 0  # how often events had been narrowed by tags of special categories before it was read

    def past(self, need: int) -> Past:
        """The rows that carry all bits of `need`, of persons who permit all of them now."""
        wanted = np.uint64(need)
        chosen = self._persons(wanted)
        count, left_out = 0, 0
        for rows, persons in self.blocks():
            lacks = self.serves(rows) & wanted != wanted
            count += int((~lacks & chosen[persons]).sum())
            left_out += int((lacks | (self.permitted[persons] & wanted != wanted)).sum())
        found, filled = np.empty(count, LEARNED), 0  # the journal is read twice, so that the rows stand in memory once
        for rows, persons in self.blocks():
            good = rows[(self.serves(rows) & wanted == wanted) & chosen[persons]]
            found[filled : filled + len(good)] = good[list(LEARNED.names or ())]
            filled += len(good)
        numbers = self.world.people.person_of[found["profile"]]
        present = np.zeros(len(self.permitted), np.bool_)
        present[numbers] = True
        persons, who = np.flatnonzero(present), (np.cumsum(present) - 1)[numbers]
        return Past(found, who, persons, self.permitted[persons], need, left_out, len(found))

    def serves(self, rows: NDArray[np.void]) -> NDArray[np.uint64]:
        """The purposes that each row may serve today: a row past a read window is no example either."""
        return self.world.layout.windows.within(rows["mask"], rows, self.today)

    def blocks(self) -> Iterator[tuple[NDArray[np.void], Integers]]:
        """The rows of events until the world's position, and the person of each."""
        journal = read_journal(self.directory)
        try:
            for number, block in enumerate(journal.blocks(), 1):
                until = block.rows["sequence"] <= self.world.position
                rows = block.rows[(block.rows["kind"] < _EVENTS) & until]
                if len(rows):
                    yield rows, self.world.people.person_of[rows["profile"]]
                if number % _PASSED == 0:
                    journal.let_go()
        finally:
            journal.close()

    def _persons(self, wanted: np.uint64) -> NDArray[np.bool_]:
        """Those who permit it; if they are very many, always the same few of them."""
        chosen = self.permitted & wanted == wanted
        numbers = np.flatnonzero(chosen)
        if len(numbers) > _PERSONS:
            drawn = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
            chosen[:] = False
            chosen[numbers[np.argsort(drawn, kind="stable")[:_PERSONS]]] = True
        return np.asarray(chosen)


def open_record(directory: Path, settings: Settings, *, now: int) -> Record:
    """Read a data directory beside its running node, or without one."""
    secrets, sources = read_secrets(directory), stored_sources(directory)
    narrowed = times_narrowed(directory)  # first: rows that are narrowed meanwhile were read as they had been
    world = empty_world(directory, secrets, settings, sources)
    journal = read_journal(directory)
    try:
        restored(world, journal, directory / "state", now=now)
    finally:
        journal.close()
    del world.matrix, world.dedupe  # tables are made of the journal: live values and message ids only take room
    purposes = load_purposes(file_or_default(directory, "purposes.yaml"))
    return Record(
        directory=directory,
        world=world,
        purposes=purposes,
        permitted=_permitted(world, purposes, directory / "ledger", now=now),
        at=world.last_ts + 1,
        today=now,
        items=Hasher(secrets.item),
        actions=_actions(directory),
        narrowed=narrowed,
    )


def _permitted(world: World, purposes: Purposes, ledger: Path, *, now: int) -> NDArray[np.uint64]:
    """What each person permits for good; what development mode assumes is nothing to learn from."""
    numbers = {}
    for profile in range(1, world.profiles.count + 1):
        low, high = world.profiles.hash_of(profile)
        numbers[f"{high:016x}{low:016x}"] = profile
    choices = fold(entries_of(ledger), purposes=purposes, profile_of=numbers.get)
    masks = np.zeros(world.profiles.count + 1, np.uint64)
    for person in range(1, len(masks)):
        if world.people.person(person) == person:
            choice, _, law = choices.standing(world.people.members(person), at=now)
            masks[person] = effective(
                choice, always=law.always, consent_needed=law.consent_needed, fixed=purposes.fixed
            )
    return masks


def _actions(directory: Path) -> tuple[dict[str, Any], ...]:
    """The actions of a catalogue that another process has open."""
    connection = sqlite3.connect(f"file:{directory / 'catalogue.sqlite'}?mode=ro", uri=True)
    try:
        bodies = [body for (body,) in connection.execute("SELECT body FROM actions ORDER BY id")]
    finally:
        connection.close()
    return tuple(msgspec.json.decode(body) for body in bodies)
