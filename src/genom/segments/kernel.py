"""The compiled half: programs over columns, membership as bits, and the newest times of events.

Columns are rows of two matrices, so that a comparison runs over memory in order: `fading` (float32, in units of a
power of two that all people share) and `still` (float64).  NaN = not known.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled, inlined

__all__ = ["Bank", "judge", "keep_newest", "settle", "touched"]

_CHUNK = 2048  # people at once: the stack stays in the first cache
_GE, _GT, _LE, _LT, _EQ = 0, 1, 2, 3, 4
_LINK = 201  # Kind.LINK
_FADING, _STILL = 0, 1  # kinds of literals; 2 = membership


class Bank(NamedTuple):
    """Programs one after another; those that others ask about come first."""

    starts: NDArray[np.int32]  # (programs + 1,) where each program's code begins
    code: NDArray[np.int32]  # (codes, 2): place of a literal and 0, or -1 (all) / -2 (any) and of how many
    permits: NDArray[np.uint64]  # (programs,) the purpose that a person must permit
    kinds: NDArray[np.int32]  # (literals,) fading, still or membership
    places: NDArray[np.int32]  # (literals,) row of the column, or number of the program
    ops: NDArray[np.int32]  # (literals,)
    negated: NDArray[np.int32]  # (literals,)
    guessed: NDArray[np.int32]  # (literals,) what is not known fails it, negated or not
    needs: NDArray[np.uint64]  # (literals,) purposes that must be permitted beside


@inlined
def _compare(op: int, x: Any, level: Any, out: Any, n: int) -> None:
    """One comparison over a slice; each loop is simple enough for vector instructions."""
    if op == _GE:
        for i in range(n):
            out[i] = x[i] >= level
    elif op == _GT:
        for i in range(n):
            out[i] = x[i] > level
    elif op == _LE:
        for i in range(n):
            out[i] = x[i] <= level
    elif op == _LT:
        for i in range(n):
            out[i] = x[i] < level
    elif op == _EQ:
        for i in range(n):
            out[i] = abs(x[i] - level) <= 1e-9 * max(1.0, abs(level))
    else:
        for i in range(n):
            out[i] = x[i] == x[i]  # only NaN differs from itself


@inlined
def _literal(  # noqa: C901, PLR0912, PLR0917 -- a kernel takes its arrays by position and branches by their kinds
    j: int, first: int, n: int, who: Any, fading: Any, still: Any, some_may: Any, bank: Any, levels: Any,
    passed: Any, start: int, out: Any, some32: Any, some64: Any,
) -> None:  # fmt: skip
    """What one literal says of n people, into `out`."""
    place, op = bank.places[j], bank.ops[j]
    if bank.kinds[j] == _FADING:
        if len(who):
            column = fading[place]
            for i in range(n):
                some32[i] = column[who[first + i]]
            _compare(op, some32, np.float32(levels[j]), out, n)
        else:
            _compare(op, fading[place, first : first + n], np.float32(levels[j]), out, n)
    elif bank.kinds[j] == _STILL:
        if len(who):
            column64 = still[place]
            for i in range(n):
                some64[i] = column64[who[first + i]]
            _compare(op, some64, levels[j], out, n)
        else:
            _compare(op, still[place, first : first + n], levels[j], out, n)
    else:
        out[:n] = passed[place, start : start + n]
    if bank.negated[j]:
        for i in range(n):
            out[i] = 1 - out[i]
        if bank.guessed[j] and bank.kinds[j] == _STILL:
            column64 = still[place]
            for i in range(n):
                value = column64[who[first + i] if len(who) else first + i]
                out[i] &= value == value  # noqa: PLR0124 -- only NaN differs from itself
    need = bank.needs[j]
    if need:
        for i in range(n):
            out[i] &= (some_may[i] & need) == need


@inlined
def _join(stack: Any, top: int, how: int, count: int, n: int) -> int:
    """The last `count` of the stack become one."""
    into = top - count + 1
    joined = stack[into]
    for k in range(into + 1, top + 1):
        other = stack[k]
        if how == -1:
            for i in range(n):
                joined[i] &= other[i]
        else:
            for i in range(n):
                joined[i] |= other[i]
    return into


@compiled
def judge(  # noqa: PLR0917 -- a kernel takes its arrays by position
    first: int, last: int, who: NDArray[np.int64], fading: NDArray[np.float32], still: NDArray[np.float64],
    may: NDArray[np.uint64], bank: Bank, levels: NDArray[np.float64], deepest: int, passed: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Whether each program holds for each person: `passed`, uint8, shape (programs, people).

    The people are `who[first:last]`, or the numbers first … last - 1 if `who` is empty.  `may` is what each person
    permits now.  `deepest`: how many values a program keeps at once.
    """
    stack = np.empty((deepest + 1, _CHUNK), np.uint8)
    some32, some64, some_may = np.empty(_CHUNK, np.float32), np.empty(_CHUNK), np.empty(_CHUNK, np.uint64)
    for begin in range(first, last, _CHUNK):
        n, start = min(_CHUNK, last - begin), begin - first
        if len(who):
            for i in range(n):
                some_may[i] = may[who[begin + i]]
        else:
            some_may[:n] = may[begin : begin + n]
        for s in range(len(bank.permits)):
            top = -1
            for c in range(bank.starts[s], bank.starts[s + 1]):
                if bank.code[c, 0] >= 0:
                    top += 1
                    _literal(
                        bank.code[c, 0], begin, n, who, fading, still, some_may, bank, levels, passed, start,
                        stack[top], some32, some64,
                    )  # fmt: skip
                else:
                    top = _join(stack, top, bank.code[c, 0], bank.code[c, 1], n)
            permit, found, out = bank.permits[s], stack[0], passed[s, start : start + n]
            for i in range(n):
                out[i] = found[i] & ((some_may[i] & permit) == permit)


