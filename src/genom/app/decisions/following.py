"""What is remembered of a decision until its reward window has passed, and what its rewards add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

import msgspec
import numpy as np

from genom.decide import DecisionRecord, Feature, Point, signature
from genom.decide.packed import numbers
from genom.learn.online import LARGEST_REWARD
from genom.measure import BUCKETS, STEPS, Looks, Periods, Tally, look_at
from genom.words import KINDS, Flag

__all__ = [
    "CONTROL",
    "POLICY",
    "Counter",
    "Followed",
    "Rules",
    "base_arm",
    "empty_counter",
    "followed",
    "learned_signature",
    "measured_signature",
    "planned_shares",
    "rules_of",
]

POLICY: Final = "policy"
CONTROL: Final = "control"
_AMOUNT, _HISTORY = int(Flag.AMOUNT), int(Flag.HISTORY)


class Followed(msgspec.Struct, gc=False):
    """A decision whose window is open."""

    point: str
    measured: str  # signature of the rules at the time; nobody may know these rules any more
    actions: tuple[str, ...]
    worth: tuple[float, ...]  # EUR of a success of each
    arm: str
    off: tuple[str, ...]  # arms of the experiment that did not run
    after: int  # journal position of its facts: its record comes later
    profile: int  # of the person at the time, 0 = nobody known
    who: int  # hash of the person: what one person does is not independent
    deadline: int  # unix ms, UTC: outcomes received later do not count
    trains: bool  # the person permits `model_training`
    counts: bool  # the person permits `measure_aggregate`, and the rules are known
    learned: str = ""  # signature of features and reward; empty: nothing to learn
    places: tuple[int, ...] = ()  # of the features that are not 0
    values: tuple[float, ...] = ()
    rewards: list[float] = msgspec.field(default_factory=lambda: [0.0, 0.0])  # from rows that may train, that may count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a point's outcomes are counted."""

    point: Point
    kinds: frozenset[int]
    amount: bool
    measured: str
    learned: str  # empty: the point does not learn online
    train_bit: int
    count_bit: int
    places: Mapping[Feature, int]  # of the features

    @property
    def window_ms(self) -> int:
        """How long outcomes are waited for."""
        return 1000 * self.point.reward.within_seconds if self.point.reward else 0

    def pay(self, decision: Followed, row: np.void) -> None:
        """Add what an event brings to the decision that it names."""
        if int(row["kind"]) not in self.kinds or row["line"] or row["known_at"] > decision.deadline:
            return
        flags, mask = int(row["flags"]), int(row["mask"])
        if flags & _HISTORY:
            return
        worth = 1.0
        if self.amount:
            worth = min(max(int(row["amount"]) / 1e6, 0.0), LARGEST_REWARD) if flags & _AMOUNT else 0.0
        for place, bit in enumerate((self.train_bit, self.count_bit)):
            if mask & bit:
                before = decision.rewards[place]
                decision.rewards[place] = min(before + worth, LARGEST_REWARD) if self.amount else 1.0


def rules_of(point: Point, *, train_bit: int, count_bit: int) -> Rules:
    """The rules of a point as it is defined now."""
    reward = point.reward
    return Rules(
        point=point,
        kinds=frozenset(int(KINDS[event]) for event in reward.events) if reward else frozenset(),
        amount=reward is not None and reward.value == "amount",
        measured=measured_signature(point),
        learned=learned_signature(point),
        train_bit=train_bit,
        count_bit=count_bit,
        places={feature: place for place, feature in enumerate(point.features)},
    )


def measured_signature(point: Point) -> str:
    """Equal for decisions whose outcomes may be compared; empty if none are counted."""
    if point.reward is None:
        return ""
    return signature(point.model, point.reward, point.policy.control, list(point.shares.items()))


def learned_signature(point: Point) -> str:
    """Equal for decisions that feed the same statistics; empty if the point does not learn."""
    return signature(point.features, point.reward) if point.model == "learned" and point.reward else ""


