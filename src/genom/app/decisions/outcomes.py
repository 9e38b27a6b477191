"""Outcomes: decisions are followed until their reward window has passed, then they are counted and learned from.

Everything here is a fold of the journal: decisions' records and the rows that name them. What was counted is saved
beside the journal with its position, and a start goes on from there; open decisions are read again from the journal.
A decision is closed once; what it adds are whole numbers, so that order, restarts and crashes change no bit.
Who withdraws the training is taken out at once (`unlearning.py`).  If the ledger holds refusals that the saved state
does not know of, a start folds everything anew from the beginning, by the permissions of then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.decisions.features import FeatureReader
from genom.app.decisions.following import Counter, Followed, Rules, empty_counter, followed, rules_of
from genom.app.decisions.outcome_state import Kept, read_kept, write_kept
from genom.app.pipeline import Staged
from genom.app.training.teaching import companions_of, teaching_mask
from genom.app.training.unlearning import Unlearning
from genom.consent import Choice
from genom.decide import DO_NOTHING, DecisionRecord, Learned, Point, decode_record
from genom.learn.online import LARGEST_REWARD
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
_LATEST: Final = 600_000  # ms between the receipt of an event and its block; a start closes nothing before


class Traffic:
    """How a point is used since the start of the node."""

    def __init__(self) -> None:
        self.decisions, self.fallbacks, self.neutral = 0, 0, 0
        self.falls_back = False  # the last decision was made by another model than the point names
        self.ms: deque[float] = deque(maxlen=_LATENCIES)

    def count(self, point: Point, record: DecisionRecord, ms: float) -> None:
        """One more decision."""
        self.decisions += 1
        self.neutral += record.evidence is None
        self.falls_back = record.model != point.model
        self.fallbacks += self.falls_back
        self.ms.append(ms)


class _OpenAt:
    """Which decisions were open at a saved position: of each point all since its oldest one."""

    def __init__(self, position: int, oldest: dict[str, int]) -> None:
        self._position, self._oldest, self._reached = position, oldest, set[str]()

    def counted(self, point: str, number: int, *, sequence: int) -> bool:
        """Whether a decision was counted before; asked in the order of the journal."""
        if sequence > self._position:
            return False
        if self._oldest.get(point) == number:
            self._reached.add(point)
        return point not in self._reached


class Outcomes:
    """What became of decisions, point by point."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.open: dict[int, Followed] = {}
        self._queues: dict[str, deque[int]] = {}
        self.counters: dict[str, Counter] = {}
        self.traffic: dict[str, Traffic] = {}
        self.labels: dict[str, dict[str, dict[str, str]]] = {}  # point → action → label by language; emptied by changes
        self.lost = 0  # decisions that could not be followed because too many were
        self._rules: dict[str, Rules] = {}
        self._fits: dict[str, Learned] = {}
        self._readers: dict[tuple[str, int], FeatureReader] = {}
        self._saved_at, self._saved_position, self._fitted_at = 0.0, 0, 0.0
        self._refusals = node.refusals
        self.companions = companions_of(node.purposes)
        self.unlearning = Unlearning(node, self)
        self.restore()

    # following

    def decided(self, number: int, record: DecisionRecord, *, profile: int, known_at: int, ms: float) -> None:
        """A decision was written."""
        if (point := self._node.points.get(record.point)) is not None:
            self.traffic.setdefault(point.id, Traffic()).count(point, record, ms)
        self._follow(number, record, profile=profile, known_at=known_at)

    def _follow(self, number: int, record: DecisionRecord, *, profile: int, known_at: int) -> None:
        rules = self.rules(record.point)
        decision = followed(rules, record, profile=profile, known_at=known_at) if rules else None
        if decision is None:
            return
        if len(self.open) >= FOLLOWED_MAX:
            self.lost += 1
            return
        self.open[number] = decision
        self._queues.setdefault(record.point, deque()).append(number)

    def take(self, rows: NDArray[np.void]) -> None:
        """Rows were folded: those that name a decision may be its outcome."""
        self.companions.take(rows)
        self._pay(rows)

    def _pay(self, rows: NDArray[np.void]) -> None:
        named = rows["decision"]
        if not named.any():
            return
        for index in np.flatnonzero((named != 0) & (rows["kind"] < 200)):
            decision = self.open.get(int(named[index]))
            if decision is not None and (rules := self.rules(decision.point)) and rules.measured == decision.measured:
                rules.pay(decision, rows[index])

    def rules(self, name: str) -> Rules | None:
        """How a point's outcomes are counted; a changed definition has new rules."""
        point = self._node.points.get(name)
        if point is None:
            return None
        rules = self._rules.get(name)
        if rules is None or rules.point is not point:
            bit = self._node.purposes.bit
            rules = self._rules[name] = rules_of(
                point, train_bit=bit("model_training"), count_bit=bit("measure_aggregate")
            )
        return rules

    def reader(self, point: Point) -> FeatureReader:
        """What reads the features of a point."""
        reader = self._readers.get((point.id, point.version))  # a version in shadow reads beside the live one
        if reader is None or reader.point is not point:
            reader = self._readers[point.id, point.version] = FeatureReader(self._node.world, point)
        return reader

    def forget_readers(self) -> None:
        """The genome has other places from now on."""
        self._readers.clear()

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

    def due(self, now: int) -> bool:
        """Whether a window has passed."""
        return any(queue and self.open[queue[0]].deadline < now for queue in self._queues.values())

    def _count(self, decision: Followed) -> None:
        rules = self.rules(decision.point)
        if rules is None or rules.measured != decision.measured:
            return  # it was made by rules that hold no more
        counter = self.counter(rules)
        trains = decision.trains and self._permits_training(decision, rules)
        counter.close(decision, rules.point, window=rules.window_ms, trains=trains)

    def _permits_training(self, decision: Followed, rules: Rules) -> bool:
        """Whether the person still does when the decision is closed; a start after a refusal asks again of all."""
        choice = self._choice_of(decision.profile)
        return bool(choice.grant & ~choice.deny & rules.train_bit)

    def _choice_of(self, profile: int) -> Choice:
        return self._node.pipeline.permits.choice_of(int(self._node.world.people.person_of[profile]))

    def _teaching(self, rows: NDArray[np.void]) -> NDArray[np.void]:
        """The rows of orders whose persons do not refuse to teach today."""
        orders = rows[rows["kind"] == Kind.ORDER_COMPLETED]
        profiles, places = np.unique(orders["profile"], return_inverse=True)
        mask = teaching_mask(self._node.purposes)
        refused = np.array([bool(self._choice_of(int(profile)).deny & mask) for profile in profiles], np.bool_)
        permitted: NDArray[np.void] = orders[~refused[places]]
        return permitted

    def counter(self, rules: Rules) -> Counter:
        """What a point's closed decisions add up to; other rules or features begin anew."""
        counter = self.counters.get(rules.point.id)
        if counter is None or (counter.measured, counter.learned) != (rules.measured, rules.learned):
            counter = self.counters[rules.point.id] = empty_counter(rules)
            self._fits.pop(rules.point.id, None)
        return counter

    def learned(self, point: Point) -> Learned | None:
        """What outcomes have taught a learned point so far."""
        rules = self.rules(point.id)
        if rules is None or not rules.learned:
            return None
        self.counter(rules)
        return self._fits.get(point.id) or self._take_fit(rules, fit_ridge(self.counter(rules).sums))

    def _take_fit(self, rules: Rules, ridge: Ridge) -> Learned:
        fit = self._fits[rules.point.id] = Learned(
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
        if self.unlearning.waits:
            await committer.between(self.agree)
        while self.due(now):
            await committer.between(lambda: self.close(now, most=_AT_ONCE))
        if time.monotonic() - self._fitted_at >= _FIT_EVERY:
            await self._learn()
        if time.monotonic() - self._saved_at > _SAVE_EVERY and self._node.journal.last > self._saved_position:
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
        for name, counter in list(self.counters.items()):
            rules = self.rules(name)
            if counter.changed and rules is not None and rules.learned == counter.learned != "":
                counter.changed = False
                self._take_fit(rules, await asyncio.to_thread(fit_ridge, counter.sums.copy()))

    # state

    def kept(self, *, position: int) -> Kept:
        """Everything at a position up to which all rows were taken, and none beyond."""
        oldest = {name: queue[0] for name, queue in self._queues.items() if queue}
        return Kept(
            position=position,
            since=min([position, *(self.open[number].after for number in oldest.values())]) + 1,
            oldest={name: f"{number:x}" for name, number in oldest.items()},
            counters={name: counter.dump() for name, counter in self.counters.items()},
            companions=self.companions.dump(),
            refusals=self._refusals,
        )

    def save(self, kept: Kept) -> None:
        """Write it; only once the journal is durable up to its position."""
        try:
            write_kept(self._node.data.path / "models" / "online", kept)
        except OSError as error:
            log.error("outcomes could not be saved; a start reads the journal instead", extra={"why": str(error)})
        self._saved_at, self._saved_position = time.monotonic(), kept.position

    def restore(self) -> None:
        """Go on from the saved position, or from the beginning if somebody may have withdrawn since that was done."""
        journal = self._node.journal
        kept = read_kept(self._node.data.path / "models" / "online")
        position, first, oldest = 0, 1, dict[str, int]()
        if kept is not None and kept.position <= journal.last and kept.refusals == self._refusals:
            self.counters = {name: Counter.load(body) for name, body in kept.counters.items()}
            self.companions.load(kept.companions)
            oldest = {name: int(number, 16) for name, number in kept.oldest.items()}
            position, first = kept.position, kept.since
            self._saved_position = position
        open_at = _OpenAt(position, oldest)
        for block in journal.blocks(first):
            rows = block.rows[block.rows["sequence"] >= first]
            skipped = len(block.rows) - len(rows)
            for index in np.flatnonzero(rows["kind"] == Kind.DECISION):
                record, number = decode_record(block.body(int(index) + skipped)), int(rows["decision"][index])
                if open_at.counted(record.point, number, sequence=int(rows["sequence"][index])):
                    continue
                profile, known_at = int(rows["profile"][index]), int(rows["known_at"][index])
                self._follow(number, record, profile=profile, known_at=known_at)
            self._pay(rows)
            if len(later := rows[rows["sequence"] > position]):
                self.companions.take(self._teaching(later))
                self.close(block.header.committed_at - _LATEST)

    def waiting(self, name: str) -> int:
        """Decisions of a point whose window is open."""
        return len(self._queues.get(name, ()))

    def best(self, name: str) -> str:
        """The action whose decisions brought most so far, empty before there are thirty of one."""
        counter = self.counters.get(name)
        means = {
            action: total / n
            for action, (n, total) in (counter.actions if counter else {}).items()
            if n >= 30 and action != DO_NOTHING
        }
        return max(means, key=means.__getitem__) if means else ""
