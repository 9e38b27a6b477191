"""Functions of rings of many people by one compiled call: of each what the function of `ops` gives, to the bit.

The functions in `ops` say what is meant, one ring at a time; those here are the same for machine code, and a test holds
the two against each other.  What gives words has none here.

Source of the order in which floats are added up: numpy's pairwise summation (`pairwise_sum` of its loops).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.genome import kernel
from genom.genome.declaration import RINGS
from genom.genome.filters import Rows
from genom.genome.genes import Gene
from genom.genome.matrix import Matrix
from genom.genome.program import RING_RECORD
from genom.genome.ring_rows import bits_of, passing
from genom.words import Kind

__all__ = ["FUNCTIONS", "RingsOfMany", "numbers_of"]

Floats = NDArray[np.float64]

FUNCTIONS: Final[dict[str, int]] = {
    name: code
    for code, name in enumerate(
        (
            "gap_mean", "gap_deviation", "gap_variance", "last_gap", "overdue", "streak", "streak_days", "mean_amount",
            "sessions", "session_minutes", "session_minutes_mean", "session_events_mean", "since_order", "since_last",
            "abandoned_hours", "abandonment_share", "distinct_items", "distinct_categories", "repeat_share",
            "messages_unanswered", "frequent_pair_share", "pair_kinds",
        )
    )
}  # fmt: skip
"""Function of a ring that gives a number → its code here."""

_GAP_MEAN, _GAP_DEVIATION, _GAP_VARIANCE, _LAST_GAP, _OVERDUE, _STREAK, _STREAK_DAYS, _MEAN_AMOUNT = range(8)
_SESSIONS, _MINUTES, _MINUTES_MEAN, _EVENTS_MEAN, _SINCE_ORDER, _SINCE_LAST, _ABANDONED, _ABANDONMENT = range(8, 16)
_ITEMS, _CATEGORIES, _REPEATS, _UNANSWERED, _PAIR_SHARE, _PAIR_KINDS = range(16, 22)
_ORDERED, _ADDED, _CHECKOUT, _RECEIVED = (
    int(kind) for kind in (Kind.ORDER_COMPLETED, Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED, Kind.CAMPAIGN_RECEIVED)
)
_DAY, _HOUR, _MINUTE, _SILENCE = 86_400_000, 3_600_000, 60_000, 1_800_000  # ms
_MICROS = 1_000_000
_BLOCK = 128  # numbers that are added up without halving them
_DEEPEST = 32  # open halves: a ring has at most 1,024 records


class RingsOfMany:
    """The rings of some people for one purpose at a moment; each ring is read once, whatever asks for it."""

    def __init__(self, matrix: Matrix, who: NDArray[np.int64], *, column: int, at: int) -> None:
        self._matrix, self._who, self._column, self._at = matrix, who, column, at
        self._rings: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        self._bits: dict[str, NDArray[np.int64]] = {}

    def numbers(self, gene: Gene) -> Floats:
        """A gene's number of each person; NaN for none, and for a function that gives words."""
        if gene.function not in FUNCTIONS:
            return np.full(len(self._who), np.nan)
        name = gene.ring
        words, starts = self._read(name)
        passes = None if gene.filter_name == "any" else self._passing(name, gene.rows)
        return _of_words(FUNCTIONS[gene.function], words, starts, passes, self._at)

    def _passing(self, name: str, rows: Rows) -> NDArray[np.bool_]:
        records = self._rings[name][0].view(RING_RECORD).reshape(-1)
        if name not in self._bits:
            self._bits[name] = bits_of(records)
        return passing(records, rows, self._matrix.layout.predicates.code, bits=self._bits[name])

    def _read(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All records as words, each person's oldest first, and where each person's begin."""
        if name not in self._rings:
            layout, state = self._matrix.layout, self._matrix.state
            slot = (kernel.RINGS + RINGS.index(name)) % state.heads.shape[2]
            starts = np.zeros(len(self._who) + 1, np.int64)
            _sizes(self._who, self._column, slot, state.heads, starts)
            words = np.empty((int(starts[-1]), state.rings.shape[3]), np.int64)
            first, size = layout.ring_places[name]
            _gather(self._who, self._column, slot, first, size, state.heads, state.rings, starts, words)
            self._rings[name] = self._inside(words, starts)
        return self._rings[name]

    def _inside(
        self, words: NDArray[np.int64], starts: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Without what is past the purpose's read window."""
        if not self._matrix.windowed(self._column):
            return words, starts
        bit, records = int(self._matrix.layout.table.purpose_bits[self._column]), words.view(RING_RECORD).reshape(-1)
        inside = self._matrix.layout.windows.inside(bit, records, self._at)
        return words[inside], np.concatenate(([0], np.cumsum(inside)))[starts]


def numbers_of(
    function: str, records: NDArray[np.void], starts: NDArray[np.int64], passes: NDArray[np.bool_] | None, *, at: int
) -> Floats:
    """A function of several rings that stand one after another (RING_RECORD, oldest first) and begin at `starts`.

    `passes`: the records that the gene's filter lets through; None for a gene without one.

    >>> records = np.zeros(3, RING_RECORD)
    >>> records["ts"], records["kind"] = [0, 86_400_000, 86_400_000], Kind.ORDER_COMPLETED
    >>> numbers_of("gap_mean", records, np.array([0, 2, 3]), None, at=0)
    array([ 1., nan])
    """
    words = np.ascontiguousarray(records).view(np.int64).reshape(len(records), -1)
    return _of_words(FUNCTIONS[function], words, starts, passes, at)


def _of_words(
    code: int, words: NDArray[np.int64], starts: NDArray[np.int64], passes: NDArray[np.bool_] | None, at: int
) -> Floats:
    found = np.empty(len(starts) - 1)
    _numbers(code, words, starts, np.zeros(0, np.bool_) if passes is None else passes, at, found)
    return found


@compiled
def _sizes(who: Any, column: int, slot: int, heads: Any, starts: Any) -> None:
    for i in range(len(who)):
        starts[i + 1] = starts[i] + (heads[who[i], column, slot] & 0xFFFF)


@compiled
def _gather(  # noqa: PLR0917 -- a kernel takes its arrays by position
    who: Any, column: int, slot: int, first: int, size: int, heads: Any, rings: Any, starts: Any, words: Any
) -> None:
    for i in range(len(who)):
        head, start = heads[who[i], column, slot] >> 16, starts[i]
        for j in range(starts[i + 1] - start):
            words[start + j] = rings[who[i], column, first + (head + j) % size]


@compiled
def _block(x: Any, first: int, n: int) -> Any:
    """The sum of at most 128 numbers."""
    if n < 8:
        total = 0.0
        for i in range(first, first + n):
            total += x[i]
        return total
    a, b, c, d = x[first], x[first + 1], x[first + 2], x[first + 3]
    e, f, g, h = x[first + 4], x[first + 5], x[first + 6], x[first + 7]
    whole = n - n % 8
    for i in range(first + 8, first + whole, 8):
        a += x[i]
        b += x[i + 1]
        c += x[i + 2]
        d += x[i + 3]
        e += x[i + 4]
        f += x[i + 5]
        g += x[i + 6]
        h += x[i + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(first + whole, first + n):
        total += x[i]
    return total


@compiled
def _sum(x: Any, first: int, n: int) -> Any:
    """The sum of blocks of halves of halves; without recursion, whose machine code Numba cannot keep on disk."""
    if n <= _BLOCK:
        return _block(x, first, n)
    todo, sums, open_, done = np.empty((_DEEPEST, 2), np.int64), np.empty(_DEEPEST), 1, 0
    todo[0] = first, n
    while open_ > 0:
        open_ -= 1
        start, size = todo[open_]
        if size == 0:  # both halves are there
            done -= 1
            sums[done - 1] += sums[done]
        elif size <= _BLOCK:
            sums[done] = _block(x, start, size)
            done += 1
        else:
            half = size // 2 - size // 2 % 8
            todo[open_, 1] = 0
            todo[open_ + 1] = start + half, size - half
            todo[open_ + 2] = start, half
            open_ += 3
    return sums[0]


@compiled
def _variance(x: Any, n: int, squares: Any) -> Any:
    mean = _sum(x, 0, n) / n
    for i in range(n):
        squares[i] = (x[i] - mean) * (x[i] - mean)
    return _sum(squares, 0, n) / n


@compiled
def _kind(record: Any) -> Any:
    return record[4] >> 16 & 0xFFFF


@compiled
def _chosen(words: Any, first: int, last: int, passes: Any, places: Any) -> int:
    """Places of the records that the filter lets through, orders if there is none; returns how many."""
    n = 0
    for i in range(first, last):
        if passes[i] if len(passes) else _kind(words[i]) == _ORDERED:
            places[n] = i
            n += 1
    return n


@compiled
def _of_gaps(  # noqa: PLR0917 -- a kernel takes its arrays by position
    code: int, words: Any, places: Any, n: int, at: int, x: Any, y: Any
) -> Any:
    gaps = n - 1
    for i in range(gaps):
        x[i] = (words[places[i + 1], 0] - words[places[i], 0]) / _DAY
    if gaps < 1 or (gaps < 2 and code in (_GAP_DEVIATION, _GAP_VARIANCE)):
        return np.nan
    if code == _LAST_GAP:
        return x[gaps - 1]
    if code in (_GAP_DEVIATION, _GAP_VARIANCE):
        variance = _variance(x, gaps, y)
        return np.sqrt(variance) if code == _GAP_DEVIATION else variance
    mean = _sum(x, 0, gaps) / gaps
    if code == _GAP_MEAN:
        return mean
    return (at - words[places[n - 1], 0]) / _DAY / mean if mean != 0 else np.nan


@compiled
def _streak(words: Any, places: Any, n: int, length: int) -> float:
    """Spans of time in a row with a record, counted back from the last one."""
    if n == 0:
        return np.nan
    span, found = words[places[n - 1], 0] // length, 1
    for i in range(n - 2, -1, -1):
        earlier = words[places[i], 0] // length
        if earlier < span - 1:
            break
        found += earlier < span
        span = earlier
    return np.float64(found)


@compiled
def _mean_amount(words: Any, places: Any, n: int, x: Any) -> Any:
    priced = 0
    for i in range(n):
        if words[places[i], 5] >> 16 & 0xFF == 1:
            x[priced] = np.float64(words[places[i], 3])
            priced += 1
    return _sum(x, 0, priced) / priced / _MICROS if priced else np.nan


@compiled
def _of_visits(code: int, words: Any, first: int, last: int, x: Any) -> Any:
    """What runs of records with less than half an hour between them say."""
    if last == first:
        return np.nan
    visits, start, carts, lost, cart, order = 0, first, 0, 0, False, False
    for i in range(first, last):
        kind = _kind(words[i])
        cart |= kind in (_ADDED, _CHECKOUT)
        order |= kind == _ORDERED
        if i + 1 == last or words[i + 1, 0] - words[i, 0] >= _SILENCE:
            x[visits] = np.float64(words[i, 0] - words[start, 0])
            visits, carts, lost = visits + 1, carts + cart, lost + (cart and not order)
            cart, order = False, False
            start = i + 1
    if code == _SESSIONS:
        return np.float64(visits)
    if code == _MINUTES:
        return x[visits - 1] / _MINUTE
    if code == _MINUTES_MEAN:
        return _sum(x, 0, visits) / visits / _MINUTE
    if code == _EVENTS_MEAN:
        return (last - first) / visits
    return lost / carts if carts else np.nan


@compiled
def _since_order(code: int, words: Any, first: int, last: int, at: int) -> Any:
    """Records since the last order; or hours since a cart was left, once it is silent."""
    after, cart, ordered = first, -1, False
    for i in range(first, last):
        kind = _kind(words[i])
        if kind == _ORDERED:
            after, cart, ordered = i + 1, -1, True
        elif kind in (_ADDED, _CHECKOUT):
            cart = i
    if code == _SINCE_ORDER:
        return np.float64(last - after) if ordered else np.nan
    if cart < 0 or at - words[last - 1, 0] < _SILENCE:
        return np.nan
    return (at - words[cart, 0]) / _HOUR


@compiled
def _since(code: int, words: Any, first: int, last: int, passes: Any) -> float:
    """Records since the last one that the filter lets through; or since a message was answered."""
    if first == last:
        return np.nan
    for i in range(last - 1, first - 1, -1):
        if passes[i] if code == _SINCE_LAST else _kind(words[i]) != _RECEIVED:
            return np.float64(last - 1 - i)
    return np.nan if code == _SINCE_LAST else np.float64(last - first)


@compiled
def _different(values: Any, n: int) -> tuple[int, int]:
    """How many different numbers there are, and how often the most frequent one is there."""
    ordered = np.sort(values[:n])
    found, most, run = 0, 0, 0
    for i in range(n):
        if i == 0 or ordered[i] != ordered[i - 1]:
            found, run = found + 1, 0
        run += 1
        most = max(most, run)
    return found, most


@compiled
def _of_lines(code: int, words: Any, first: int, last: int, values: Any) -> float:
    n = 0
    for i in range(first, last):
        value = words[i, 4] >> 48 & 0xFFFF if code == _CATEGORIES else words[i, 2]
        if value != 0:
            values[n] = value
            n += 1
    if n == 0:
        return np.nan
    found, _ = _different(values, n)
    return 1.0 - found / n if code == _REPEATS else np.float64(found)


@compiled
def _of_pairs(  # noqa: PLR0917 -- a kernel takes its arrays by position
    code: int, words: Any, first: int, last: int, passes: Any, values: Any
) -> float:
    n, before = 0, -1
    for i in range(first, last):
        if len(passes) and not passes[i]:
            continue
        kind = _kind(words[i])
        if before >= 0:
            values[n] = before << 16 | kind
            n += 1
        before = kind
    if n == 0:
        return np.nan
    found, most = _different(values, n)
    return (most if code == _PAIR_SHARE else found) / n


@compiled
def _numbers(  # noqa: PLR0917 -- a kernel takes its arrays by position
    code: int, words: Any, starts: Any, passes: Any, at: int, found: Any
) -> None:
    """One function of each person's records, into `found`; `passes` is empty for a gene without a filter."""
    longest = 0
    for i in range(len(found)):
        longest = max(longest, starts[i + 1] - starts[i])
    x, y = np.empty(longest), np.empty(longest)
    places = np.empty(longest, np.int64)
    for i in range(len(found)):
        first, last = starts[i], starts[i + 1]
        if code <= _MEAN_AMOUNT:
            n = _chosen(words, first, last, passes, places)
            if code == _MEAN_AMOUNT:
                found[i] = _mean_amount(words, places, n, x)
            elif code in (_STREAK, _STREAK_DAYS):
                found[i] = _streak(words, places, n, 7 * _DAY if code == _STREAK else _DAY)
            else:
                found[i] = _of_gaps(code, words, places, n, at, x, y)
        elif code in (_SINCE_ORDER, _ABANDONED):
            found[i] = _since_order(code, words, first, last, at)
        elif code in (_SINCE_LAST, _UNANSWERED):
            found[i] = _since(code, words, first, last, passes)
        elif code in (_ITEMS, _CATEGORIES, _REPEATS):
            found[i] = _of_lines(code, words, first, last, places)
        elif code in (_PAIR_SHARE, _PAIR_KINDS):
            found[i] = _of_pairs(code, words, first, last, passes, places)
        else:
            found[i] = _of_visits(code, words, first, last, x)
