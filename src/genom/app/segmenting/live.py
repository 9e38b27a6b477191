"""Segments of a node: definitions, who belongs, how they grew; kept up live by a keeper.

Nothing of it exists before the first segment or preview: a node without segments pays nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.segmenting.columns import permitted_now
from genom.app.segmenting.keeping import Keeper
from genom.app.segmenting.members import Live
from genom.app.segmenting.reach import Contacts
from genom.app.segmenting.state import before, read_kept_members, replayed, write_members
from genom.app.segmenting.store import stored_segments
from genom.errors import BadRequest, GenomError, NotFound, nearest
from genom.segments import (
    CHANGE,
    NOBODY,
    ChangeLog,
    Crowd,
    Growth,
    Held,
    Known,
    Reason,
    Rule,
    Segment,
    Teller,
    as_plain,
    check_segment,
    in_order,
)

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Segments", "rule_name"]

log = logging.getLogger("genom.segments")

_HOUR: Final = 3_600_000  # ms
_SAVED: Final = 600_000  # ms between two savings
_RECORDS: Final = 200_000  # records of the log after which it is saved earlier


def rule_name(purpose: str, rule: Rule) -> tuple[str, str]:
    """The name under which the number of a rule's people is held: the same for a segment and for a preview."""
    return purpose, repr(as_plain(rule))


