"""The gene kernel: folds journal rows into people's rows.

This is the reference: an interpreter of the op table, compiled once for all gene sets.
Its helpers stand in this file, because the cache of compiled code notices changes of this file only.

Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems",
ICDE 2009; base 2 with integer epochs, so that moving an epoch multiplies by an exact power of two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled, inlined
from genom.genome.program import Table
from genom.genome.windows import DAY, FAR
from genom.prefetch import prefetch

__all__ = ["DAY", "FAR", "OLDEST", "RINGS", "SEEN", "State", "add_orders", "by_person", "fold", "merge_rows", "scales"]

RINGS = -8  # where a head, from its end, says of each ring: (place of the oldest << 16) | how many
SEEN = -1  # where a head counts the rows
OLDEST = -2  # where a head keeps FAR minus the oldest day that counted, 0 = nothing; those of further purposes follow
# the epochs
MONTH = 2_592_000_000  # ms: the half-life of the popularity of categories
_STEP = 32  # half-lives between two epochs
_AHEAD = 4  # rows
_SLOTS = 400  # 2 · KIND_SLOTS
_CHANNELS = 16
_ORDER = 24  # Kind.ORDER_COMPLETED
_NEVER = -(1 << 62)  # no row has this time
_LEAST = -100  # the lowest power of two that a weight has
_FADED = np.float32(2.0**-120)  # a cell below it is nothing: slow denormals begin at 2^-126
_POWERS = np.exp2(np.arange(_LEAST, 1024.0))
_RECENCY, _LAST, _DEVIATIONS, _HASHED, _SQUARES, _DISTINCT = 4, 6, 8, 9, 10, 11  # codes of the ops
_WIDE, _HALVES = 5, 6  # rules by which integers merge
_LOW = np.uint64(0xFFFFFFFF)
_PURPOSE = 48  # first of the bits that say for which purpose a row is being counted
_MINUTE = 60_000  # ms
_PROPERTIES = 15
_DECLARED, _ATTRIBUTE = 3, 83  # the ring of declarations; Kind.ATTRIBUTE_DECLARED
_ALSO = 32  # first of the bits that say which further purposes a row may serve


class State(NamedTuple):
    """The memory of the genome; row p of each array belongs to person p, column c to the c-th purpose."""

    heads: NDArray[np.int32]  # (people, purposes, Layout.head): epochs in steps of 32 half-lives, rings, rows counted
    decayed: NDArray[np.float32]  # (people, purposes, cells)
    integers: NDArray[np.int64]  # (people, purposes, cells)
    rings: NDArray[np.int64]  # (people, purposes, records, 6): RING_RECORD as words
    popularity: NDArray[np.float64]  # (categories,) decayed lines of everyone
    popularity_epoch: NDArray[np.int64]  # (1,)


@inlined
def _power(exponent: int) -> float:
    """2 to an integer; zero where a millionth of it would be no normal float32 any more."""
    if exponent < _LEAST:
        return 0.0
    return _POWERS[min(exponent, 1023) - _LEAST]


@inlined
def _between(x: float) -> float:
    """2^x for 0 ≤ x ≤ 1: exact at both ends, and nowhere wrong by more than 4.8e-11 of the value.

    The polynomial of degree 7 with the least largest relative error among those that are 1 at 0 and 2 at 1.
    """
    y = 2.150729819452579e-05 * x + 0.00014353092744783305
    y = (y * x + 0.0013421950795005839) * x + 0.009614109599515752
    y = (y * x + 0.05550507412897559) * x + 0.24022639832946144
    return (y * x + 0.6931471846369043) * x + 1.0


@inlined
def _row_bits(row: Any) -> Any:
    hour = row.hour_of_week % 24
    bits = np.uint64(1) << np.uint64(row.channel % _CHANNELS)
    if row.flags & 16:
        bits |= np.uint64(1 << 16)
    if row.flags & 8:
        bits |= np.uint64(1 << 17)
    if row.hour_of_week >= 120:
        bits |= np.uint64(1 << 18)
    bits |= np.uint64(1) << np.uint64(22 if hour < 6 else 19 if hour < 12 else 20 if hour < 18 else 21)
    if row.flags & 1:
        bits |= np.uint64(1 << 23)
    if row.flags & 2:
        bits |= np.uint64(1 << 24)
    if row.device > 0:
        bits |= np.uint64(1 << 25)
    return bits


@inlined
def _read(row: Any, numbers: Any, offsets: Any, amounts: Any) -> None:
    """The row's properties by number: as integers, as cells of a histogram (-1 = none), and as decayed sums."""
    numbers[1], numbers[2], numbers[3], numbers[4] = row.amount, row.discount, row.quantity, row.ts
    numbers[5], numbers[6] = row.channel, row.hour_of_week
    numbers[7], numbers[8] = row.hour_of_week % 24, row.hour_of_week // 24
    numbers[9], numbers[10], numbers[11] = row.category_1, row.category_2, np.int64(row.item)
    numbers[12], numbers[13], numbers[14] = row.source, np.int64(row.name), row.device
    amounts[1], amounts[2], amounts[3] = row.amount * 1e-6, row.discount * 1e-6, row.quantity * 1e-3
    offsets[5], offsets[6] = row.channel, row.hour_of_week
    offsets[7], offsets[8] = row.hour_of_week % 24, row.hour_of_week // 24
    offsets[9] = row.category_1 if row.category_1 > 0 else -1
    offsets[10] = row.category_2 if row.category_2 > 0 else -1
    offsets[14] = row.device if row.device > 0 else -1


