"""What the person told us: functions of the ring that holds the newest declaration about each thing."""

from typing import Any, Final

from numpy.typing import NDArray

from genom.genome.ops.base import Reading, Value
from genom.words import Kind

__all__ = ["DECLARED", "declared", "disliked", "liked"]

OTHER: Final = 1  # categories that did not fit into the vocabulary share this code: nobody can like or dislike them


def _newest_first(reading: Reading, kind: Kind) -> NDArray[Any]:
    ring = reading.ring
    assert ring is not None, "a ring function is only called with a ring"
    chosen: NDArray[Any] = ring[ring["kind"] == kind][::-1]
    return chosen


def _categories(reading: Reading, kind: Kind) -> Value:
    codes = _newest_first(reading, kind)["category_2"].tolist()
    return ", ".join(filter(None, (reading.term("category_2", code) for code in codes if code > OTHER))) or None


def liked(reading: Reading) -> Value:
    """Categories that the person said they like, newest first."""
    return _categories(reading, Kind.PREFERENCE_LIKED)


def disliked(reading: Reading) -> Value:
    """Categories that the person said they are not interested in, newest first."""
    return _categories(reading, Kind.PREFERENCE_DISLIKED)


def declared(reading: Reading) -> Value:
    """The value that the person gave of an attribute."""
    for number in _newest_first(reading, Kind.ATTRIBUTE_DECLARED)["item"].tolist():
        name, _, value = reading.term("attribute", number).partition("=")
        if name == reading.attribute:
            return value or None
    return None


DECLARED: Final = (liked, disliked, declared)
