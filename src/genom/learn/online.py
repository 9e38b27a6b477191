"""Statistics of a linear model that learns while it decides: sums in whole numbers, so order changes nothing.

A closed decision adds n, Σ x xᵀ, Σ r x and Σ r² to its action. Features and rewards are multiples of 2⁻¹⁰, and the sums
are integers: any order gives the same bits, and what was added can be taken out exactly, which is the same as training
without it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled

__all__ = ["LARGEST_REWARD", "Sums", "rounded"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GRAIN: Final = 1024.0  # steps of a unit
LARGEST: Final = 500.0  # a feature beyond it counts as this much: 33 million decisions then still fit into an int64
LARGEST_REWARD: Final = 10_000.0
ACTIONS_MAX: Final = 256  # with statistics of their own; later ones share a row


def rounded(values: Floats) -> Floats:
    """The values as the statistics take them: multiples of 2⁻¹⁰ within ±500; what is no number is 0.

    >>> rounded(np.array([0.3, 1e9, float("nan")])).tolist()
    [0.2998046875, 500.0, 0.0]
    """
    found = np.array(values, np.float64)
    _round(found)
    return found


@compiled
def _round(values: Floats) -> None:
    for i in range(len(values)):
        known = values[i] == values[i]  # not so for NaN
        values[i] = np.rint(min(max(values[i], -LARGEST), LARGEST) * GRAIN) / GRAIN if known else 0.0


@compiled
def _add(  # noqa: PLR0917 -- a kernel takes its arrays by position
    counts: Integers, squares: Integers, products: Integers, rewards: Integers,
    place: int, features: Floats, reward: float, sign: int,
) -> None:  # fmt: skip
    x, r = np.empty(len(features) + 1, np.int64), np.int64(np.rint(reward * GRAIN))
    x[0] = np.int64(GRAIN)
    for i in range(len(features)):
        x[i + 1] = np.int64(np.rint(features[i] * GRAIN))
    counts[place] += sign
    rewards[place] += sign * r * r
    for i in range(len(x)):
        products[place, i] += sign * r * x[i]
        for j in range(len(x)):
            squares[place, i, j] += sign * x[i] * x[j]


class Sums:
    """What is known of each action of a point, and of all together.

    >>> sums = Sums(1)
    >>> sums.add("tea", np.array([0.5]), 1.0)
    >>> sums.add("tea", np.array([0.5]), 1.0, sign=-1)
    >>> sums == Sums(1)
    True
    """

    def __init__(self, features: int) -> None:
        self.width = features + 1
        self.places: dict[str, int] = {}  # action → its row
        self.counts = np.zeros(0, np.int64)
        self.squares = np.zeros((0, self.width, self.width), np.int64)  # Σ x xᵀ, x[0] = 1, in steps of 2⁻²⁰
        self.products = np.zeros((0, self.width), np.int64)  # Σ r x
        self.rewards = np.zeros(0, np.int64)  # Σ r²

    def add(self, action: str, features: Floats, reward: float, *, sign: int = 1) -> None:
        """Take in a closed decision, or with `sign=-1` take it out again."""
        place, reward = self._place(action), min(max(reward, -LARGEST_REWARD), LARGEST_REWARD)
        _add(self.counts, self.squares, self.products, self.rewards, place, features, reward, sign)

    def _place(self, action: str) -> int:
        if action not in self.places and len(self.places) >= ACTIONS_MAX:
            action = ""
        place = self.places.setdefault(action, len(self.places))
        if place == len(self.counts):
            self._grow()
        return place

    def _grow(self) -> None:
        for name in ("counts", "squares", "products", "rewards"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros((1, *old.shape[1:]), np.int64)]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sums) and self.width == other.width and self.by_action() == other.by_action()

    __hash__ = None  # type: ignore[assignment]

    def by_action(self) -> dict[str, tuple[int, bytes, bytes, int]]:
        """Everything by action, without those that hold nothing."""
        return {
            action: (
                int(self.counts[place]),
                self.squares[place].tobytes(),
                self.products[place].tobytes(),
                int(self.rewards[place]),
            )
            for action, place in sorted(self.places.items())
            if self.counts[place]
        }

    def copy(self) -> Sums:
        """A copy that further decisions do not change."""
        other = Sums(self.width - 1)
        other.places = dict(self.places)
        for name in ("counts", "squares", "products", "rewards"):
            setattr(other, name, getattr(self, name).copy())
        return other

    def dump(self) -> dict[str, Any]:
        """As plain values for a file."""
        return {
            "features": self.width - 1,
            "actions": list(self.places),
            **{name: getattr(self, name).tobytes() for name in ("counts", "squares", "products", "rewards")},
        }

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Sums:
        """What `dump` gave."""
        sums = cls(kept["features"])
        n, width = len(kept["actions"]), sums.width
        sums.places = {action: place for place, action in enumerate(kept["actions"])}
        shapes = {"counts": (n,), "squares": (n, width, width), "products": (n, width), "rewards": (n,)}
        for name, shape in shapes.items():
            setattr(sums, name, np.frombuffer(kept[name], np.int64).reshape(shape).copy())
        return sums