@inlined
def _move_epoch(cells: Any, person: int, c: int, first: int, last: int, shift: int) -> None:
    """Multiply a half-life block by 2^-shift, exactly; what is faded then is zero."""
    factor = np.float32(_power(-shift))
    for i in range(first, last):
        cell = cells[person, c, i] * factor
        cells[person, c, i] = cell if abs(cell) >= _FADED else np.float32(0.0)


@inlined
def _weight(
    tick: int, fraction: float, person: int, c: int, h: int, first: int, last: int, decayed: Any, heads: Any
) -> float:
    """The weight of a row in a half-life block (its cells first … last); moves the epoch if the row outgrows it."""
    target, epoch = tick // _STEP, np.int64(heads[person, c, h])
    if target > epoch:
        _move_epoch(decayed, person, c, first, last, (target - epoch) * _STEP)
        heads[person, c, h] = target
        epoch = np.int64(target)
    return fraction * _power(tick - epoch * _STEP)


@inlined
def _weigh(
    fractions: Any, ticks: Any, person: int, c: int, decayed: Any, heads: Any, blocks: Any, weights: Any
) -> None:
    """The weight of a row in each half-life block."""
    for h in range(len(ticks)):
        weights[c, h] = _weight(ticks[h], fractions[h], person, c, h, blocks[h], blocks[h + 1], decayed, heads)


@compiled
def _comes_before(ts: int, ident: Any, line: int, other_ts: int, other_ident: Any, other_line: int) -> bool:
    if ts != other_ts:
        return ts < other_ts
    if ident != other_ident:
        return ident < other_ident
    return line < other_line


@inlined
def _register(cells: Any, person: int, c: int, at: int, row: Any, value: int, newest: bool) -> None:
    ident, line = np.uint64(row.id_low), np.int64(row.line)
    held = cells[person, c, at + 2] - 1
    if held >= 0:
        before = _comes_before(row.ts, ident, line, cells[person, c, at], np.uint64(cells[person, c, at + 1]), held)
        if before == newest:
            return
    cells[person, c, at] = row.ts
    cells[person, c, at + 1] = np.int64(ident)
    cells[person, c, at + 2] = line + 1  # 0 = nothing yet: the year 1970 began at time 0, and ids may be 0
    cells[person, c, at + 3] = value


@inlined
def _order(rings: Any, person: int, c: int, at: int, record: Any) -> int:
    """-1, 0 or 1: the record comes before, is, or comes after the one at a place, by (time, id, line)."""
    if record[0] != rings[person, c, at, 0]:
        return 1 if record[0] > rings[person, c, at, 0] else -1
    mine, theirs = np.uint64(record[1]), np.uint64(rings[person, c, at, 1])
    if mine != theirs:
        return 1 if mine > theirs else -1
    line, other = record[4] & 0xFFFF, rings[person, c, at, 4] & 0xFFFF  # the lowest part of the fifth word
    return 1 if line > other else -1 if line < other else 0


