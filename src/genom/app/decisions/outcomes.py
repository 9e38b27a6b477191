"""Outcomes: decisions are followed until their reward window has passed, then they are counted and learned from.

Everything here is a fold of the journal: decisions' records and the rows that name them. What was counted is saved
beside the journal with its position, and a start goes on from there; open decisions are read again from the journal.
A decision is closed once; what it adds are whole numbers, so that order, restarts and crashes change no bit.
It is counted by the rules that it was made by, whichever version is live by then (`rulebook.py`).
Who withdraws the training is taken out at once (`unlearning.py`).  If the ledger holds refusals that the saved state
does not know of, a start folds everything anew from the beginning, by the permissions of then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.decisions.features import FeatureReader
from genom.app.decisions.following import (
    Counter,
    Followed,
    Rules,
    empty_counter,
    learned_signature,
    measured_signature,
)
from genom.app.decisions.lessons import Lessons
from genom.app.decisions.outcome_state import Kept, read_kept, write_kept
from genom.app.decisions.rulebook import Key, Rulebook
from genom.app.pipeline import Staged
from genom.app.retention import shortest
from genom.app.training.teaching import companions_of, law_word
from genom.app.training.unlearning import Unlearning
from genom.decide import DO_NOTHING, DecisionRecord, Learned, Point, decode_record
from genom.genome import DAY
from genom.learn.online import LARGEST_REWARD, Sums
from genom.learn.ridge import Ridge, fit_ridge
from genom.words import ROW, Kind

if TYPE_CHECKING:
    from genom.app.commit import Committer
    from genom.app.node import Node

__all__ = ["FOLLOWED_MAX", "Outcomes", "Traffic"]

log = logging.getLogger("genom.outcomes")

FOLLOWED_MAX: Final = 200_000  # decisions with an open window; further ones are not followed, and that is told
_SAVE_EVERY: Final = 60.0  # seconds
_FIT_EVERY: Final = 1.0  # seconds
_AT_ONCE: Final = 25  # decisions closed between two commits: about 0.3 ms
_LATENCIES: Final = 1_000
_LAPSES_EVERY: Final = 600_000  # ms between two looks for grants that ran out
_LOOKED_AT: Final = 8_192  # profiles in one turn: a few milliseconds
_LATEST: Final = 600_000  # ms between the receipt of an event and its block; a start closes nothing before


class Traffic:
    """How a point is used since the start of the node."""

    def __init__(self) -> None:
        self.decisions, self.fallbacks, self.neutral = 0, 0, 0
        self.falls_back = False  # the model that the point names is missing, and another made the last decision
        self.ms: deque[float] = deque(maxlen=_LATENCIES)

    def count(self, point: Point, record: DecisionRecord, ms: float, *, served: bool) -> None:
        """One more decision."""
        self.decisions += 1
        self.neutral += record.evidence is None
        other = record.model != point.model
        self.fallbacks += other
        self.falls_back = other and not served
        self.ms.append(ms)


class _OpenAt:
    """Which decisions were open at a saved position: of each rules all since their oldest one."""

    def __init__(self, position: int, oldest: dict[Key, int]) -> None:
        self._position, self._oldest, self._reached = position, oldest, set[Key]()

    def counted(self, key: Key, number: int, *, sequence: int) -> bool:
        """Whether a decision was counted before; asked in the order of the journal."""
        if sequence > self._position:
            return False
        if self._oldest.get(key) == number:
            self._reached.add(key)
        return key not in self._reached


class Outcomes:
    """What became of decisions, point by point."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.open: dict[int, Followed] = {}
        self._queues: dict[Key, deque[int]] = {}  # by measured signature: decisions of one have one window
        self.counters: dict[Key, Counter] = {}  # by measured signature
        self.lessons: dict[Key, Lessons] = {}  # by learned signature
        self.traffic: dict[str, Traffic] = {}
        self.labels: dict[str, dict[str, dict[str, str]]] = {}  # point → action → label by language; emptied by changes
        self.lost = 0  # decisions that could not be followed because too many were
        self._book = Rulebook(node)
        self._fits: dict[Key, Learned] = {}
        self._readers: dict[tuple[str, int], FeatureReader] = {}
        self._saved_at, self._saved_position, self._fitted_at = 0.0, 0, 0.0
        self._refusals, self._law = node.refusals, law_word(node.purposes)
        self.companions = companions_of(node.purposes)
        self.unlearning = Unlearning(node, self)
        self.restore()

    # following

    def decided(
        self, number: int, record: DecisionRecord, *, profile: int, known_at: int, ms: float, served: bool
    ) -> None:
        """A decision was written; `served` says whether the point's model answers, if not for this person."""
        if (point := self._node.points.get(record.point)) is not None:
            self.traffic.setdefault(point.id, Traffic()).count(point, record, ms, served=served)
        self._follow(number, record, profile=profile, known_at=known_at)

    def _follow(self, number: int, record: DecisionRecord, *, profile: int, known_at: int) -> None:
        decision = self.followed(record, profile=profile, known_at=known_at)
        if decision is None:
            return
        if len(self.open) >= FOLLOWED_MAX:
            self.lost += 1
            return
        self.open[number] = decision
        self._queues.setdefault((record.point, record.measured), deque()).append(number)

    def followed(self, record: DecisionRecord, *, profile: int, known_at: int) -> Followed | None:
        """What to remember of a decision; None if nothing can come of it."""
        return self._book.follow(record, profile=profile, known_at=known_at)

    def take(self, rows: NDArray[np.void]) -> None:
        """Rows were folded: those that name a decision may be its outcome."""
        out = self.unlearning.out
        self.companions.take(rows[~np.isin(rows["profile"], list(out))] if out else rows)
        self._pay(rows)

    def _pay(self, rows: NDArray[np.void]) -> None:
        named = rows["decision"]
        if not named.any():
            return
        for index in np.flatnonzero((named != 0) & (rows["kind"] < 200)):
            decision = self.open.get(int(named[index]))
            if decision is not None:
                self.pay(decision, rows[index])

    def pay(self, decision: Followed, row: np.void) -> None:
        """Add what an event brings to the decision that it names."""
        self._book.of(decision).pay(decision, row)

    def rules(self, name: str) -> Rules | None:
        """How the outcomes of a point's live version are counted."""
        return self._book.now(name)

    def reader(self, point: Point) -> FeatureReader:
        """What reads the features of a point."""
        reader = self._readers.get((point.id, point.version))  # a version in shadow reads beside the live one
        if reader is None or reader.point is not point:
            reader = self._readers[point.id, point.version] = FeatureReader(self._node.world, point)
        return reader

    def forget_readers(self) -> None:
        """The genome has other places from now on."""
        self._readers.clear()

    def told(self, known_at: int, *, now: int) -> bool:
        """Whether the journal still tells what became of a decision: some of it may have been overwritten.

        What earlier decisions have taught stays in the sums, and nobody can take it apart any more.
        """
        stored = shortest(self._node.purposes)
        return not stored or known_at >= now // DAY * DAY - stored

    # closing and learning

    def close(self, now: int, *, most: int = FOLLOWED_MAX) -> None:
        """Count the decisions whose window had passed before `now`; every event received before it must be folded."""
        self.agree()
        for queue in self._queues.values():
            while queue and most and self.open[queue[0]].deadline < now:
                self._count(self.open.pop(queue.popleft()))
                most -= 1

    def agree(self) -> None:
        """Have the statistics be those of everybody who permits it now."""
        if self.unlearning.waits:
            self._refusals += self.unlearning.agree()

    def erase(self, person: int) -> None:
        """Take out what a person has added, and follow their decisions no more; their rows are still there."""
        self.agree()
        self.unlearning.erase(person)
        members = frozenset(self._node.world.people.members(person))
        for number in [number for number, one in self.open.items() if one.profile in members]:
            del self.open[number]
        for queue in self._queues.values():
            kept = [number for number in queue if number in self.open]
            if len(kept) < len(queue):
                queue.clear()
                queue.extend(kept)
        self._refusals += self.unlearning.agree()

    def take_out(self, profiles: Iterable[int]) -> None:
        """Have the statistics be without these profiles, whose rows are about to change."""
        self.agree()
        for profile in profiles:
            self.unlearning.take_out(profile)

    def take_in(self, profiles: Collection[int]) -> None:
        """Have them be with what the rows of these profiles say now."""
        self.agree()
        for number in [number for number, one in self.open.items() if one.profile in profiles]:
            self.open[number].rewards = [0.0, 0.0]
            for row in self._node.journal.rows_of_decision(number).rows:
                if row["kind"] < Kind.IDENTIFIER:
                    self.pay(self.open[number], row)
        for profile in profiles:
            self.unlearning.take_in(profile)

    def due(self, now: int) -> bool:
        """Whether a window has passed."""
        return any(queue and self.open[queue[0]].deadline < now for queue in self._queues.values())

    def _count(self, decision: Followed) -> None:
        rules = self._book.of(decision)
        if rules.measured == decision.measured:
            self.counter(rules).close(decision, rules)
        if decision.profile in self.unlearning.out:
            return  # it is taught when its profile is taken in
        if decision.trains and self.unlearning.trains(self._person_of(decision.profile)):
            self.teach(decision)

    def teach(self, decision: Followed, *, sign: int = 1) -> None:
        """Learn from a decision whose window has passed, or with `sign=-1` unlearn it."""
        key = (decision.point, decision.learned)
        rules = self._book.teaches(key)
        assert rules is not None, "only known rules teach"
        self.lessons_of(rules).learn(decision, sign=sign)

    def _person_of(self, profile: int) -> int:
        return int(self._node.world.people.person_of[profile])

    def _teaching(self, rows: NDArray[np.void]) -> NDArray[np.void]:
        """The rows of orders whose persons do not refuse to teach today."""
        orders = rows[rows["kind"] == Kind.ORDER_COMPLETED]
        profiles, places = np.unique(orders["profile"], return_inverse=True)
        tells = np.array([self.unlearning.tells(self._person_of(int(profile))) for profile in profiles], np.bool_)
        permitted: NDArray[np.void] = orders[tells[places]]
        return permitted

    def counter(self, rules: Rules) -> Counter:
        """What closed decisions by the same rules add up to; whatever else is measured has another."""
        key = (rules.point.id, rules.measured)
        if key not in self.counters:
            self.counters[key] = empty_counter(rules)
        return self.counters[key]

    def lessons_of(self, rules: Rules) -> Lessons:
        """What decisions with the same features and reward have taught."""
        key = (rules.point.id, rules.learned)
        if key not in self.lessons:
            self.lessons[key] = Lessons(Sums(len(rules.point.features)))
        return self.lessons[key]

    def held_of(self, point: Point) -> tuple[bool, bool]:
        """Whether decisions by the rules of a version were measured before, and whether it has lessons."""
        counter = self.counters.get((point.id, measured_signature(point)))
        lessons = self.lessons.get((point.id, learned_signature(point)))
        return counter is not None and counter.since > 0, lessons is not None and bool(lessons.sums.counts.any())

    def learned(self, point: Point) -> Learned | None:
        """What outcomes have taught a learned point so far."""
        rules = self.rules(point.id)
        if rules is None or not rules.learned:
            return None
        fit = self._fits.get((point.id, rules.learned))
        return fit or self._take_fit(rules, fit_ridge(self.lessons_of(rules).sums))

    def _take_fit(self, rules: Rules, ridge: Ridge) -> Learned:
        fit = self._fits[rules.point.id, rules.learned] = Learned(
            places=ridge.places,
            coefficients=ridge.coefficients,
            pooled=ridge.pooled,
            deviation=ridge.deviation,
            ceiling=LARGEST_REWARD if rules.amount else 1.0,
            signature=rules.learned,
        )
        return fit

    # beside the commits

    async def settle(self, committer: Committer, *, now: int) -> None:
        """Close what is due, learn from it, and save now and then; waits for its turns between two commits."""
        if now - self.unlearning.agreed_at >= _LAPSES_EVERY or self.unlearning.waits:
            await self._lapse(committer, now)
        while self.due(now):
            await committer.between(lambda: self.close(now, most=_AT_ONCE))
        if time.monotonic() - self._fitted_at >= _FIT_EVERY:
            await self._learn()
        if time.monotonic() - self._saved_at > _SAVE_EVERY and self._node.journal.last > self._saved_position:
            await self.save_now(committer)

    async def _lapse(self, committer: Committer, now: int) -> None:
        """Have the statistics agree with choices, and with the time that has passed since they last did."""
        if now - self.unlearning.agreed_at < _LAPSES_EVERY:
            await committer.between(self.agree)
            return
        found, last = list[int](), self._node.world.profiles.count
        for first in range(1, last + 1, _LOOKED_AT):
            found += self.unlearning.lapsed(range(first, min(first + _LOOKED_AT, last + 1)), now=now)
            await asyncio.sleep(0)

        def agree() -> None:
            self.unlearning.lapse(found, now=now)
            self.agree()

        await committer.between(agree)

    async def save_now(self, committer: Committer) -> None:
        """Save at once, whatever was saved before."""
        taken: list[Kept] = []
        await committer.submit_facts(lambda: self._take_state(taken))
        await asyncio.to_thread(self.save, taken[0])

    def _take_state(self, taken: list[Kept]) -> Staged:
        """Done as a commit of nothing: when it is answered, everything up to the position is durable."""
        taken.append(self.kept(position=self._node.journal.last))
        return Staged(np.zeros(0, ROW), b"", np.zeros((0, 2), np.uint64))

    async def _learn(self) -> None:
        """Bring the coefficients up to the statistics."""
        self._fitted_at = time.monotonic()
        for key, lessons in list(self.lessons.items()):
            rules = self._book.teaches(key)
            if lessons.changed and rules is not None:
                lessons.changed = False
                self._take_fit(rules, await asyncio.to_thread(fit_ridge, lessons.sums.copy()))

    # state

    def kept(self, *, position: int) -> Kept:
        """Everything at a position up to which all rows were taken, and none beyond."""
        oldest = {key: queue[0] for key, queue in self._queues.items() if queue}
        return Kept(
            position=position,
            since=min([position, *(self.open[number].after for number in oldest.values())]) + 1,
            known=sorted(self._book.known),
            oldest=[(*key, f"{number:x}") for key, number in oldest.items()],
            counters=[(*key, counter.dump()) for key, counter in self.counters.items()],
            lessons=[(*key, lessons.dump()) for key, lessons in self.lessons.items()],
            companions=self.companions.dump(),
            refusals=self._refusals,
            agreed_at=self.unlearning.agreed_at,
            law=self._law,
        )

    def save(self, kept: Kept) -> None:
        """Write it; only once the journal is durable up to its position."""
        try:
            write_kept(self._node.data.path / "models" / "online", kept)
        except OSError as error:
            log.error("outcomes could not be saved; a start reads the journal instead", extra={"why": str(error)})
        self._saved_at, self._saved_position = time.monotonic(), kept.position

    def restore(self) -> None:
        """Go on from the saved position, or from the beginning if somebody may have withdrawn since that was done.

        From the beginning too, if the file of points has rules that the statistics were not kept for.
        """
        journal = self._node.journal
        kept = read_kept(self._node.data.path / "models" / "online")
        position, first, oldest, now = 0, 1, dict[Key, int](), now_ms()
        self.unlearning.agreed_at = now
        if kept is not None and kept.position <= journal.last and self._goes_on(kept) and not self._changed(kept):
            self._load(kept)
            self.unlearning.agreed_at = kept.agreed_at
            oldest = {(point, word): int(number, 16) for point, word, number in kept.oldest}
            position, first = kept.position, kept.since
            self._saved_position = position
        open_at = _OpenAt(position, oldest)
        for block in journal.blocks(first):
            rows = block.rows[block.rows["sequence"] >= first]
            skipped = len(block.rows) - len(rows)
            for index in np.flatnonzero(rows["kind"] == Kind.DECISION):
                if not (body := block.body(int(index) + skipped)):
                    continue  # its person is being erased
                record, number = decode_record(body), int(rows["decision"][index])
                key = (record.point, record.measured)
                if open_at.counted(key, number, sequence=int(rows["sequence"][index])):
                    continue
                profile, known_at = int(rows["profile"][index]), int(rows["known_at"][index])
                if not self.told(known_at, now=now):
                    continue
                self._follow(number, record, profile=profile, known_at=known_at)
            self._pay(rows)
            if len(later := rows[rows["sequence"] > position]):
                self.companions.take(self._teaching(later))
                self.close(block.header.committed_at - _LATEST)

    def _goes_on(self, kept: Kept) -> bool:
        return (kept.refusals, kept.law) == (self._refusals, self._law) and self._book.of_file <= set(kept.known)

    def _changed(self, kept: Kept) -> bool:
        """Whether a link since has made somebody one who does not permit what was learned."""
        return self.unlearning.changed_since(kept.position)

    def _load(self, kept: Kept) -> None:
        """Take what was kept, without what was counted by rules that nobody knows any more."""
        counters = {(point, word): Counter.load(body) for point, word, body in kept.counters}
        lessons = {(point, word): Lessons.load(body) for point, word, body in kept.lessons}
        self.counters = {key: counter for key, counter in counters.items() if self._book.measures(key)}
        self.lessons = {key: lesson for key, lesson in lessons.items() if self._book.teaches(key)}
        self.companions.load(kept.companions)

    def waiting(self, name: str) -> int:
        """Decisions of a point by the rules of now whose window is open."""
        rules = self.rules(name)
        return len(self._queues.get((name, rules.measured), ())) if rules else 0

    def best(self, name: str) -> str:
        """The action whose decisions brought most so far, empty before there are thirty of one."""
        rules = self.rules(name)
        counter = self.counters.get((name, rules.measured)) if rules else None
        means = {
            action: total / n
            for action, (n, total) in (counter.actions if counter else {}).items()
            if n >= 30 and action != DO_NOTHING
        }
        return max(means, key=means.__getitem__) if means else ""
