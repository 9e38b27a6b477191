"""Keeping memberships up: after every group for those it touched, now and then for everybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.segmenting.columns import Events, SegmentColumns
from genom.app.segmenting.members import Live, Members, records_of
from genom.genome import Prepared
from genom.segments import (
    CHANGE,
    ChangeLog,
    Column,
    Known,
    Program,
    Programs,
    Reason,
    Teller,
    compile_rule,
    put_together,
    touched,
)
from genom.segments.program import Member
from genom.words import Flag, Kind

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Keeper"]

_FILLED: Final = 2_048  # people whose columns are read at once: about 2 ms
_JUDGED: Final = 16_384  # people judged at once
_LATE: Final = 64  # people of a group whose genes of texts are read before the answer
_SLOW: Final = 64  # people whose genes of texts are read at once
_READ: Final = 2_048  # numbers of slow genes that are read at once: about 2 ms
_FORETOLD: Final = 0.1  # seconds of a turn that the predictions of silent people may take; the next one goes on
_FORETOLD_LEAST: Final = 256  # people whose predictions a turn reads, however long it takes
_STALE: Final = 50  # people refolded in one sweep because an assumption about them ended
_PAST: Final = 8_192  # rows of the journal taken at once
_AT_ONCE: Final = 0.003  # seconds that predictions may take before an answer
_ALONE: Final = 0.02  # seconds that they may take where one person was touched: so quiet a node has them
_SLICE: Final = 0.002  # seconds that they may take before others have their turn
_CHOOSING: Final = 8  # people of whom they are computed at once whatever it takes, because they chose


@dataclass(slots=True)
class _Waiting:
    """What the next turn of `tend` does."""

    everybody: bool = True  # read all columns of all people
    persons: dict[int, Reason] = field(default_factory=dict)
    refolded: set[int] = field(default_factory=set)  # their events are taken anew
    late: set[int] = field(default_factory=set)  # their texts or predictions were not read yet
    models: bool = False  # read everybody's predictions
    past: dict[Events, int] = field(default_factory=dict)  # window → the last row that was not seen live


class Keeper:
    """The columns, the programs over them, and the bits."""

    def __init__(self, node: Node, changes: ChangeLog, teller: Teller, *, now: int) -> None:
        self._node, self._log = node, changes
        self.columns = SegmentColumns(node, at=now)
        self.members = Members(self.columns.people, teller)
        self.live: list[Live] = []  # in the order of their programs
        self.programs: Programs | None = None
        self._stamps = np.zeros(self.columns.people, np.int64)
        self._sequences = np.zeros(self.columns.people, np.int64)
        self._stamp, self._recounts = 0, 0
        self._foretold_next = (
            0  # the first of the silent people whose predictions this sweep has still to read; 0 = none
        )
        self._taken = node.journal.last  # rows up to here are not seen live
        self.terms, self._models = self._vocabulary(), node.models.turn
        self._by_models: list[int] = []  # places of segments that rest on predictions
        self._by_late: list[int] = []  # of those that rest on anything that a large group waits for
        self.waiting = _Waiting()
        node.world.on_refold = self._refolded

    # programs

    def arrange(self, live: list[Live], known: Known, *, anew: bool) -> None:
        """Keep these segments up from now on; each stands behind those that it asks about.

        `anew`: everybody is judged, for something else than the codes of new terms has changed.
        """
        self.live = live
        compiled = [compile_rule(one.segment.rule, known, purpose=one.segment.purpose) for one in live]
        self.need(compiled)
        self.columns.drop_unused(compiled)
        places: dict[str, int] = {}
        for place, one in enumerate(live):
            places.setdefault(one.segment.id, place)  # the newest version comes first
        self.programs = self.together(compiled, places) if live else None
        self._by_models = self._resting_on(self.columns.foretold.keys(), compiled, places)
        self._by_late = self._resting_on(self.columns.one_by_one, compiled, places)
        self.terms = self._vocabulary()
        self.waiting.everybody |= anew

    def give_up(self, lost: Iterable[Live], *, now: int) -> None:
        """These cannot be kept up: everybody leaves; one that comes back is built anew."""
        for one in [one for one in lost if one.built]:
            who = np.flatnonzero(self.members.of(one.slot, self._people))
            changes = np.zeros((len(who), 3), np.int64)
            changes[:, 1] = who
            records = records_of(
                changes, [one], sequences=self._node.world.position, at=self._moment(now), reason=Reason.UNREADABLE
            )
            self.members.clear(one)
            if len(records):
                self._log.append(records)

    def together(self, programs: Sequence[Program], places: dict[str, int]) -> Programs:
        """Programs as the kernel runs them; `places`: segment → its place among them."""
        return put_together(programs, place_of=self.columns.place_of, number_of=places, bit=self._node.purposes.bit)

    def need(self, programs: Iterable[Program]) -> list[Column]:
        """Have columns for these programs; returns those that nobody has filled.  Windows wait for `tend`."""
        columns, windows = self.columns.ensure(programs)
        for key in windows:
            self.waiting.past[key] = self._taken
        return columns

    @staticmethod
    def _resting_on(columns: AbstractSet[Column], programs: Sequence[Program], places: dict[str, int]) -> list[int]:
        """The places of programs that ask about columns, or about segments that do; those come before them."""
        found = set[int]()
        for place, program in enumerate(programs):
            for source in program.sources:
                if isinstance(source, Column):
                    rests = source in columns
                else:
                    rests = isinstance(source, Member) and places[source.segment] in found
                found |= {place} if rests else set()
        return sorted(found)

    @property
    def behind(self) -> bool:
        """Whether what programs say may be wrong, because columns, terms or models are new."""
        late = self.waiting.everybody or bool(self.waiting.past) or self.waiting.models
        return late or self.behind_terms or self.behind_models

    @property
    def behind_models(self) -> bool:
        """Whether other models are in force, so that predictions must be read anew."""
        return self._models != self._node.models.turn

    def take_models(self) -> None:
        """Have everybody's predictions read by the models that are in force now."""
        self._models = self._node.models.turn
        self.columns.take_models()
        self.waiting.models = True

    @property
    def behind_terms(self) -> bool:
        """Whether categories have new terms, so that programs may mean other codes."""
        return self.terms != self._vocabulary()

    def renewed(self) -> bool:
        """Whether the node has another genome than the columns; they then begin anew."""
        if self.columns.matrix is self._node.world.matrix:
            return False
        self.columns = SegmentColumns(self._node, at=self._moment(0))
        self._node.world.on_refold = self._refolded
        self.waiting = _Waiting()
        return True

    def _vocabulary(self) -> int:
        """Grows with the terms that categories have."""
        return sum(len(vocabulary.terms) for vocabulary in self._node.world.terms.values())

    def _moment(self, now: int) -> int:
        """Live reads are as of later than all that is folded."""
        return max(now, self._node.world.last_ts + 1)

    @property
    def _people(self) -> int:
        return self._node.world.profiles.count

    def _refolded(self, person: int) -> None:
        self.waiting.refolded.add(person)

    # after a group

    def take(self, rows: NDArray[np.void], *, now: int) -> None:
        """Rows were folded: judge everybody that they touched, and write down who entered or left."""
        self._stamp += 1
        who = np.empty(len(rows) + 1, np.int64)
        people = self._node.world.people
        count, links = touched(rows, people.person_of, self._stamps, self._stamp, self._sequences, who)
        self.columns.take_rows(rows, now=now)
        if links:
            self._unite(rows)
        if count:
            self._judge(who[:count], now=now, sequences=self._sequences, reason=Reason.EVENT)
        self._taken = int(rows["sequence"][-1])
        if self.waiting.refolded or self.waiting.persons:
            self.catch_up(now=now)

    def _unite(self, rows: NDArray[np.void]) -> None:
        """People who go on as another have no membership of their own."""
        links = rows[(rows["kind"] == Kind.LINK) & (rows["flags"] & Flag.PENDING == 0)]
        people = self._node.world.people
        for kept in {people.person(int(profile)) for profile in links["profile"]}:
            for gone in people.members(kept):
                if gone != kept:
                    self.columns.merge(gone, kept)
                    self.waiting.persons[gone] = Reason.IDENTITY
            self.waiting.persons[kept] = Reason.IDENTITY

    def revise(self, persons: Iterable[int], *, now: int, reason: Reason) -> None:
        """Something else than an event changed what may be read of people."""
        self.waiting.persons |= dict.fromkeys(persons, reason)
        self.catch_up(now=now)

    def catch_up(self, *, now: int) -> None:
        """Judge those who wait."""
        while self.waiting.refolded:
            person = self.waiting.refolded.pop()
            self._recounts += 1
            self.columns.recount(person, now=now, until=self._taken)
            self.waiting.persons.setdefault(person, Reason.IDENTITY)
        waiting, self.waiting.persons = self.waiting.persons, {}
        for reason in set(waiting.values()):
            who = np.array([person for person, why in waiting.items() if why is reason], np.int64)
            self._judge(who, now=now, sequences=self._node.world.position, reason=reason)

    @property
    def _blind(self) -> bool:
        """Whether the past of a window that segments ask about is not read yet: nobody can be judged."""
        return bool(self.waiting.past) and self.columns.follows(self.waiting.past)

    def _judge(self, who: NDArray[np.int64], *, now: int, sequences: NDArray[np.int64] | int, reason: Reason) -> None:
        at = self._moment(now)
        self.columns.permissions(who, now=now)
        self.columns.fill_fast(who, at=at)
        if self._blind:
            self.waiting.late.update(who.tolist())
            self._let_go(who, at=at, sequences=sequences, reason=reason)
            return
        self.columns.fill_numbers(who, at=at)
        if self._by_late:
            who = self._in_time(who, at=at, sequences=sequences, reason=reason)
        self._settle(who, at=at, sequences=sequences, reason=reason)

    def _in_time(
        self, who: NDArray[np.int64], *, at: int, sequences: NDArray[np.int64] | int, reason: Reason
    ) -> NDArray[np.int64]:
        """Those of whom there is time to read texts and what models say; the others wait for it, and for nothing else.

        Until then they stay in, or out of, segments that rest on these; who chose something leaves them.
        """
        columns, chose = self.columns, reason is Reason.CHOICE
        now = _LATE if columns.every.texts else len(who)
        if columns.foretold:
            seconds = _ALONE if len(who) == 1 else _AT_ONCE
            now = min(now, _CHOOSING if chose else columns.models.afford(columns.foretold, seconds))
        columns.fill_texts(who[:now], at=at)
        if columns.foretold:
            columns.predict(who[:now], at=at)
        if len(rest := who[now:]) and self.programs is not None:
            self.waiting.late.update(rest.tolist())
            passed = self.programs.judge(columns.columns, at=at, scales=columns.scales(at), who=rest)
            kept = self._kept(rest)
            passed[self._by_late] = 0 if chose else kept[self._by_late]
            self._record(passed, who=rest, at=at, sequences=sequences, reason=reason)
        return who[:now]

    def _let_go(self, who: NDArray[np.int64], *, at: int, sequences: NDArray[np.int64] | int, reason: Reason) -> None:
        """People leave what they do not permit any more; nothing else can be said of them now."""
        self._record(self._kept(who), who=who, at=at, sequences=sequences, reason=reason)

    def _kept(self, who: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Who belongs where as it was last judged, and still permits its purpose; shape (segments, people)."""
        may = self.columns.columns.may[who]
        passed = np.zeros((len(self.live), len(who)), np.uint8)
        for place, one in enumerate(self.live):
            bit = np.uint64(self._node.purposes.bit(one.segment.purpose))
            passed[place] = self.members.among(one.slot, who) & (may & bit == bit)
        return passed

    def _settle(
        self, who: NDArray[np.int64] | None, *, at: int, sequences: NDArray[np.int64] | int, reason: Reason,
        first: int = 0, last: int = 0,
    ) -> None:  # fmt: skip
        if self.programs is None:
            return
        passed = self.programs.judge(
            self.columns.columns, at=at, scales=self.columns.scales(at), who=who, first=first, last=last
        )
        self._record(passed, who=who, at=at, sequences=sequences, reason=reason, first=first, last=last)

    def _record(
        self, passed: NDArray[np.uint8], *, who: NDArray[np.int64] | None, at: int,
        sequences: NDArray[np.int64] | int, reason: Reason, first: int = 0, last: int = 0,
    ) -> None:  # fmt: skip
        changes = self.members.settle(self.live, passed, who=who, first=first, last=last)
        if len(changes):
            self._log.append(records_of(changes, self.live, sequences=sequences, at=at, reason=reason))

    # everybody

    async def read_past(self, *, now: int) -> None:
        """Take the events of before a window was asked for; begins anew if somebody was refolded meanwhile."""
        while self.waiting.past:
            keys = dict.fromkeys(filter(self.columns.has_window, self.waiting.past), self._taken)
            self.waiting.past, recounts = dict(keys), self._recounts
            for key in keys:
                self.columns.clear_window(key)
            if await self._read(keys, now=now) and recounts == self._recounts:
                for key in keys:
                    self.waiting.past.pop(key, None)

    async def _read(self, keys: dict[Events, int], *, now: int) -> bool:
        """Whether all rows up to each window's last one were taken."""
        held, until = 0, max(keys.values(), default=0)  # the same of all
        for block in self._node.journal.blocks():
            if block.header.first_sequence > until:
                break
            if self.waiting.past.keys() < keys.keys() or not all(map(self.columns.has_window, keys)):
                return False
            rows = block.rows[block.rows["sequence"] <= until]
            self.columns.take_rows(rows, now=now, only=list(keys))
            held += len(block.rows)
            if held >= _PAST:
                held = 0
                await asyncio.sleep(0)
        return True

    async def read_columns(self, columns: Sequence[Column], *, now: int) -> None:
        """Fill columns for everybody."""
        only = self.columns.prepared(columns)
        for first in range(1, self._people + 1, _FILLED):
            who = np.arange(first, min(first + _FILLED, self._people + 1))
            self.columns.fill_fast(who, at=self._moment(now), only=only)
            await asyncio.sleep(0)
            await self._read_slow(who, now=now, only=only)
        if foretold := self.columns.predictions(columns, now=now):
            await self._predict(np.arange(1, self._people + 1), now=now, only=foretold)

    async def _read_slow(self, who: NDArray[np.int64], *, now: int, only: Prepared | None = None) -> None:
        """The genes of these people that are no plain cells, in pieces between which others have their turn."""
        done = 0
        while done < len(who) and (asked := self.columns.every if only is None else only).slow:
            some = who[done : done + self._piece(asked)]
            self.columns.fill_slow(some, at=self._moment(now), only=asked)
            done += len(some)
            await asyncio.sleep(0)

    @staticmethod
    def _piece(asked: Prepared) -> int:
        """Of how many people slow genes are read before others have their turn."""
        return _SLOW if asked.texts else max(1, _READ // max(1, len(asked.slow)))

    async def read_models(self, *, now: int) -> None:
        """Everybody's predictions, because other models are in force; then everybody is judged by them."""
        self.waiting.models = False
        if self.columns.foretold:
            await self._predict(np.arange(1, self._people + 1), now=now)
        if self._by_models and not self.waiting.everybody:
            await self.judge_everybody(now=now, reason=Reason.MODEL)

    async def _predict(self, who: NDArray[np.int64], *, now: int, only: Mapping[Column, int] | None = None) -> None:
        """What models say of these people, a few at a time."""
        done = 0
        while done < len(who):
            columns = self.columns.foretold if only is None else only
            step = max(1, self.columns.models.afford(columns, _SLICE)) if columns else len(who)
            self.columns.predict(who[done : done + step], at=self._moment(now), only=only)
            done += step
            await asyncio.sleep(0)

    async def judge_everybody(self, *, now: int, reason: Reason) -> None:
        """One pass over everybody; reads all columns if that is due."""
        everything, self.waiting.everybody = self.waiting.everybody, False
        self.waiting.models &= not everything
        step = _FILLED if everything else _JUDGED
        self.columns.drift(self._moment(now))
        for first in range(1, self._people + 1, step):
            last = min(first + step, self._people + 1)
            await self._judge_some(np.arange(first, last), now=now, reason=reason, everything=everything)
            for one in self.live:
                one.progress = one.progress if one.built else last / (self._people + 1)
        if everything and not self.waiting.everybody:
            self._built(now=now)

    async def _judge_some(self, who: NDArray[np.int64], *, now: int, reason: Reason, everything: bool) -> None:
        before = self.columns.columns.may[who].copy()
        self.columns.permissions(who, now=now)
        changed = who if everything else who[self.columns.columns.may[who] != before]
        at = self._moment(now)
        self.columns.fill_fast(changed, at=at)
        await self._read_slow(changed, now=now)
        if self.columns.foretold:
            await self._predict(changed, now=now)
        await self.read_late(now=now)
        if self._blind:  # a definition came meanwhile
            self.waiting.everybody = True
            return
        self._settle(
            None, at=at, sequences=self._node.world.position, reason=reason, first=int(who[0]), last=int(who[-1]) + 1
        )
        await asyncio.sleep(0)

    def _built(self, *, now: int) -> None:
        """Versions that everybody was judged by are complete; a record says so for each."""
        for one in self.live:
            if one.built:
                continue
            one.built, one.progress, one.entered, one.left = True, 1.0, 0, 0
            record = np.zeros(1, CHANGE)
            record["sequence"], record["at"] = self._node.world.position, self._moment(now)
            record["segment"], record["entered"], record["reason"] = one.number, 1, int(Reason.BUILT)
            self._log.append(record)

    async def read_late(self, *, now: int) -> None:
        """The texts and predictions of people whom a large group touched."""
        while self.waiting.late and not self._blind:
            foretold = self.columns.foretold
            most = self._piece(self.columns.every)
            most = max(1, min(most, self.columns.models.afford(foretold, _SLICE))) if foretold else most
            some = [self.waiting.late.pop() for _ in range(min(most, len(self.waiting.late)))]
            who = np.array(sorted(some), np.int64)
            unheard = who[self._sequences[who] == 0]
            self._sequences[unheard] = self._node.world.position
            self.columns.fill_slow(who, at=self._moment(now))
            if foretold:
                self.columns.predict(who, at=self._moment(now))
            self._settle(who, at=self._moment(now), sequences=self._sequences, reason=Reason.EVENT)
            await asyncio.sleep(0)

    async def read_moving(self, *, now: int) -> None:
        """Everybody's slow genes that change by themselves; their predictions follow in turns (`read_foretold`)."""
        done = 0
        while done < self._people and (moving := self.columns.moving).slow:
            who = np.arange(done + 1, min(done + self._piece(moving), self._people) + 1)
            self.columns.fill_slow(who, at=self._moment(now), only=moving)
            done += len(who)
            await asyncio.sleep(0)
        self._foretold_next = self._foretold_next or 1

    async def read_foretold(self, *, now: int) -> None:
        """The predictions of silent people, of as many as a turn has time for; who enters or leaves is written down."""
        end, first = time.monotonic() + _FORETOLD, self._foretold_next
        while first and self.columns.foretold and self._nothing_new():
            last = min(first + _FORETOLD_LEAST, self._people + 1)
            await self._predict(np.arange(first, last), now=now)
            await self.read_late(now=now)
            if self._nothing_new():
                self._settle(
                    None, at=self._moment(now), sequences=self._node.world.position, reason=Reason.TIME,
                    first=first, last=last,
                )  # fmt: skip
                self._foretold_next = first = 0 if last > self._people else last
            if time.monotonic() >= end:
                return

    def _nothing_new(self) -> bool:
        """Whether nothing came while others had their turn that must be read before anybody is judged."""
        return not self.behind and not self._blind

    def refold_stale(self, *, now: int) -> None:
        """Some of the people whose rows hold what is assumed no more."""
        stale = np.flatnonzero(self._node.world.assumptions.stale_all(self._people, now))
        for person in stale[:_STALE].tolist():
            self._node.effective(person, now)