@inlined
def _insert(rings: Any, person: int, c: int, first: int, size: int, held: int, record: Any) -> int:
    """Keep the newest records in a circle whose size is a power of two, oldest first; returns the new `held`.

    The same record twice changes nothing.
    """
    wrap = size - 1
    head, count = held >> 16, held & 0xFFFF
    place = count  # how many records are older than the new one
    while place > 0:
        order = _order(rings, person, c, first + ((head + place - 1) & wrap), record)
        if order == 0:
            return held
        if order > 0:
            break
        place -= 1
    if count == size:
        if place == 0:
            return held
        head, place = (head + 1) & wrap, place - 1
    else:
        count += 1
    for i in range(count - 1, place, -1):
        for w in range(6):
            rings[person, c, first + ((head + i) & wrap), w] = rings[person, c, first + ((head + i - 1) & wrap), w]
    for w in range(6):
        rings[person, c, first + ((head + place) & wrap), w] = record[w]
    return (head << 16) | count


@inlined
def _about(item: int, word: int) -> Any:
    """What a declaration is about: a category, or an attribute (negative); 0 = nothing."""
    if (word >> 16) & 0xFFFF == _ATTRIBUTE:
        return -np.int64(np.uint64(item) >> np.uint64(16))
    return (word >> 48) & 0xFFFF


@compiled
def _replace(rings: Any, person: int, c: int, first: int, size: int, held: int, record: Any) -> int:
    """Keep the newest declaration about each thing, and of those the newest; returns the new `held`.

    The newest of each, then the top N: commutative, associative and idempotent like the top N alone.
    """
    about, wrap = _about(record[2], record[4]), size - 1
    if about == 0:
        return held
    head, count = held >> 16, held & 0xFFFF
    for i in range(count):
        at = first + ((head + i) & wrap)
        if _about(rings[person, c, at, 2], rings[person, c, at, 4]) == about:
            if _order(rings, person, c, at, record) <= 0:
                return held
            count -= 1
            for j in range(i, count):
                for w in range(6):
                    after = first + ((head + j + 1) & wrap)
                    rings[person, c, first + ((head + j) & wrap), w] = rings[person, c, after, w]
            break
    return _insert(rings, person, c, first, size, (head << 16) | count, record)


@inlined
def _record(row: Any, scratch: Any) -> None:
    """RING_RECORD as six words."""
    scratch[0] = row.ts
    scratch[1] = np.int64(row.id_low)
    scratch[2] = np.int64(row.item)
    scratch[3] = row.amount
    scratch[4] = (
        np.int64(row.line)
        | (np.int64(row.kind) << 16)
        | (np.int64(row.category_1) << 32)
        | np.int64(np.uint64(row.category_2) << np.uint64(48))
    )
    scratch[5] = np.int64(row.channel) | (np.int64(row.hour_of_week) << 8) | (np.int64(row.flags & 1) << 16)


@compiled
def _bucket(value: int, buckets: int) -> int:
    """The bucket of a value, -1 for none; `ops.base.bucket` in machine code."""
    if value == 0:
        return -1
    x = np.uint64(value)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((x ^ (x >> np.uint64(31))) & np.uint64(buckets - 1))  # type: ignore[return-value]  # compiled


@inlined
def _judge(first: int, last: int, bits: int, tests: Any, ranges: Any, numbers: Any, passes: Any) -> None:
    """Evaluate the predicates of a row: any of a predicate's tests must hold, with its bits and all its ranges."""
    for i in range(first, last):
        passes[tests[i, 0]] = False
    for i in range(first, last):
        holds = (bits & tests[i, 2]) == tests[i, 1]
        for r in range(tests[i, 3], tests[i, 4]):
            number = numbers[ranges[r, 0]]
            holds = holds and (ranges[r, 1] <= number <= ranges[r, 2]) == (ranges[r, 3] == 1)
        passes[tests[i, 0]] |= holds


@compiled
def _deviation(x: float, weight: float, held: float, total: float) -> float:
    """What a value adds to the weighted squares about the mean, before it is counted itself (Chan, Golub, LeVeque)."""
    if weight <= 0.0 or held <= 0.0:
        return 0.0
    apart = x - total / held
    return weight * held / (weight + held) * apart * apart


