"""What the person told us: functions of the ring that holds the newest declaration about each thing.

It outranks what was inferred: rules and decisions read it first.  Of two declarations about the same thing the newer
counts, by (time, id), whichever arrives first, and one that was taken back says nothing any more.
"""

from typing import Any, Final

from numpy.typing import NDArray

from genom.genome.ops.base import Laws, Op, Reading, Storage, Value
from genom.words import Kind

__all__ = ["DECLARED", "OTHER", "declared", "disliked", "liked"]

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
    """The value that the person gave of an attribute.

    >>> import numpy as np
    >>> from genom.genome.ops.base import Reading
    >>> said = np.zeros(2, [("kind", "u2"), ("category_2", "u2"), ("item", "u8")])
    >>> said["kind"], said["item"] = Kind.ATTRIBUTE_DECLARED, [7, 9]
    >>> how = {"at": 0, "property": "", "decayed": None, "integers": [], "length": 0}
    >>> names = {7: "size=M", 9: "writing="}  # the second was taken back
    >>> def read(about):
    ...     return declared(Reading(ring=said, term=lambda _, code: names[code], attribute=about, **how))
    >>> [read("size"), read("writing")]
    ['M', None]
    """
    for number in _newest_first(reading, Kind.ATTRIBUTE_DECLARED)["item"].tolist():
        name, _, value = reading.term("attribute", number).partition("=")
        if name == reading.attribute:
            return value or None
    return None


DECLARED = Op(
    name="declared",
    laws=Laws(commutative=True, idempotent=True, invertible=False, rtol=0.0),
    storage=Storage.RING,
    functions={function.__name__: function for function in (liked, disliked, declared)},
    says={"en": "What the person said", "de": "Was die Person gesagt hat"},
)