@compiled
def settle(  # noqa: PLR0917 -- a kernel takes its arrays by position
    first: int, last: int, who: NDArray[np.int64], passed: NDArray[np.uint8], slots: NDArray[np.int64],
    bits: NDArray[np.uint64], changes: NDArray[np.int64],
) -> int:  # fmt: skip
    """Make `bits` (people, words) say what `passed` says; returns how many changed.

    `slots` are the programs' places among the bits.  `changes` takes (place of the program, person, 1 = entered),
    in order of program and person; those that have no room are counted all the same.
    """
    count = 0
    for s in range(len(slots)):
        word, bit = slots[s] >> 6, np.uint64(1) << np.uint64(slots[s] & 63)
        for i in range(last - first):
            person = who[first + i] if len(who) else first + i
            was = np.uint8((bits[person, word] & bit) != 0)
            if was != passed[s, i]:
                bits[person, word] ^= bit
                if count < len(changes):
                    changes[count, 0], changes[count, 1], changes[count, 2] = s, person, passed[s, i]
                count += 1
    return count


@compiled
def keep_newest(
    times: NDArray[np.int64], people: NDArray[np.int64], still: NDArray[np.float64], first: int, size: int
) -> None:
    """Take these times (unix ms) into the newest of each person: rows first … of `still`, newest first; 0 = none.

    The newest N of a multiset: commutative and associative, so late events and merged people come out right.
    """
    for i in range(len(times)):
        value, person = float(times[i]), people[i]
        for k in range(first, first + size):
            if value > still[k, person]:
                value, still[k, person] = still[k, person], value
        # what is left over is older than all that are kept


@compiled
def touched(  # noqa: PLR0917 -- a kernel takes its arrays by position
    rows: NDArray[np.void], person_of: NDArray[np.int64], stamps: NDArray[np.int64], stamp: int,
    sequences: NDArray[np.int64], who: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """The people that rows of events belong to, each once, into `who`; returns how many, and how many rows are links.

    `stamps` (people) remember the last call's `stamp`; `sequences` (people) take each one's newest row.
    """
    n, links = 0, 0
    for i in range(len(rows)):
        links += rows[i].kind == _LINK
        if rows[i].kind >= 200 or rows[i].profile == 0:
            continue
        person = person_of[rows[i].profile]
        sequences[person] = rows[i].sequence
        if stamps[person] != stamp:
            stamps[person] = stamp
            who[n] = person
            n += 1
    return n, links
