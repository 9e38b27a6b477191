"""The simulated world as one value: its people, the truth about them, and how each behaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genom_demo.world.people import PEOPLE, SEED, People, draw_people
from genom_demo.world.shopper import Shopper, shopper
from genom_demo.world.truth import Truth, draw_truth

__all__ = ["World", "make_world"]


@dataclass(frozen=True)  # without slots, so that what is computed once has a place
class World:
    """Everything that follows from the seed."""

    seed: int
    people: People
    truth: Truth

    @cached_property
    def shoppers(self) -> list[Shopper]:
        """The behaviour of each person."""
        return [shopper(self.people, person) for person in range(len(self.people))]

    def arrivals(self, hour: float) -> NDArray[np.float64]:
        """Cumulative chances of who comes next at a local hour: the frequent ones, at the hour that they like."""
        apart = np.abs((self.people.hour - hour + 12.0) % 24.0 - 12.0)
        weights = self.people.visits * (0.2 + np.exp(-0.5 * (apart / (1.0 + self.people.evening)) ** 2))
        return np.asarray(np.cumsum(weights) / weights.sum(), np.float64)


def make_world(seed: int = SEED, count: int = PEOPLE) -> World:
    """The world of a seed.

    >>> bool(make_world(1, 20).arrivals(19.0)[-1] > 0.999)
    True
    """
    people = draw_people(seed, count)
    return World(seed, people, draw_truth(people))
