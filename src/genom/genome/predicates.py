"""Predicates: filters as the kernel evaluates them, once for each row that they concern.

A filter that asks for no more than some bits needs none: its ops compare the bits themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.filters import KIND_SLOTS, Range, Rows, Term
from genom.genome.ops import PROPERTIES

__all__ = ["Predicates"]

_NAMES: Final = {number: name for name, number in PROPERTIES.items()}
_UNKNOWN: Final = (1, 0)  # no number lies between these


class Predicates:
    """The predicates of a gene set; number 0 always holds."""

    def __init__(self) -> None:
        self._numbers = dict[tuple[Term, ...], int]()
        self._slots: list[list[int]] = [[] for _ in range(2 * KIND_SLOTS)]
        self.named = list[tuple[int, str, str]]()  # place among the ranges, property and name of a category
        self._codes = dict[tuple[str, str], int]()

    def __len__(self) -> int:
        return len(self._numbers) + 1

    def of(self, rows: Rows) -> Iterator[tuple[int, int, int, int]]:
        """Slot, bits needed, bits cared for and predicate of each (kind, event or line) that has such rows."""
        for kind in range(KIND_SLOTS):
            mine = (t for t in rows.terms if t.kinds is None or kind in t.kinds)
            terms = tuple(dict.fromkeys(Term(None, t.need, t.care, t.ranges) for t in mine))
            if not terms:
                continue
            slot, first = 2 * kind + int(rows.lines), terms[0]
            if Term() in terms:
                yield slot, 0, 0, 0
            elif len(terms) == 1 and not first.ranges:
                yield slot, first.need, first.care, 0
            else:
                yield slot, 0, 0, self._number(terms, slot)

    def _number(self, terms: tuple[Term, ...], slot: int) -> int:
        number = self._numbers.setdefault(terms, len(self))
        if number not in self._slots[slot]:
            self._slots[slot].append(number)
        return number

    def tables(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """`tests_of`, `tests` and `ranges` of the table."""
        ranges, spans = list[tuple[int, int, int, int]](), dict[Term, tuple[int, int]]()
        for term in dict.fromkeys(term for terms in self._numbers for term in terms):
            first = len(ranges)
            ranges += [self._range(one, first + n) for n, one in enumerate(term.ranges)]
            spans[term] = first, len(ranges)
        terms_of = {number: terms for terms, number in self._numbers.items()}
        groups = [
            [(number, t.need, t.care, *spans[t]) for number in own for t in terms_of[number]] for own in self._slots
        ]
        starts = np.cumsum([0, *map(len, groups)]).astype(np.int32)
        tests = np.array([test for group in groups for test in group], np.int64).reshape(-1, 5)
        return starts, tests, np.array(ranges, np.int64).reshape(-1, 4)

    def _range(self, one: Range, place: int) -> tuple[int, int, int, int]:
        if not one.name:
            return one.property, one.low, one.high, int(one.inside)
        self.named.append((place, _NAMES[one.property], one.name))
        return one.property, *_UNKNOWN, int(one.inside)

    def name(self, ranges: NDArray[np.int64], property: str, name: str, code: int) -> None:
        """From now on the category of this name has this code."""
        self._codes[property, name] = code
        for place, own, asked in self.named:
            if (own, asked) == (property, name):
                ranges[place, 1] = ranges[place, 2] = code

    def code(self, property: str, name: str) -> int:
        """The code of a category's name; 0 while it has none."""
        return self._codes.get((property, name), 0)
