"""What an op is: its laws, where its state lives, and how a value is read from it."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ADD",
    "CODES",
    "FIRST",
    "FOLLOWS",
    "LAST",
    "MAX",
    "PROPERTIES",
    "SIZES",
    "Laws",
    "Op",
    "Reading",
    "Storage",
    "Value",
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
}
"""Property → number in the op table."""

SIZES: Final[dict[str, int]] = {
    "channel": 16,
    "hour_of_week": 168,
    "hour_of_day": 24,
    "weekday": 7,
    "category_1": 64,
    "category_2": 384,
}
"""Cells of a histogram over a property."""

CODES: Final[dict[str, int]] = {
    "count.decayed": 0,
    "count.lifetime": 1,
    "sum.decayed": 2,
    "sum.lifetime": 3,
    "recency": 4,
    "first": 5,
    "last": 6,
    "histogram": 7,
}
"""Op codes of the kernel; never renumbered within a release."""

ADD, MAX, FIRST, LAST, FOLLOWS = 0, 1, 2, 3, 4
"""How two rows' integers become one: added, the larger, or a register of four cells that wins by (time, id, line)."""

Value = float | str | None


class Storage(Enum):
    """Where an op keeps its state."""

    CELLS = "cells"  # decayed float32 or integers
    REGISTER = "register"  # integers: time, id, line + 1 (0 = nothing yet), value
    RING = "ring"  # none of its own: a pure function of a ring


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

    @builtins.property  # a field has this name
    def scale(self) -> float:
        """What one integer unit of the property is worth."""
        return {"amount": 1e-6, "discount": 1e-6, "quantity": 1e-3}.get(self.property, 1.0)


def _one_cell(_property: str) -> int:
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """A kind of gene."""

    name: str
    laws: Laws
    storage: Storage
    finish: Callable[[Reading], Value] | None = None  # None: the cells themselves are the value
    merge: tuple[int, ...] = ()  # rule of each integer cell
    decayed_code: int = -1
    lifetime_code: int = -1
    properties: tuple[str, ...] = ()  # allowed; empty = the op takes none
    functions: dict[str, Any] = field(default_factory=dict)  # for rings
    cells: Callable[[str], int] = _one_cell  # decayed cells for a property

    @property
    def decays(self) -> bool:
        """Whether it can be kept over a half-life."""
        return self.decayed_code >= 0

    @property
    def lifetime(self) -> bool:
        """Whether it can be kept for ever."""
        return self.lifetime_code >= 0 or self.storage is Storage.RING
