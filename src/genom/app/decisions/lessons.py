"""What closed decisions have taught, in whole numbers; versions with the same features and reward share it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genom.app.decisions.following import Followed
from genom.learn.online import Sums, rounded

__all__ = ["Lessons"]


@dataclass(slots=True)
class Lessons:
    """The statistics of one signature of features and reward."""

    sums: Sums
    changed: bool = field(default=True, compare=False)  # since the last fit

    def learn(self, decision: Followed, *, sign: int = 1) -> None:
        """Learn from a decision whose window has passed, or with `sign=-1` unlearn it."""
        x = np.zeros(self.sums.width - 1)
        x[list(decision.places)] = decision.values
        x = rounded(x)
        for action in decision.actions:
            self.sums.add(action, x, decision.rewards[0], sign=sign)
        self.changed = True

    def dump(self) -> dict[str, Any]:
        """As plain values for a file."""
        return self.sums.dump()

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Lessons:
        """What `dump` gave."""
        return cls(Sums.load(kept))
