"""The way of every event, on one page: dedupe → identify → permit → journal → genome.

`stage` turns the batches of one commit into journal rows.  Whoever commits writes the rows, makes them durable, folds
them into the world, and only then acknowledges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from genom.app.batch import Batch
from genom.app.columns import ColumnStager
from genom.app.desk import Desk
from genom.app.linking import link_all
from genom.app.permitting import Permits
from genom.app.rows import RowWriter
from genom.app.world import World
from genom.identity.canonical import canonical_all
from genom.words import Event, Flag

__all__ = ["Copies", "Pipeline", "Staged", "vault_place"]

Sent = list[tuple[Event, Batch]]
Keys = NDArray[np.uint64]  # hashes of messages, shape (n, 2)


@dataclass(slots=True)
class Staged:
    """The rows of one commit, and what must be kept elsewhere before them."""

    rows: NDArray[np.void]
    bodies: bytes
    fresh: NDArray[np.uint64]  # message hashes, to forget if the rows cannot be written
    vault: dict[int, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Copies:
    """The events of one person that another Genom handed out."""

    batch: Batch
    masks: Sequence[int]  # purposes that each event was collected for
    identifiers: Sequence[tuple[str, str]]  # of the person's profiles
    direct: dict[str, str]  # for the vault


def vault_place(world: World, profile: int) -> int:
    """Where the vault keeps a profile's direct identifiers: under a part of its identifier's hash.

    The vault is written before the journal, and a number that a crash took back would be given to somebody else.
    """
    return world.profiles.hash_of(profile)[0] >> 1


def _all(keys: list[Keys]) -> Keys:
    return keys[0] if len(keys) == 1 else np.concatenate([np.zeros((0, 2), np.uint64), *keys])


class Pipeline:
    """Stages batches; keeps what could not be written for the next time."""

    def __init__(self, world: World, desk: Desk) -> None:
        self._world, self.permits = world, Permits(world, desk)
        self._writer = RowWriter(world, desk)
        self._columns = ColumnStager(world, self._writer, self.permits)

    def stage(self, batches: Sequence[Batch], *, now: int) -> Staged:
        """Rows for all events of the batches that are new; the world knows their people, links and terms from now on.

        Raises Busy, with nothing changed, if there is no room for new profiles.
        """
        keys, vault = list[Keys](), dict[int, dict[str, str]]()
        try:
            for in_columns, run in groupby(batches, key=lambda batch: batch.columns is not None):
                if in_columns:
                    self._columns.stage(list(run), keys, now=now)
                else:
                    self._stage_events(list(run), keys, vault, now=now)
        except Exception:
            self._world.dedupe.forget(_all(keys))
            self._writer.keep_facts(*self._writer.take())
            raise
        return Staged(*self._writer.take(), _all(keys), vault)

    def _stage_events(
        self, batches: list[Batch], keys: list[Keys], vault: dict[int, dict[str, str]], *, now: int
    ) -> None:
        sent = [(event, batch) for batch in batches for event in batch.events]
        fresh, again, new = self._new(self._not_erased(sent, now=now) if len(self._world.erased) else sent, now=now)
        keys.append(new)
        for place, direct in self._write(fresh, new, now=now).items():
            vault.setdefault(place, {}).update(direct)
        self._confirm(again)

    def _write(
        self, fresh: list[tuple[Event, Batch]], keys: NDArray[np.uint64], *, now: int
    ) -> dict[int, dict[str, str]]:
        """Rows for these events; returns what belongs into the vault."""
        profiles = self._writer.profiles_of([event for event, _ in fresh])
        link_all(fresh, profiles, world=self._world, write=self._writer.link, permits=self.permits)
        vault: dict[int, dict[str, str]] = {}
        for (event, batch), numbers, key in zip(fresh, profiles, keys.tolist(), strict=True):
            if batch.objection:
                self.permits.refuse_sale((int(self._world.people.person_of[numbers[0]]),), batch, now=now)
            mask, assumed = self.permits.of(event, batch, numbers[0], now=now)
            self._writer.event(
                event,
                profile=numbers[0],
                source=batch.source.number,
                server=batch.server,
                key=key,
                mask=mask,
                assumed=assumed,
            )
            if event.direct:
                vault.setdefault(vault_place(self._world, numbers[0]), {}).update(event.direct)
        return vault

    def _confirm(self, again: Sent) -> None:
        """An event that comes twice counts once; but a server's repetition, or a proof, confirms links that wait."""
        told = [
            (event, batch) for event, batch in again if len(event.identifiers) > 1 and (batch.server or event.user_hash)
        ]
        if told:
            profiles = self._writer.profiles_of([event for event, _ in told])
            link_all(told, profiles, world=self._world, write=self._writer.link, permits=self.permits, waiting=True)

    def stage_facts(
        self,
        identifiers: Sequence[tuple[str, str]] = (),
        *,
        unlink: tuple[int, bytes] | None = None,
        links: Sequence[tuple[int, int]] = (),
        terms: Sequence[tuple[int, str]] = (),
    ) -> Staged:
        """Rows for facts without an event: identifiers of a consent, a split (with its body), links, categories."""
        self._writer.profiles(identifiers)
        for vocabulary, term in terms:
            self._writer.code(vocabulary, term)
        if unlink:
            self._writer.unlink(*unlink)
        for profile, other in links:
            self._writer.link(profile, other, source=0, pending=False)
        return Staged(*self._writer.take(), np.zeros((0, 2), np.uint64))

    def stage_copies(self, copies: Copies, *, now: int) -> Staged:
        """Rows for the events of a copy, whose profiles are one person, with the purposes that they had.

        Those that came before, and those of before an erasure, are left out.
        """
        first, *others = self._writer.profiles(copies.identifiers)
        for other in others:
            self._world.link(first, other)
            self._writer.link(first, other, source=copies.batch.source.number, pending=False)
        masks = {id(event): mask for event, mask in zip(copies.batch.events, copies.masks, strict=True)}
        sent = [(event, copies.batch) for event in copies.batch.events]
        fresh, _, keys = self._new(self._not_erased(sent, now=now) if len(self._world.erased) else sent, now=now)
        numbers = self._writer.profiles_of([event for event, _ in fresh])
        for (event, batch), (number, *_), key in zip(fresh, numbers, keys.tolist(), strict=True):
            self._writer.event(
                event, profile=number, source=batch.source.number, server=True, key=key, mask=masks[id(event)],
                assumed=0,
            )  # fmt: skip
        self.permits.forget(self._world.people.person(first))
        return Staged(*self._writer.take(), keys, {vault_place(self._world, first): copies.direct})

    def try_out(self, batch: Batch, *, now: int) -> None:
        """Count, and change nothing: of the events of a batch those that are of before an erasure, or came before."""
        sent = self._not_erased([(event, batch) for event in batch.events], now=now)
        if sent:
            ids = [batch.prefix + (event.message_id.encode() or event.body) for event, _ in sent]
            batch.duplicates += int(self._world.dedupe.knows(self._world.dedupe.keys(ids)).sum())

    def catalogue_changed(self) -> None:
        """Products may have other categories from now on."""
        self._writer.forget_things()

    def unwritten(self, staged: Staged) -> None:
        """The rows could not be written: their events may come again; new profiles, links and terms wait."""
        self._world.dedupe.forget(staged.fresh)
        self._writer.keep_facts(staged.rows, staged.bodies)

    def _not_erased(self, sent: Sent, *, now: int) -> Sent:
        """Those of these events that are not of before an erasure of their person; the others are counted."""
        flat = [(identifier, event) for event, _ in sent for identifier in event.identifiers]
        keys = self._world.profiles.hasher.digest(canonical_all([identifier for identifier, _ in flat]))
        ts = np.array([event.ts for _, event in flat], np.int64)
        clamped = np.array([bool(event.flags & Flag.CLAMPED) for _, event in flat], np.bool_)
        refused = self._world.erased.refuses(keys, ts, clamped=clamped, now=now)
        starts = np.cumsum([0, *(len(event.identifiers) for event, _ in sent)])[:-1]
        taken = ~np.logical_or.reduceat(refused, starts) if flat else refused
        for index in np.flatnonzero(~taken):
            sent[index][1].erased += 1
        return [sent[index] for index in np.flatnonzero(taken)]

    def _new(self, sent: Sent, *, now: int) -> tuple[Sent, Sent, NDArray[np.uint64]]:
        """The events that are new, those that came before, and the keys of the new ones."""
        ids = [batch.prefix + (event.message_id.encode() or event.body) for event, batch in sent]
        keys = self._world.dedupe.keys(ids)
        seen = self._world.dedupe.seen(keys, now=now)
        if not seen.any():
            return sent, [], keys
        for index in np.flatnonzero(seen):
            sent[index][1].duplicates += 1
        new = np.flatnonzero(~seen)
        return [sent[i] for i in new], [sent[i] for i in np.flatnonzero(seen)], keys[new]
