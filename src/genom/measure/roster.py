"""How many persons are in which arm, in bounded memory: whether arms that stick to persons have the shares they should.

A person's decisions all go to one arm, so decisions come in clusters and say too much; persons are what was drawn.
Each person has a place by hash that remembers its arm; a place where two arms met counts for neither.
What collisions do to the shares is known and allowed for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

__all__ = ["Roster"]

PLACES: Final = 1 << 18
_BOTH: Final = 255
_FULL: Final = 0.95  # share of places beyond which nothing can be said any more


class Roster:
    """The arm of each person's place.

    >>> roster = Roster()
    >>> for person, arm in ((1, 0), (1, 0), (2, 1)):
    ...     roster.add(person, arm)
    >>> roster.counts(2)
    [1, 1]
    """

    def __init__(self) -> None:
        self._places = np.zeros(PLACES, np.uint8)  # 0: nobody, else 1 + arm, 255: more than one arm

    def add(self, person: int, arm: int) -> None:
        """A decision of a person (any hash) for the arm of this number; neither repetition nor order matters."""
        place = person % PLACES
        held = int(self._places[place])
        if held != arm + 1:
            self._places[place] = arm + 1 if held == 0 else _BOTH

    def counts(self, arms: int) -> list[int]:
        """Persons of each arm whose place is theirs alone."""
        return [int(count) for count in np.bincount(self._places, minlength=_BOTH + 1)[1 : arms + 1]]

    def expected(self, shares: Sequence[float]) -> list[float]:
        """The shares that `counts` should have if the persons have these: places of one arm only.

        With m persons a place on average, a place holds only arm a with probability exp(-m (1 - a)) - exp(-m).
        """
        taken = min(float(np.count_nonzero(self._places)) / PLACES, 1 - 1 / PLACES)
        mean = -math.log(1 - taken)
        if not mean:
            return list(shares)
        alone = [math.exp(-mean * (1 - share)) - math.exp(-mean) for share in shares]
        return [chance / sum(alone) for chance in alone]

    @property
    def full(self) -> bool:
        """Whether there are too many persons to say anything."""
        return float(np.count_nonzero(self._places)) > _FULL * PLACES

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Roster) and bool((self._places == other._places).all())

    __hash__ = None  # type: ignore[assignment]

    def dump(self) -> bytes:
        """As bytes for a file."""
        return self._places.tobytes()

    @classmethod
    def load(cls, kept: bytes) -> Roster:
        """What `dump` gave."""
        roster = cls()
        roster._places[:] = np.frombuffer(kept, np.uint8)
        return roster
