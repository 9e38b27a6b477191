"""What an op is: its laws, where its state lives, and how a value is read from it."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CODED",
    "CODES",
    "DECAYED",
    "FADED",
    "FORMS",
    "HASHED",
    "NONE_IS_ZERO",
    "PROPERTIES",
    "SIZES",
    "UNITS",
    "Form",
    "Kept",
    "Laws",
    "Merge",
    "Op",
    "Reading",
    "Storage",
    "Value",
    "bucket",
]

PROPERTIES: Final[dict[str, int]] = {
    "": 0,
    "amount": 1,  # reporting currency
    "discount": 2,  # reporting currency
    "quantity": 3,  # pieces
    "time": 4,
    "channel": 5,
    "hour_of_week": 6,
    "hour_of_day": 7,
    "weekday": 8,
    "category_1": 9,
    "category_2": 10,
    "item": 11,
    "source": 12,
    "name": 13,  # of an event that the vocabulary does not declare
    "device": 14,  # the kind of it
}
"""Property → number in the op table."""

UNITS: Final[dict[str, int]] = {"amount": 1_000_000, "discount": 1_000_000, "quantity": 1_000}
"""Property → how many of the stored integers are one."""

SIZES: Final[dict[str, int]] = {
    "channel": 16,
    "hour_of_week": 168,
    "hour_of_day": 24,
    "weekday": 7,
    "category_1": 64,
    "category_2": 384,
    "device": 8,
}
"""Cells of a histogram over a property."""

CODED: Final = ("channel", "category_1", "category_2", "device")
"""Properties whose numbers stand for words."""

NONE_IS_ZERO: Final = ("category_1", "category_2", "device")
"""Properties of which many rows have none: 0 is no value of theirs, and no cell."""

HASHED: Final = ("item", "source", "name")
"""Properties without a declared set of values: a histogram hashes them into buckets."""

FADED: Final = 2.0**-64  # a weight below it is nothing: a quotient over it says nothing any more

CODES: Final[dict[str, int]] = {
    "count.decayed": 0,
    "count.lifetime": 1,
    "sum.decayed": 2,
    "sum.lifetime": 3,
    "recency": 4,
    "first": 5,
    "last": 6,
    "histogram": 7,
    "deviations": 8,
    "histogram.hashed": 9,
    "squares": 10,
    "distinct": 11,
}
"""Op codes of the kernel; never renumbered within a release."""

DECAYED: Final = frozenset({CODES[name] for name in ("count.decayed", "sum.decayed", "histogram", "deviations")})


class Merge(IntEnum):
    """How two rows' integers become one."""

    ADD = 0
    MAX = 1
    FIRST = 2  # a register of four cells: the earlier by (time, id, line) wins
    LAST = 3
    FOLLOWS = 4  # belongs to a cell before it
    WIDE = 5  # with the next cell a number of 128 bits: added
    HALVES = 6  # two unsigned numbers of 32 bits: the larger of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the kernel can keep of rows, once for all genes that read it."""

    decayed: str = ""  # name of the op code
    lifetime: str = ""
    merge: tuple[Merge, ...] = (Merge.ADD,)  # rule of each integer cell
    counts: bool = False  # adds ones, or chooses a cell by the property instead of adding it


FORMS: Final[dict[str, Form]] = {
    "count": Form(decayed="count.decayed", lifetime="count.lifetime", counts=True),
    "sum": Form(decayed="sum.decayed", lifetime="sum.lifetime"),
    "recency": Form(lifetime="recency", merge=(Merge.MAX,), counts=True),
    "first": Form(lifetime="first", merge=(Merge.FIRST, *[Merge.FOLLOWS] * 3)),
    "last": Form(lifetime="last", merge=(Merge.LAST, *[Merge.FOLLOWS] * 3)),
    "histogram": Form(decayed="histogram", counts=True),
    "hashed": Form(decayed="histogram.hashed", counts=True),
    "spread": Form(decayed="deviations", lifetime="squares", merge=(Merge.WIDE, Merge.FOLLOWS)),
    "distinct": Form(lifetime="distinct", merge=(Merge.HALVES,), counts=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A part of an op's state: a form, over the gene's rows or over those that it is compared with."""

    form: str  # a key of FORMS
    base: bool = False  # over `to` or `within` instead of `of`
    present: bool = False  # only rows that have the property


Value = float | str | None


class Storage(Enum):
    """Where an op keeps its state."""

    CELLS = "cells"  # decayed float32 or integers
    REGISTER = "register"  # integers: time, id, line + 1 (0 = nothing yet), value
    RING = "ring"  # none of its own: a pure function of a ring
    NONE = "none"  # none of its own: computed from other genes


@dataclass(frozen=True, slots=True, kw_only=True)
class Laws:
    """What a test may demand of an op."""

    commutative: bool  # any arrival order gives the same state
    idempotent: bool  # the same event twice counts once
    invertible: bool  # a contribution can be taken out again
    rtol: float  # relative to the decayed sum of absolute values; 0.0 means bit-exact
    floor: float = 0.0  # in the gene's unit, beside rtol: what a value of another order may differ by anyhow


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A gene's state at one moment, ready to be turned into a value."""

    at: int  # unix ms, UTC
    property: str
    decayed: NDArray[np.float64] | None  # decayed to `at`
    integers: Sequence[int]
    ring: NDArray[np.void] | None  # RING_RECORD, oldest first
    length: int
    term: Callable[[str, int], str]  # (property, code) → text
    attribute: str = ""  # that a declared gene is about
    base_property: str = ""  # of the rows that a ratio divides by
    window: int = 0  # ms; 0 = for ever
    buckets: int = 0
    passes: NDArray[np.bool_] | None = None  # records of the ring that the gene's filter lets through; None = no filter

    @builtins.property  # a field has this name
    def scale(self) -> float:
        """What one integer unit of the property is worth."""
        return 1.0 / UNITS.get(self.property, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """A kind of gene."""

    name: str
    laws: Laws
    storage: Storage
    finish: Callable[[Reading], Value] | None = None  # None: the cells themselves are the value
    keeps: tuple[Kept, ...] = ()  # its state, in the order in which a reading has it
    properties: tuple[str, ...] = ()  # allowed; empty = the op takes none
    optional: bool = False  # whether the property may be left out
    base: str = ""  # the field that names the other rows: "to" or "within"
    windows: bool = False  # `over` names windows instead of half-lives
    functions: dict[str, Any] = field(default_factory=dict)  # for rings
    says: dict[str, str] = field(default_factory=dict)  # language → what it is, for descriptions

    @property
    def decays(self) -> bool:
        """Whether it can be kept over a half-life."""
        return bool(self.keeps) and all(FORMS[kept.form].decayed for kept in self.keeps)

    @property
    def lifetime(self) -> bool:
        """Whether it can be kept for ever."""
        return not self.keeps or all(FORMS[kept.form].lifetime for kept in self.keeps)


def bucket(value: int, buckets: int) -> int:
    """The bucket of a value; `buckets` is a power of two.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (the finalizer).

    >>> [bucket(value, 64) for value in (1, 2, 3)]
    [37, 10, 48]
    """
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _WORD
    return (value ^ value >> 31) & buckets - 1


_WORD: Final = (1 << 64) - 1