class Segments:
    """All segments; `tend` is their work beside the commits."""

    def __init__(self, node: Node, *, now: int) -> None:
        self._node, self._directory = node, node.data.path / "segments"
        self.growth: dict[str, Growth] = {}
        self.contacts = Contacts(node)
        self.held = Held(Teller(node.data.secrets.public, floor=node.settings.segment_floor))
        self.tended = False  # somebody calls `tend` now and then
        self._every: list[Live] = []  # those that cannot be kept up, too
        self.unreadable: dict[str, str] = {}  # segments that ask about what may not be read, or is not there → why
        self.lost: dict[str, Live] = {}  # these segments; nobody belongs to them
        self._keeper: Keeper | None = None
        self._turn = asyncio.Lock()
        self._swept_at, self._noted_at, self._saved_at, self._saved_number = now, now, now, 0
        self._log: ChangeLog | None = None
        if self._directory.exists() or stored_segments(node.catalogue):
            self._restore(now)

    def _restore(self, now: int) -> None:
        """Go on from the memberships that were saved and logged; the first pass writes what is different."""
        self._log = ChangeLog(self._directory)
        self._log.drop_after(self._node.journal.last)
        kept = read_kept_members(self._directory)
        self.growth, self._saved_number = kept.growth, kept.number
        if not (stored := stored_segments(self._node.catalogue)):
            return
        keeper = self.awake(now=now)
        members = replayed(kept, self._log, people=keeper.columns.people)
        live: list[Live] = []
        for segment in stored.values():
            one = Live(segment, keeper.members.free_slot(live))
            if segment.number in members:
                keeper.members.put(one.slot, members[segment.number])
                one.count, one.built = int(members[segment.number].sum()), True
            live.append(one)
        self._arrange(live, now=now)

    def awake(self, *, now: int) -> Keeper:
        """The keeper, made when it is first needed."""
        if self._keeper is None:
            self._log = self._log or ChangeLog(self._directory)
            self._keeper = Keeper(self._node, self._log, self.held.teller, now=now)
        return self._keeper

    # what there is

    @property
    def live(self) -> list[Live]:
        """All versions that are kept up."""
        return self._keeper.live if self._keeper else []

    def known(self, *, now: int) -> Known:
        """What rules may be about."""
        keeper = self.awake(now=now)
        self._follow(keeper, now=now)
        return replace(keeper.columns.known, segments={s.id: s for s in self.newest()})

    def newest(self) -> list[Segment]:
        """The newest version of every segment, by name."""
        found = {one.segment.id: one.segment for one in sorted(self.live, key=lambda one: one.segment.version)}
        return [found[name] for name in sorted(found)]

    def shown(self, name: str) -> Live:
        """The version that counts: the newest that is built, else the newest.

        Raises NotFound, and BadRequest for one that cannot be kept up.
        """
        if name in self.unreadable:
            raise BadRequest(
                f"The segment {name!r} cannot be kept up.",
                why=self.unreadable[name],
                fix="change its rule, put back what it asks about, or remove it",
                code="segments.unreadable",
            )
        versions = sorted((one for one in self.live if one.segment.id == name), key=lambda one: -one.segment.version)
        if not versions:
            raise NotFound(
                f"There is no segment named {name[:60]!r}.",
                why="it was never defined, or it was removed",
                fix=nearest(name, [one.segment.id for one in self.live]) or "see `genom segment list`",
                code="segments.not-found",
            )
        return next((one for one in versions if one.built), versions[0])

    def members(self, one: Live, *, now: int) -> NDArray[np.int64]:
        """The people of a segment who permit its purpose now, ascending."""
        keeper = self._keeper
        assert keeper is not None, "a live segment has a keeper"
        people = np.flatnonzero(keeper.members.of(one.slot, self._node.world.profiles.count))
        return people[self._permit(one, people, now=now)]

    def crowd(self, one: Live) -> Crowd:
        """The people of a segment as they are counted to whoever asks (`genom.segments.told`)."""
        keeper, people = self._keeper, self._node.world.profiles.count
        assert keeper is not None, "a live segment has a keeper"

        def key() -> int:
            return self.held.teller.crowd(np.flatnonzero(keeper.members.of(one.slot, people))).key

        return self.held.hold(rule_name(one.segment.purpose, one.segment.rule), one.count, key)

    def too_near(self, one: Live, *, floor: int, now: int) -> str:
        """An older segment that tells, beside this one, of a group that is smaller than the floor; "" if none does.

        Whoever reads two lists reads their differences too.  The older of two goes on being shown.
        """
        mine: NDArray[np.bool_] | None = None
        for segment in self.newest():
            other = self.shown(segment.id)
            if (
                other.number >= one.number
                or not other.built
                or other.count < floor
                or other.segment.id == one.segment.id
            ):
                continue
            mine = self._flags(one, now=now) if mine is None else mine
            theirs = self._flags(other, now=now)
            for apart in (np.count_nonzero(mine & ~theirs), np.count_nonzero(theirs & ~mine)):
                if 0 < apart < floor:
                    return other.segment.id
        return ""

    def _flags(self, one: Live, *, now: int) -> NDArray[np.bool_]:
        flags = np.zeros(self._node.world.profiles.count + 1, np.bool_)
        flags[self.members(one, now=now)] = True
        return flags

    def of_person(self, person: int, *, now: int) -> list[Live]:
        """The segments that a person belongs to now."""
        keeper, who = self._keeper, np.array([person])
        shown = [self.shown(segment.id) for segment in self.newest()]
        mine = [one for one in shown if keeper and keeper.members.has(one.slot, person)]
        return [one for one in mine if self._permit(one, who, now=now).all()]

    def _permit(self, one: Live, people: NDArray[np.int64], *, now: int) -> NDArray[np.bool_]:
        """Who permits a segment's purpose at this very moment; a sweep may not have seen an end yet."""
        bit = np.uint64(self._node.purposes.bit(one.segment.purpose))
        return np.asarray(permitted_now(self._node, people, now=now) & bit == bit)

    @property
    def last_change(self) -> int:
        """Number of the newest record; 0 if there is none."""
        return self._log.last if self._log else 0

    def changes(self, after: int, *, segments: list[int] | None = None) -> NDArray[np.void]:
        """Records (CHANGE) beyond a number, oldest first; of some versions only, if they are named by number."""
        records = self._log.after(after) if self._log else np.zeros(0, CHANGE)
        records = np.asarray(records[records["person"] != NOBODY])
        return records if segments is None else records[np.isin(records["segment"], segments)]

    def kept_of(self, profiles: Collection[int]) -> tuple[int, int]:
        """How many memberships and how many records of changes there are of these."""
        keeper = self._keeper
        bits = sum(keeper.members.has(one.slot, p) for one in self.live for p in profiles) if keeper else 0
        waiting = self._log.waiting if self._log else np.zeros(0, CHANGE)
        records = np.concatenate([self.changes(0)["person"], waiting["person"]])
        return bits, int(np.isin(records, np.array([*profiles], np.uint64)).sum())

    def erase(self, profiles: Collection[int]) -> int:
        """Overwrite these in the log, and save the memberships without them; returns how many records there were."""
        if self._log is None:
            return 0
        erased = self._log.erase(profiles)
        self._write(*self._kept(self._saved_at))
        return erased

    # definitions

    def refresh(self, *, now: int) -> None:
        """Take in what the catalogue says; `tend` builds new versions."""
        stored = stored_segments(self._node.catalogue)
        if not stored and not self._every:
            return
        keeper = self.awake(now=now)
        live = [one for one in self._every if one.segment.id in stored]
        for segment in stored.values():
            if all(one.number != segment.number for one in live):
                live.append(Live(segment, keeper.members.free_slot(live)))
        for name in self.growth.keys() - stored.keys():
            del self.growth[name]
        self._arrange(live, now=now)

    def _arrange(self, live: list[Live], *, now: int, anew: bool = True) -> None:
        """The newest version of each first, behind those that it asks about; who belongs to the others leaves."""
        keeper = self._keeper
        assert keeper is not None, "segments have a keeper"
        known = keeper.columns.known
        newest = {one.segment.id: one for one in sorted(live, key=lambda one: one.segment.version)}
        ordered, segments, self.unreadable = list[Live](), dict[str, Segment](), {}
        for segment in in_order(one.segment for one in newest.values()):
            if why := self._unreadable(segment, replace(known, segments=segments)):
                self.unreadable[segment.id] = why
                continue
            segments[segment.id] = segment
            ordered.append(newest[segment.id])
        known = replace(known, segments=segments)
        older = [
            one for one in live
            if one.segment.id in segments and newest[one.segment.id] is not one
            and not self._unreadable(one.segment, known)
        ]  # fmt: skip
        kept, self.lost = [*ordered, *older], {name: newest[name] for name in self.unreadable}
        numbers = {one.number for one in kept}
        keeper.give_up((one for one in live if one.number not in numbers), now=now)
        self._every = [*kept, *self.lost.values()]
        keeper.arrange(kept, known, anew=anew)

    def _unreadable(self, segment: Segment, known: Known) -> str:
        """Why a segment cannot be kept up; empty if it can."""
        if gone := [name for name in segment.members_of if name in self.unreadable]:
            return f"It asks about the segment {gone[0]!r}, which cannot be kept up."
        try:
            check_segment(segment, known)
        except GenomError as error:
            log.error("a segment cannot be kept up", extra={"segment": segment.id, "why": error.what})
            return f"{error.what} {error.why}"
        return ""

    # live

    def after_group(self, rows: NDArray[np.void], *, now: int) -> None:
        """Rows were folded; what they change is known when this returns.  Never raises: a pass mends what failed."""
        keeper = self._keeper
        if keeper is None or not len(rows):
            return
        try:
            self._follow(keeper, now=now)
            keeper.take(rows, now=now)
        except Exception:
            log.exception("segments could not be brought up to date; everybody is judged anew")
            keeper.waiting.everybody = True

    def permissions_changed(self, persons: list[int], *, now: int) -> None:
        """People chose what may be read of them."""
        if self._keeper is not None:
            self._keeper.revise(persons, now=now, reason=Reason.CHOICE)

    def _follow(self, keeper: Keeper, *, now: int) -> None:
        """Programs hold codes of terms, places of genes, and which models there are: others may be in force by now."""
        if keeper.renewed():
            self._arrange(self._every, now=now)
        elif keeper.behind_models:
            keeper.take_models()
            self._arrange(self._every, now=now, anew=False)
        elif keeper.behind_terms:
            self._arrange(self._every, now=now, anew=False)

    async def tend(self, *, now: int) -> None:
        """What is due: new versions, people of whom nothing was heard, points of growth, savings."""
        async with self._turn:
            keeper = self._keeper
            if keeper is None:
                return
            if self._log:
                self._log.catch_up()
            self._follow(keeper, now=now)
            keeper.catch_up(now=now)
            building = any(not one.built for one in self.live)
            await self._judge(keeper, now=now)
            self._retire(now)
            self._note(now)
            late = now - self._saved_at >= _SAVED or (self._log and self._log.last - self._saved_number > _RECORDS)
            if building or late:  # a kill right after a version was built must not build it again
                await asyncio.to_thread(self._write, *self._kept(now))

    async def _judge(self, keeper: Keeper, *, now: int) -> None:
        await keeper.read_past(now=now)
        keeper.catch_up(now=now)
        await keeper.read_late(now=now)
        if keeper.waiting.models and not keeper.waiting.everybody:
            await keeper.read_models(now=now)
        began = keeper.waiting.everybody
        while keeper.waiting.everybody:
            await keeper.judge_everybody(now=now, reason=Reason.START)
        if not began and now - self._swept_at >= self._node.settings.segment_seconds * 1000:
            self._swept_at = now
            keeper.refold_stale(now=now)
            keeper.catch_up(now=now)
            await keeper.read_moving(now=now)
            await keeper.judge_everybody(now=now, reason=Reason.TIME)
        await keeper.read_foretold(now=now)

    async def caught_up(self, *, now: int, wait: bool = False) -> None:
        """Have everything built, where nobody else does it or a reader must `wait` for it."""
        if self.tended and not wait:
            return
        if self._keeper is not None and (self._keeper.behind or any(not one.built for one in self.live)):
            await self.tend(now=now)

    def _retire(self, now: int) -> None:
        """Versions that a newer one has replaced are kept up no longer."""
        shown = {segment.id: self.shown(segment.id) for segment in self.newest()}
        live = [one for one in self._every if not self._replaced(one, shown)]
        if len(live) < len(self._every):
            self._arrange(live, now=now, anew=False)

    @staticmethod
    def _replaced(one: Live, shown: dict[str, Live]) -> bool:
        newer = shown.get(one.segment.id)
        return newer is not None and one.segment.version < newer.segment.version

    def _note(self, now: int) -> None:
        """A point of growth each hour, and one when a version is new."""
        due = now // _HOUR > self._noted_at // _HOUR
        for segment in self.newest():
            one = self.shown(segment.id)
            if one.built and (due or one.segment.id not in self.growth):
                growth = self.growth.setdefault(one.segment.id, Growth())
                growth.note(
                    now, one.count, entered=one.entered, left=one.left, told=self.crowd(one),
                    entered_key=one.entered_key, left_key=one.left_key,
                )  # fmt: skip
                one.entered = one.left = one.entered_key = one.left_key = 0
        self._noted_at = now

    # state

    def _kept(self, now: int) -> tuple[int, dict[int, NDArray[np.bool_]]]:
        """Who belongs as the records in the files tell it: a start finds what is not written yet, and writes it."""
        keeper, people = self._keeper, self._node.world.profiles.count
        self._saved_at = now
        self._saved_number = self._log.last if self._log else 0
        members = {one.number: keeper.members.of(one.slot, people) for one in self.live if one.built} if keeper else {}
        return self._saved_number, before(members, self._log.waiting) if self._log else members

    def _write(self, number: int, members: dict[int, NDArray[np.bool_]]) -> None:
        try:
            if self._log:
                self._log.sync()
            write_members(self._directory, number=number, members=members, growth=self.growth)
        except OSError as error:
            log.error("segments could not be saved; a start judges everybody anew", extra={"why": str(error)})

    def close(self) -> None:
        """Save, and release the log."""
        if self._keeper is not None:
            self._write(*self._kept(self._saved_at))
        if self._log:
            self._log.close()