@inlined
def _add_decayed(
    first: int,
    last: int,
    bits: int,
    ops: Any,
    person: int,
    c: int,
    decayed: Any,
    weights: Any,
    offsets: Any,
    amounts: Any,
    numbers: Any,
    passes: Any,
) -> None:
    """Counts, sums and histograms are one thing: a weighted amount (1 for a count) into a cell."""
    for i in range(first, last):
        if (bits & ops[i, 7]) != ops[i, 5] or (ops[i, 8] != 0 and not passes[ops[i, 8]]):
            continue
        if ops[i, 0] < _DEVIATIONS:
            offset = offsets[ops[i, 6]]
            if 0 <= offset < ops[i, 3]:
                decayed[person, c, ops[i, 2] + offset] += np.float32(weights[c, ops[i, 4]] * amounts[ops[i, 1]])
        elif ops[i, 0] == _DEVIATIONS:
            held, total = decayed[person, c, ops[i, 9]], decayed[person, c, ops[i, 10]]
            more = _deviation(amounts[ops[i, 1]], weights[c, ops[i, 4]], held, total)
            decayed[person, c, ops[i, 2]] += np.float32(more)
        else:
            offset = _bucket(numbers[ops[i, 6]], ops[i, 3])
            if offset >= 0:
                decayed[person, c, ops[i, 2] + offset] += np.float32(weights[c, ops[i, 4]])


@inlined
def _add_integers(
    first: int, last: int, bits: int, ops: Any, person: int, c: int, integers: Any, numbers: Any, passes: Any
) -> None:
    """Counts (a sum of ones) and sums for ever."""
    for i in range(first, last):
        if (bits & ops[i, 7]) == ops[i, 5] and (ops[i, 8] == 0 or passes[ops[i, 8]]):
            integers[person, c, ops[i, 2]] += numbers[ops[i, 1]]


@compiled
def _square(cells: Any, at: int, value: int) -> None:
    """Add the square of a value to a number of 128 bits."""
    x = np.uint64(abs(value))
    low, high = x & _LOW, x >> np.uint64(32)
    cross = low * high
    bottom = low * low + ((cross & np.uint64(0x7FFFFFFF)) << np.uint64(33))
    carry = np.uint64(1) if bottom < low * low else np.uint64(0)
    _add_wide(cells, at, bottom, high * high + (cross >> np.uint64(31)) + carry)


@compiled
def _add_wide(cells: Any, at: int, low: Any, high: Any) -> None:
    """Add two halves to a number of 128 bits, the lower half first."""
    total = np.uint64(cells[at]) + low
    cells[at + 1] += np.int64(high) + (1 if total < low else 0)
    cells[at] = np.int64(total)


@compiled
def _later(held: int, other: int) -> int:
    """The larger of each half, as unsigned numbers of 32 bits."""
    a, b = np.uint64(held), np.uint64(other)
    high, low = max(a >> np.uint64(32), b >> np.uint64(32)), max(a & _LOW, b & _LOW)
    return np.int64((high << np.uint64(32)) | low)  # type: ignore[return-value]  # compiled


