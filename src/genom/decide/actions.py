"""What can be chosen: actions, compiled to arrays so that all are scored at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np

from genom.decide.candidates import Candidates, Covers, Indices
from genom.errors import BadConfiguration

__all__ = ["DO_NOTHING", "FOREVER", "Action", "ActionSet", "category_actions"]

DO_NOTHING: Final = "do_nothing"
RESERVED: Final = frozenset({"", DO_NOTHING})
FOREVER: Final = 2**62  # unix ms: an action that does not end
MEMORY: Final = 256  # sets of candidates that are kept ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to show or offer, and the categories that it is about."""

    id: str
    label: str
    categories: tuple[tuple[int, float], ...] = ()  # (code of `category_2`, weight); the weights of an action sum to 1
    campaign: int = 0  # hash of the campaign, 0 = none
    starts: int = 0  # unix ms, UTC; the first at which it runs
    ends: int = FOREVER  # unix ms, UTC; the first at which it no longer runs
    value: float = 1.0  # EUR that a success is worth
    items: tuple[int, ...] = ()  # hashes of the products that it covers
    attributes: tuple[tuple[str, frozenset[str]], ...] = ()  # attribute, the answers that it is for; others: for all


class ActionSet:
    """Actions in arrays.

    >>> tea = Action(id="c1", label="Tea", categories=((1, 1.0),), campaign=7, starts=0, ends=10)
    >>> milk = Action(id="c2", label="Milk", categories=((2, 1.0),), campaign=8, starts=5, ends=10)
    >>> actions = ActionSet([tea, milk])
    >>> actions.running(3).tolist(), actions.of_campaigns({8}, 3).tolist(), actions.of_campaigns({8}, 5).tolist()
    ([0], [], [1])
    >>> actions.take(actions.running(5)).ids
    ['c1', 'c2']
    """

    def __init__(self, actions: Iterable[Action]) -> None:
        """Raises BadConfiguration for an id given twice or reserved, and for an unusable category weight."""
        actions = list(actions)
        self.labels = {action.id: action.label for action in actions}  # id → label
        _check(actions)
        self._ids = np.array([action.id for action in actions], dtype=object)
        self._places = {
            campaign: place for place, campaign in enumerate(sorted({a.campaign for a in actions} - {0}), 1)
        }
        self._campaign = np.array([self._places.get(action.campaign, 0) for action in actions], dtype=np.intp)
        self._starts = np.array([action.starts for action in actions], dtype=np.int64)
        self._ends = np.array([action.ends for action in actions], dtype=np.int64)
        self._lengths = np.array([len(action.categories) for action in actions], dtype=np.intp)
        self._values = np.array([action.value for action in actions], dtype=np.float64)
        self._covers = _covers(actions)
        self._only = {action.id: action.attributes for action in actions if action.attributes}
        self._first = np.cumsum(self._lengths) - self._lengths
        pairs = [pair for action in actions for pair in action.categories]
        self._codes = np.array([code for code, _ in pairs], dtype=np.intp)
        self._weights = np.array([weight for _, weight in pairs], dtype=np.float64)
        self._all = self._gather(np.arange(len(actions), dtype=np.intp))
        self._changes = sorted({action.starts for action in actions} | {action.ends for action in actions})
        self._ready: dict[tuple[int, frozenset[int]], Candidates] = {}

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def has_campaigns(self) -> bool:
        """Whether it matters which campaigns a person received."""
        return bool(self._places)

    def candidates(self, now: int, mailed: AbstractSet[int] = frozenset()) -> Candidates:
        """The running actions of the campaigns mailed to the person, else all running; the same ones until one changes.

        >>> actions = ActionSet([Action(id="c1", label="Tea", campaign=7), Action(id="c2", label="Milk", ends=10)])
        >>> actions.candidates(3, {7}).ids, actions.candidates(3, {8}).ids, actions.candidates(10).ids
        (['c1'], ['c1', 'c2'], ['c1'])
        """
        known = frozenset(mailed & self._places.keys()) if mailed else frozenset()
        key = bisect_right(self._changes, now), known
        if (ready := self._ready.get(key)) is None:
            if len(self._ready) >= MEMORY:
                self._ready.clear()
            chosen = self.of_campaigns(known, now)
            ready = self._ready[key] = self.take(chosen if len(chosen) else self.running(now))
        return ready

    def unsuited(self, answers: Mapping[str, str]) -> frozenset[str]:
        """Ids of the actions that are for another answer than the person's; without an answer every action suits.

        >>> actions = ActionSet([Action(id="m", label="M", attributes=(("size", frozenset({"M", "L"})),))])
        >>> [sorted(actions.unsuited(answers)) for answers in ({"size": "S"}, {"size": "L"}, {})]
        [['m'], [], []]
        """
        if not answers or not self._only:
            return frozenset()
        return frozenset(
            action
            for action, wanted in self._only.items()
            if any(name in answers and answers[name] not in values for name, values in wanted)
        )

    def running(self, now: int) -> Indices:
        """Indices of the actions that run at `now` (unix ms, UTC)."""
        return np.flatnonzero((self._starts <= now) & (now < self._ends))

    def of_campaigns(self, campaigns: AbstractSet[int], now: int) -> Indices:
        """Indices of the running actions that belong to one of these campaigns."""
        places = [place for campaign in campaigns if (place := self._places.get(campaign))]
        wanted = np.zeros(len(self._places) + 1, dtype=np.bool_)
        wanted[places] = True
        return np.flatnonzero(wanted[self._campaign] & (self._starts <= now) & (now < self._ends))

    def take(self, indices: Indices) -> Candidates:
        """The actions at these indices, each at most once, as candidates."""
        return self._all if len(indices) == len(self) else self._gather(indices)

    def _gather(self, indices: Indices) -> Candidates:
        lengths = self._lengths[indices]
        rows = np.repeat(np.arange(len(indices)), lengths)
        before = lengths.cumsum() - lengths
        places = np.arange(len(rows)) + (self._first[indices] - before)[rows]
        ids: list[str] = self._ids[indices].tolist()
        return Candidates(
            ids=ids,
            rows=rows,
            codes=self._codes[places],
            weights=self._weights[places],
            values=self._values[indices],
            covers=None if self._covers is None else self._covers._replace(places=indices),
        )


