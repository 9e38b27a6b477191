"""Programs put together for the kernel, and the levels of their comparisons at a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.segments.kernel import Bank, judge
from genom.segments.program import Column, Literal, Member, Program, Window

__all__ = ["Columns", "Place", "Programs", "put_together"]

_MEMBER: Final = 2
_DAY: Final = 86_400_000  # ms
_NOBODY: Final = 2**64 - 1  # nobody permits every purpose that could be


class Place(NamedTuple):
    """Where a column lies: row of `fading` (with its half-life) or of `still`."""

    row: int
    span: int = -1  # index of the half-life; -1 = `still`


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of everybody, as the kernel takes them."""

    fading: NDArray[np.float32]  # (columns, people)
    still: NDArray[np.float64]  # (columns, people)
    may: NDArray[np.uint64]  # (people,) purposes that each permits now


@dataclass(frozen=True, slots=True)
class Programs:
    """Programs ready to run together."""

    bank: Bank
    levels: NDArray[np.float64]  # (literals,) in the gene's unit, or ms before now
    spans: NDArray[np.int64]  # (literals,) half-life, -1 = none
    ago: NDArray[np.bool_]  # (literals,)
    within: NDArray[np.int64]  # (literals,) days that may be read, 0 = for ever
    deepest: int

    @property
    def moving(self) -> bool:
        """Whether the answer can change while nothing happens."""
        return bool(self.ago.any() or (self.spans >= 0).any())

    def levels_at(self, at: int, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """The levels in the columns' own units at a moment; `scales`: what one unit of each half-life is worth."""
        levels = np.where(self.ago, at - np.rint(self.levels), self.levels)
        first = (at // _DAY + 1 - self.within) * _DAY  # the first moment that may be read
        levels = np.where(self.within > 0, np.maximum(levels, first - 1), levels)
        worth: NDArray[np.float64] = np.append(scales, 1.0)[self.spans]  # -1 is the last
        return np.asarray(levels / worth, np.float64)

    def judge(
        self, columns: Columns, *, at: int, scales: NDArray[np.float64], who: NDArray[np.int64] | None = None,
        first: int = 0, last: int = 0,
    ) -> NDArray[np.uint8]:  # fmt: skip
        """Whether each program holds, shape (programs, people): of `who`, or of the numbers first … last - 1."""
        chosen = np.zeros(0, np.int64) if who is None else who
        first, last = (first, last) if who is None else (0, len(who))
        passed = np.empty((len(self.bank.permits), last - first), np.uint8)
        if last > first:
            levels = self.levels_at(at, scales)
            judge(
                first, last, chosen, columns.fading, columns.still, columns.may, self.bank, levels, self.deepest,
                passed,
            )  # fmt: skip
        return passed


def put_together(
    programs: Sequence[Program],
    *,
    place_of: Callable[[Column | Window], Place],
    number_of: Mapping[str, int],
    bit: Callable[[str], int],
) -> Programs:
    """The programs as one bank; `number_of`: segment → its place among them, before those that ask about it."""
    starts, code, literals = [0], list[tuple[int, int]](), list[Literal]()
    for program in programs:
        code += [(place + len(literals) if how else place, n) for place, n, how in _numbered(program)]
        literals += program.literals
        starts.append(len(code))
    places = [_place(literal, place_of, number_of) for literal in literals]
    bank = Bank(
        starts=np.array(starts, np.int32),
        code=np.array(code, np.int32).reshape(-1, 2),
        permits=np.array([bit(program.purpose) for program in programs], np.uint64),
        kinds=np.array([kind for kind, _, _ in places], np.int32),
        places=np.array([row for _, row, _ in places], np.int32),
        ops=np.array([literal.op for literal in literals], np.int32),
        negated=np.array([literal.negated for literal in literals], np.int32),
        guessed=np.array([literal.guessed for literal in literals], np.int32),
        needs=np.array([_needed(literal, bit) for literal in literals], np.uint64),
    )
    return Programs(
        bank=bank,
        levels=np.array([literal.level for literal in literals], np.float64),
        spans=np.array([span for _, _, span in places], np.int64),
        ago=np.array([literal.ago for literal in literals], np.bool_),
        within=np.array([literal.within for literal in literals], np.int64),
        deepest=max((_depth(program) for program in programs), default=1),
    )


def _numbered(program: Program) -> list[tuple[int, int, bool]]:
    """The code, and of each step whether it names a literal."""
    return [(place, n, place >= 0) for place, n in program.code]


def _place(
    literal: Literal, place_of: Callable[[Column | Window], Place], number_of: Mapping[str, int]
) -> tuple[int, int, int]:
    if isinstance(literal.source, Member):
        return _MEMBER, number_of[literal.source.segment], -1
    row, span = place_of(literal.source)
    return (0 if span >= 0 else 1), row, span


def _needed(literal: Literal, bit: Callable[[str], int]) -> int:
    mask = _NOBODY if literal.absent else 0
    for name in literal.needs:
        mask |= bit(name)
    return mask


def _depth(program: Program) -> int:
    """How many values the program keeps at once."""
    held = most = 0
    for place, n in program.code:
        held += 1 if place >= 0 else 1 - n
        most = max(most, held)
    return most