@compiled
def _see(cells: Any, first: int, bucket: int, ts: int) -> None:
    """A bucket of a bitmap of times remembers its newest minute, plus one."""
    if bucket >= 0:
        minute = np.uint64(min(max(ts, 0) // _MINUTE + 1, 0xFFFFFFFF)) << np.uint64(32 * (bucket & 1))
        cells[first + (bucket >> 1)] = _later(cells[first + (bucket >> 1)], np.int64(minute))


@inlined
def _keep(
    row: Any, first: int, last: int, bits: int, ops: Any, person: int, c: int, integers: Any, numbers: Any, passes: Any
) -> None:
    """The newest time, the registers of the first and the last, exact squares, and bitmaps of times."""
    for i in range(first, last):
        if (bits & ops[i, 7]) != ops[i, 5] or (ops[i, 8] != 0 and not passes[ops[i, 8]]):
            continue
        if ops[i, 0] == _RECENCY:
            integers[person, c, ops[i, 2]] = max(integers[person, c, ops[i, 2]], row.ts + 1)  # 0 = never
        elif ops[i, 0] == _SQUARES:
            _square(integers[person, c], ops[i, 2], numbers[ops[i, 1]])
        elif ops[i, 0] == _DISTINCT:
            _see(integers[person, c], ops[i, 2], _bucket(numbers[ops[i, 6]], 2 * ops[i, 3]), row.ts)
        else:
            _register(integers, person, c, ops[i, 2], row, numbers[ops[i, 1]], ops[i, 0] == _LAST)


@inlined
def _fill_rings(wanted: int, starts: Any, person: int, c: int, rings: Any, heads: Any, record: Any) -> None:
    for r in range(len(starts) - 1):
        if wanted >> r & 1:
            held = np.int64(heads[person, c, RINGS + r])
            first, size = starts[r], starts[r + 1] - starts[r]
            if r == _DECLARED:
                heads[person, c, RINGS + r] = _replace(rings, person, c, first, size, held, record)
            else:
                heads[person, c, RINGS + r] = _insert(rings, person, c, first, size, held, record)


@compiled
def _add_popularity(row: Any, popularity: Any, epoch: Any) -> None:
    tick = row.ts // MONTH
    target = tick // _STEP * _STEP
    if target > epoch[0]:
        popularity *= _power(epoch[0] - target)
        epoch[0] = target
    popularity[row.category_2] += np.exp2((row.ts % MONTH) / MONTH) * _power(tick - epoch[0])


@compiled
def add_orders(rows: Any, masks: Any, targets: Any, bit: Any, popularity: Any, epoch: Any) -> None:
    """Count the order lines among these rows in the popularity of categories, as a fold does on its way."""
    for i in range(len(rows)):
        row = rows[i]
        counts = row.kind == _ORDER and row.line > 0 and targets[i] > 0 and (masks[i] & bit) != 0
        if counts and 0 < row.category_2 < len(popularity):
            _add_popularity(row, popularity, epoch)


@compiled
def by_person(targets: Any, people: int) -> Any:
    """The places of rows in the order of their people (up to `people`), those of one person as they stand.

    >>> by_person(np.array([3, 1, 3, 0, 1]), 3).tolist()
    [3, 1, 4, 0, 2]
    """
    starts, order = np.zeros(people + 2, np.int64), np.empty(len(targets), np.int64)
    for target in targets:
        starts[max(target, 0) + 1] += 1
    for person in range(people):
        starts[person + 1] += starts[person]
    for i in range(len(targets)):
        person = max(targets[i], 0)  # nobody
        order[starts[person]] = i
        starts[person] += 1
    return order


@inlined
def _ticks(ts: int, half_lives: Any, ticks: Any, fractions: Any) -> None:
    """The half-lives since 1970 of a time: whole ones, and 2 to the rest."""
    for h in range(len(ticks)):
        ticks[h] = ts // half_lives[h]
        fractions[h] = _between((ts - ticks[h] * half_lives[h]) / half_lives[h])


@inlined
def _age(
    heads: Any,
    person: int,
    c: int,
    day: int,
    bits: int,
    spans: int,
    purposes: int,
    kind: int,
    later: Any,
) -> None:
    """Remember the oldest day that counted, and that served each further purpose, as `Windows.later` moves it."""
    heads[person, c, OLDEST] = max(np.int64(heads[person, c, OLDEST]), FAR - day - later[kind, c])
    for k in range(later.shape[1] - purposes):
        if bits >> (_ALSO + k) & 1:
            heads[person, c, spans + k] = max(
                np.int64(heads[person, c, spans + k]), FAR - day - later[kind, purposes + k]
            )


@inlined
def _fetch(
    person: int, first: int, last: int, keeps: int, purposes: int, ops: Any, heads: Any, decayed: Any, integers: Any
) -> None:
    """Ask for the memory that a later row will change: random people are never in the cache."""
    cells, numbers = decayed.shape[2], integers.shape[2]
    for c in range(purposes):
        row, line = person * purposes + c, -1
        prefetch(heads, row * heads.shape[2])
        for i in range(first, last):
            if ops[i, 2] >> 4 != line:  # 16 cells of 4 bytes are one line
                line = ops[i, 2] >> 4
                prefetch(decayed, row * cells + ops[i, 2])
        line = -1
        for i in range(last, keeps):
            if ops[i, 2] >> 3 != line:  # 8 integers are one line
                line = ops[i, 2] >> 3
                prefetch(integers, row * numbers + ops[i, 2])


@compiled
def fold(rows: Any, masks: Any, targets: Any, popularity_bit: Any, table: Table, state: State) -> int:
    """Fold rows into the people that `targets` names; returns how many (row, purpose) pairs counted.

    A row counts for a purpose only if its mask has the purpose's bit: this is the write half of the gate.
    """
    # arrays are taken out of their tuples once: each access to a member would count a reference
    heads, decayed, integers, rings = state.heads, state.decayed, state.integers, state.rings
    popularity, popularity_epoch = state.popularity, state.popularity_epoch
    starts, ops, half_lives, blocks = table.starts, table.ops, table.half_lives, table.block_starts
    purpose_bits, ring_starts, rings_of = table.purpose_bits, table.ring_starts, table.rings_of
    also_bits, tests_of, tests, ranges = table.also_bits, table.tests_of, table.tests, table.ranges
    spans, purposes, later = len(half_lives), len(purpose_bits), table.later
    fractions, ticks, weights = np.empty(spans), np.empty(spans, np.int64), np.empty((purposes, spans))
    record, numbers, offsets, amounts = (
        np.empty(6, np.int64),
        np.ones(_PROPERTIES, np.int64),
        np.zeros(_PROPERTIES, np.int64),
        np.ones(_PROPERTIES),
    )
    passes = np.ones(table.predicates[0], np.bool_)
    counted, last_ts, last_person, last_mask, day = 0, _NEVER, 0, np.uint64(0), 0
    for i in range(len(rows)):
        row, person, mask = rows[i], targets[i], masks[i]
        slot = 2 * np.int64(row.kind) + (1 if row.line > 0 else 0)
        if person <= 0 or slot >= _SLOTS:
            continue
        ahead = i + _AHEAD
        if ahead < len(rows) and rows[ahead].line == 0 and targets[ahead] > 0 and rows[ahead].kind < 200:
            after = 2 * np.int64(rows[ahead].kind)
            _fetch(
                targets[ahead],
                starts[after, 0],
                starts[after, 1],
                starts[after, 3],
                purposes,
                ops,
                heads,
                decayed,
                integers,
            )
        if (
            row.kind == _ORDER
            and row.line > 0
            and (mask & popularity_bit) != 0
            and 0 < row.category_2 < len(popularity)
        ):
            _add_popularity(row, popularity, popularity_epoch)
        if row.ts != last_ts:
            _ticks(row.ts, half_lives, ticks, fractions)
            day = row.ts // DAY
        weighed = row.ts == last_ts and person == last_person and mask == last_mask  # a line after its event
        last_ts, last_person, last_mask = row.ts, person, mask
        bits = np.int64(_row_bits(row))
        for k in range(len(also_bits)):
            if (mask & also_bits[k]) == also_bits[k]:
                bits |= np.int64(1) << (_ALSO + k)
        _read(row, numbers, offsets, amounts)
        if tests_of[slot] < tests_of[slot + 1]:
            _judge(tests_of[slot], tests_of[slot + 1], bits, tests, ranges, numbers, passes)
        _record(row, record)
        first, second, third, last = starts[slot, 0], starts[slot, 1], starts[slot, 2], starts[slot, 3]
        for c in range(purposes):
            if (mask & purpose_bits[c]) != purpose_bits[c]:
                continue
            counted += 1
            heads[person, c, SEEN] += 1
            _age(heads, person, c, day, bits, spans, purposes, row.kind, later)
            if not weighed:
                _weigh(fractions, ticks, person, c, decayed, heads, blocks, weights)
            mine = bits | (np.int64(1) << (_PURPOSE + c))
            _add_decayed(first, second, mine, ops, person, c, decayed, weights, offsets, amounts, numbers, passes)
            _add_integers(second, third, mine, ops, person, c, integers, numbers, passes)
            _keep(row, third, last, mine, ops, person, c, integers, numbers, passes)
            _fill_rings(rings_of[slot], ring_starts, person, c, rings, heads, record)
    return counted


@compiled
def _merge_integers(kept: Any, gone: Any, rules: Any) -> None:
    for i in range(len(rules)):
        if rules[i] == 0:
            kept[i] += gone[i]
        elif rules[i] == 1:
            kept[i] = max(kept[i], gone[i])
        elif rules[i] == _WIDE:
            _add_wide(kept, i, np.uint64(gone[i]), np.uint64(gone[i + 1]))
        elif rules[i] == _HALVES:
            kept[i] = _later(kept[i], gone[i])
        elif rules[i] < 4 and gone[i + 2] != 0:
            before = _comes_before(
                gone[i], np.uint64(gone[i + 1]), gone[i + 2], kept[i], np.uint64(kept[i + 1]), kept[i + 2]
            )
            if kept[i + 2] == 0 or before == (rules[i] == 2):
                kept[i : i + 4] = gone[i : i + 4]


@compiled
def _join(kept: Any, gone: Any, cells: Any, factor: float) -> None:
    """What two means being apart adds to the squares about the common one; before weights and sums are added."""
    at, w, s = cells[0], cells[1], cells[2]
    weight = np.float64(gone[w]) * factor
    if weight > 0.0:
        kept[at] += np.float32(_deviation(np.float64(gone[s]) / np.float64(gone[w]), weight, kept[w], kept[s]))


@compiled
def _merge_decayed(kept: int, gone: int, c: int, table: Any, state: Any) -> None:
    for h in range(len(table.half_lives)):
        first, last = table.block_starts[h], table.block_starts[h + 1]
        shift = (np.int64(state.heads[gone, c, h]) - np.int64(state.heads[kept, c, h])) * _STEP
        if shift > 0:
            _move_epoch(state.decayed, kept, c, first, last, shift)
            state.heads[kept, c, h] = state.heads[gone, c, h]
        factor = np.float32(_power(min(shift, 0)))
        for d in range(len(table.deviations)):
            if table.deviations[d, 3] == h:
                _join(state.decayed[kept, c], state.decayed[gone, c], table.deviations[d], factor)
        for i in range(first, last):
            state.decayed[kept, c, i] += state.decayed[gone, c, i] * factor


@compiled
def _take_record(wanted: int, starts: Any, person: int, c: int, rings: Any, heads: Any, record: Any) -> None:
    _fill_rings(wanted, starts, person, c, rings, heads, record)


@compiled
def merge_rows(kept: int, gone: int, rules: Any, table: Table, state: State) -> None:
    """Add the row of `gone` to the row of `kept` and clear it."""
    record = np.empty(6, np.int64)
    for c in range(len(table.purpose_bits)):
        _merge_decayed(kept, gone, c, table, state)
        _merge_integers(state.integers[kept, c], state.integers[gone, c], rules)
        state.heads[kept, c, SEEN] += state.heads[gone, c, SEEN]
        state.heads[kept, c, OLDEST] = max(state.heads[kept, c, OLDEST], state.heads[gone, c, OLDEST])
        for k in range(len(table.half_lives), len(table.half_lives) + len(table.also_bits)):
            state.heads[kept, c, k] = max(state.heads[kept, c, k], state.heads[gone, c, k])
        for r in range(len(table.ring_starts) - 1):
            for i in range(state.heads[gone, c, RINGS + r] & 0xFFFF):  # in any order: the circle sorts
                record[:] = state.rings[gone, c, table.ring_starts[r] + i]
                _take_record(1 << r, table.ring_starts, kept, c, state.rings, state.heads, record)
        clear_row(gone, c, state)


@compiled
def clear_row(person: int, c: int, state: State) -> None:
    """Forget what is kept for a person and purpose."""
    state.heads[person, c, :] = 0
    state.decayed[person, c, :] = 0
    state.integers[person, c, :] = 0
    state.rings[person, c, :, :] = 0


@compiled
def scales(at: int, head: Any, half_lives: Any) -> Any:
    """What a cell of each half-life block is worth at a moment: 2^(epoch - at / half-life)."""
    factors = np.empty(len(half_lives))
    for h in range(len(half_lives)):
        tick = at // half_lives[h]
        factors[h] = _power(np.int64(head[h]) * _STEP - tick) / _between((at - tick * half_lives[h]) / half_lives[h])
    return factors
