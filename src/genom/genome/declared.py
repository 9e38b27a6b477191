"""What a person has told us, as decisions read it: it outranks everything that was inferred."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from numpy.typing import NDArray

from genom.genome.attributes import Attributes
from genom.genome.ops.declared import OTHER
from genom.words import Kind

__all__ = ["NOTHING_DECLARED", "Declared", "declared_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The person's own words, the newest about each thing."""

    liked: frozenset[int] = frozenset()  # codes of category_2
    disliked: frozenset[int] = frozenset()  # codes of category_2
    attributes: dict[str, str] = field(default_factory=dict)  # attribute → value
    told: dict[int | str, int] = field(default_factory=dict)  # category code or attribute → unix ms, newest first
    records: int = 0  # things that the ring remembers, those taken back included
    last: int = 0  # unix ms of the newest of them


NOTHING_DECLARED: Final = Declared()


def declared_of(ring: NDArray[Any], attributes: Attributes) -> Declared:
    """What a ring of declarations (RING_RECORD, oldest first) says."""
    liked, disliked, values, told = set[int](), set[int](), dict[str, str](), dict[int | str, int]()
    for record in ring[::-1]:
        kind, code, when = int(record["kind"]), int(record["category_2"]), int(record["ts"])
        if kind == Kind.ATTRIBUTE_DECLARED:
            name, _, value = attributes.text(int(record["item"])).partition("=")
            if value:
                values[name] = value
                told[name] = when
        elif kind != Kind.PREFERENCE_WITHDRAWN and code > OTHER:
            (liked if kind == Kind.PREFERENCE_LIKED else disliked).add(code)
            told[code] = when
    return Declared(
        liked=frozenset(liked),
        disliked=frozenset(disliked),
        attributes=values,
        told=told,
        records=len(ring),
        last=int(ring["ts"][-1]) if len(ring) else 0,
    )
