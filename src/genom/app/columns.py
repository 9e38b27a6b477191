"""Stages requests that came as columns: the steps of `pipeline` for a whole run of events at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.batch import Batch
from genom.app.linking import link_pairs
from genom.app.permitting import Permits
from genom.app.rows import RowWriter
from genom.app.special.narrowing import narrow
from genom.app.world import World
from genom.collect import OTHER, THING, Columns
from genom.words import ROW, Flag

__all__ = ["ColumnStager"]

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_BYTES: Final = np.dtype((np.void, ROW.itemsize))
_WORDS: Final = ROW.itemsize // 8
_ID: Final = [name for name, _ in zip(ROW.names or (), range(_WORDS), strict=False)].index("id_low")  # its word


class ColumnStager:
    """Dedupe, identify, link, permit and write down."""

    def __init__(self, world: World, writer: RowWriter, permits: Permits) -> None:
        self._world, self._writer, self._permits = world, writer, permits

    def stage(self, batches: list[Batch], keys: list[Words], *, now: int) -> None:
        """Rows for all events of the batches that are new; `keys` takes in the hashes of their messages at once."""
        run = _Run(batches)
        ids = run.rows.view(np.uint64).reshape(-1, _WORDS)[:, _ID : _ID + 2].copy()
        seen = self._world.dedupe.seen(ids, now=now)
        keys.append(ids[~seen])
        new, again = (~seen).nonzero()[0], seen.nonzero()[0]
        if len(self._world.erased):
            new, again = (self._not_erased(run, some, now=now) for some in (new, again))
        profiles = self._profiles(run, new)
        self._link(run, new, profiles)
        for number in [number for number, batch in enumerate(batches) if batch.objection]:
            persons = self._world.people.person_of[profiles[run.within(new, number), 0]]
            self._permits.refuse_sale(np.unique(persons).tolist(), batches[number], now=now)
        self._write(run, new, profiles[:, 0], now=now)
        if len(again):
            self._repeated(run, again)

    def _not_erased(self, run: _Run, events: Numbers, *, now: int) -> Numbers:
        """Those of these events that are not of before an erasure of their person; the others are counted."""
        who, ts = run.hashes[events, :THING].reshape(-1, 2), run.rows["ts"][events].repeat(2)
        clamped = (run.rows["flags"][events] & np.uint16(Flag.CLAMPED) != 0).repeat(2)
        refused = self._world.erased.refuses(who, ts, clamped=clamped, now=now).reshape(-1, 2).any(axis=1)
        for event in events[refused]:
            run.batch(event).erased += 1
        return events[~refused]

    def _profiles(self, run: _Run, events: Numbers) -> Numbers:
        """The profiles of the events' two identifiers, 0 = none; new ones are written down."""
        who = run.hashes[events, :THING].reshape(-1, 2)
        named = (who[:, 0] | who[:, 1]).nonzero()[0]
        found, new = self._world.profiles.resolve_keys(
            who[named], lambda i: run.identifier(events[named[i] >> 1], int(named[i] & 1))
        )
        self._writer.new_profiles(new)
        profiles = np.zeros(len(who), np.int64)
        profiles[named] = found
        return profiles.reshape(-1, 2)

    def _link(self, run: _Run, events: Numbers, profiles: Numbers, *, waiting: bool = False) -> None:
        person_of = self._world.people.person_of
        two = profiles[:, 1].nonzero()[0]
        two = two[person_of[profiles[two, 0]] != person_of[profiles[two, 1]]]
        pairs = [(*profiles[i].tolist(), run.batch(events[i])) for i in two]
        link_pairs(pairs, world=self._world, write=self._writer.link, permits=self._permits, waiting=waiting)

    def _repeated(self, run: _Run, events: Numbers) -> None:
        """What comes twice counts once; but a server's repetition confirms links that wait."""
        for event in events:
            run.batch(event).duplicates += 1
        told = events[[run.batch(event).server for event in events] & run.hashes[events, OTHER].any(axis=1)]
        if len(told):
            self._link(run, told, self._profiles(run, told), waiting=True)

    def _write(self, run: _Run, events: Numbers, profiles: Numbers, *, now: int) -> None:
        rows = run.rows_at(events)
        rows["profile"] = profiles
        self._permit(run, events, rows, self._world.people.person_of[profiles], now=now)
        things = run.hashes[events, THING]
        about = (things[:, 0] | things[:, 1]).nonzero()[0]
        one, two, tagged = self._writer.categories_of(things[about], lambda i: run.thing(events[about[i]]))
        rows["category_1"][about], rows["category_2"][about] = one, two
        if tagged.any() or len(self._writer.tagged_names):
            self._narrow(rows, about[tagged])
        self._writer.events(rows, run.bodies_of(events, rows))

    def _narrow(self, rows: NDArray[np.void], tagged: Numbers) -> None:
        """Rows about special categories of data serve no more than may know them."""
        special = np.isin(rows["name"], self._writer.tagged_names)
        special[tagged] = True
        narrow(rows, special, self._writer.kept)

    def _permit(self, run: _Run, events: Numbers, rows: NDArray[np.void], persons: Numbers, *, now: int) -> None:
        """The masks of the rows; none of these events says anything of consent."""
        for mode in run.modes:
            of_mode: Any = slice(None) if len(run.modes) == 1 else (run.development[events] == mode).nonzero()[0]
            masks = self._permits.of_all(persons[of_mode], development=mode, now=now)
            rows["mask"][of_mode], rows["assumed"][of_mode] = masks[:, 0], masks[:, 1]