def planned_shares(point: Point) -> dict[str, float]:
    """The share that each arm of a point should have."""
    if point.model == "experiment":
        return point.shares
    return {POLICY: 1 - point.policy.control, CONTROL: point.policy.control}


def base_arm(point: Point) -> str:
    """What the other arms of a point are compared with."""
    return next(iter(point.shares)) if point.model == "experiment" else CONTROL


def followed(
    measuring: Rules | None, teaching: Rules | None, record: DecisionRecord, *, profile: int, known_at: int
) -> Followed | None:
    """What to remember of a decision by the rules that measure it and those that learn from it; both have one reward.

    None if nothing can come of it.
    """
    evidence, rules = record.evidence, measuring or teaching
    if evidence is None or rules is None:
        return None
    worths = {} if evidence.worth is None else dict(zip(evidence.candidates, numbers(evidence.worth), strict=True))
    actions = tuple(choice.action for choice in record.choices)
    linear = evidence.linear
    return Followed(
        point=record.point,
        measured=record.measured,
        actions=actions,
        worth=tuple([worths.get(action, 1.0) for action in actions]),
        arm=actions[0] if evidence.shares is not None else CONTROL if record.control else POLICY,
        off=evidence.off,
        after=record.position,
        profile=profile,
        who=crc32((record.person or record.decision_id).encode()),
        deadline=known_at + rules.window_ms,
        trains=teaching is not None and bool(record.mask & rules.train_bit),
        counts=measuring is not None and bool(record.mask & rules.count_bit),
        learned=teaching.learned if teaching else "",
        places=tuple([teaching.places[feature] for feature in linear.features]) if linear and teaching else (),
        values=tuple(numbers(linear.values)) if linear and teaching else (),
    )


@dataclass(slots=True)
class Counter:
    """What closed decisions of a point by the same rules add up to, in whole numbers."""

    arms: dict[str, Tally] = field(default_factory=dict)  # arm → decisions and rewards
    actions: dict[str, list[int]] = field(default_factory=dict)  # action → decisions, Σ reward
    periods: Periods | None = None  # of an experiment
    looks: Looks = field(default_factory=Looks)
    euros: bool = False  # a success of some action is worth something else than 1
    since: int = 0  # unix ms, UTC; when the first of them was made

    def close(self, decision: Followed, rules: Rules) -> None:
        """Take in a decision whose window has passed."""
        made = decision.deadline - rules.window_ms
        self.since = min(self.since or made, made)
        if decision.counts:
            self._measure(decision, rules.point, made)

    def _measure(self, decision: Followed, point: Point, made: int) -> None:
        self.looks.before(made, lambda at: look_at(self.arms, planned_shares(point), base=base_arm(point), at=at))
        step = round(decision.rewards[1] * decision.worth[0] * STEPS)
        self.arms.setdefault(decision.arm, Tally()).add(decision.who % BUCKETS, step)
        self.euros = self.euros or any(worth != 1.0 for worth in decision.worth)
        if self.periods is not None:
            self.periods.add(decision.who // BUCKETS, decision.arm, off=decision.off, shares=point.shares)
        action = self.actions.setdefault(decision.actions[0], [0, 0])
        action[0] += 1
        action[1] += step

    def dump(self) -> dict[str, Any]:
        """As plain values for a file."""
        return {
            "arms": {arm: tally.dump() for arm, tally in self.arms.items()},
            "actions": {name: list(counts) for name, counts in self.actions.items()},
            "periods": None if self.periods is None else self.periods.dump(),
            "looks": self.looks.dump(),
            "euros": self.euros,
            "since": self.since,
        }

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Counter:
        """What `dump` gave."""
        return cls(
            arms={arm: Tally.load(tally) for arm, tally in kept["arms"].items()},
            actions=kept["actions"],
            periods=None if kept["periods"] is None else Periods.load(kept["periods"]),
            looks=Looks.load(kept["looks"]),
            euros=kept["euros"],
            since=kept["since"],
        )


def empty_counter(rules: Rules) -> Counter:
    """Before the first decision."""
    return Counter(periods=Periods() if rules.point.shares else None)
