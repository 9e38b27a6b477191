"""Coverage: of how many people a gene says something.

A count of nothing is known, but says nothing: a number counts here if it is more than what is called faded, a text or
a distribution if it is there.  A gene counts once, however many cells it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from genom.genome.gate import Read, View
from genom.genome.ops import FADED

__all__ = ["covered", "says_something"]


def covered(views: Iterable[View]) -> Counter[str]:
    """Gene → of how many views it says something."""
    found = Counter[str]()
    for view in views:
        found.update(read.gene.id for read in view if says_something(read))
    return found


def says_something(read: Read) -> bool:
    """Whether there is a value, and not that of nothing."""
    if read.cells:
        return True
    return abs(read.value) >= FADED if isinstance(read.value, float) else bool(read.value)