class _Run:
    """The columns of successive batches behind each other."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches
        self._columns: list[Columns] = [batch.columns for batch in batches if batch.columns is not None]
        sizes = [len(columns.rows) for columns in self._columns]
        self._starts = [0, *accumulate(sizes)]
        self._of = np.repeat(np.arange(len(sizes)), sizes)  # event → batch
        self.rows = np.frombuffer(bytearray(b"".join([columns.rows.tobytes() for columns in self._columns])), ROW)
        self.hashes = np.concatenate([columns.hashes for columns in self._columns])
        self.modes = {batch.development for batch in batches}
        self.development = np.repeat([batch.development for batch in batches], sizes)

    def rows_at(self, events: Numbers) -> NDArray[np.void]:
        """A copy of the rows of these events; as bytes, for numpy copies structures field by field."""
        if len(events) == len(self.rows):
            return np.frombuffer(bytearray(self.rows.tobytes()), ROW)
        return self.rows.view(_BYTES)[events].view(ROW)

    def within(self, events: Numbers, number: int) -> NDArray[np.bool_]:
        """Which of these events came with a batch."""
        return np.asarray(self._of[events] == number)

    def batch(self, event: int) -> Batch:
        """The batch of an event."""
        return self._batches[int(self._of[event])]

    def identifier(self, event: int, place: int) -> tuple[str, str]:
        """Type and value of an event's strongest or other identifier."""
        of = int(self._of[event])
        return self._columns[of].identifier(event - self._starts[of], place)

    def thing(self, event: int) -> tuple[str, str, str]:
        """Product and categories of an event."""
        of = int(self._of[event])
        return self._columns[of].thing(event - self._starts[of])

    def bodies_of(self, events: Numbers, rows: NDArray[np.void]) -> bytes:
        """The bodies of these events; their rows learn where each begins."""
        if len(events) == len(self.rows):
            sizes = [len(columns.bodies) for columns in self._columns]
            rows["body_start"] += np.cumsum([0, *sizes[:-1]]).astype(np.uint32)[self._of]
            return b"".join([columns.bodies for columns in self._columns])
        kept = [
            self._columns[of].bodies[start : start + length]
            for of, start, length in zip(self._of[events], rows["body_start"], rows["body_length"], strict=True)
        ]
        rows["body_start"] = np.cumsum([0, *map(len, kept)])[:-1]
        return b"".join(kept)