def category_actions(names: Sequence[str]) -> ActionSet:
    """One action for each category; `names` has the category's name at its code, "" where there is none.

    A category that is called like the reserved action is left out: events may bring any name.

    >>> category_actions(["", "TEA", "MILK"]).labels
    {'TEA': 'TEA', 'MILK': 'MILK'}
    """
    return ActionSet(
        Action(id=name, label=name, categories=((code, 1.0),))
        for code, name in enumerate(names)
        if name not in RESERVED
    )


def _covers(actions: list[Action]) -> Covers | None:
    owners = np.repeat(np.arange(len(actions), dtype=np.intp), [len(action.items) for action in actions])
    items = np.array([item for action in actions for item in action.items], dtype=np.uint64)
    if not len(items):
        return None
    order = np.argsort(items, kind="stable")
    return Covers(items[order], owners[order], len(actions), np.arange(len(actions), dtype=np.intp))


def _check(actions: list[Action]) -> None:
    seen = set(RESERVED)
    for action in actions:
        if action.id in seen:
            raise _unusable(action, "its id is empty, reserved or used by another action", "give it an id of its own")
        seen.add(action.id)
        for code, weight in action.categories:
            if code < 0 or not 0 <= weight < float("inf"):
                raise _unusable(action, f"category {code} has the weight {weight}", "use weights of 0 or more")


def _unusable(action: Action, why: str, fix: str) -> BadConfiguration:
    return BadConfiguration(f"The action {action.id!r} cannot be used.", why=why, fix=fix)
