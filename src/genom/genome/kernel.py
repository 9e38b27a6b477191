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

from genom.compiled import compiled
from genom.genome.program import Table

__all__ = ["State", "fold", "merge_rows", "scales"]

_STEP = 32  # half-lives between two epochs
_SLOTS = 400  # 2 · KIND_SLOTS
_CHANNELS = 16
_ORDER = 24  # Kind.ORDER_COMPLETED
_COUNT, _COUNT_EVER, _SUM, _SUM_EVER, _RECENCY, _FIRST, _LAST, _HISTOGRAM = 0, 1, 2, 3, 4, 5, 6, 7


class State(NamedTuple):
    """The memory of the genome; row p of each array belongs to person p, column c to the c-th purpose."""

    decayed: NDArray[np.float32]  # (people, purposes, cells)
    epochs: NDArray[np.int32]  # (people, purposes, half-lives)
    integers: NDArray[np.int64]  # (people, purposes, cells)
    seen: NDArray[np.int64]  # (people, purposes) rows that counted
    rings: NDArray[np.void]  # (people, purposes, records)
    ring_counts: NDArray[np.int32]  # (people, purposes, rings)
    popularity: NDArray[np.float64]  # (categories,) decayed lines of everyone
    popularity_epoch: NDArray[np.int64]  # (1,)


@compiled
def _power(exponent: int) -> float:
    """2 to an integer, zero below the range of float32."""
    if exponent < -120:
        return 0.0
    result = 1.0
    base = 2.0 if exponent >= 0 else 0.5
    left = abs(exponent)
    while left:
        if left & 1:
            result *= base
        base *= base
        left >>= 1
    return result


@compiled
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
    return bits


@compiled
def _number(row: Any, prop: int) -> int:
    if prop == 1:
        return np.int64(row.amount)
    if prop == 2:
        return np.int64(row.discount)
    if prop == 3:
        return np.int64(row.quantity)
    if prop == 4:
        return np.int64(row.ts)
    if prop == 5:
        return np.int64(row.channel)
    if prop == 6:
        return np.int64(row.hour_of_week)
    if prop == 7:
        return np.int64(row.hour_of_week % 24)
    if prop == 8:
        return np.int64(row.hour_of_week // 24)
    if prop == 9:
        return np.int64(row.category_1)
    if prop == 10:
        return np.int64(row.category_2)
    return np.int64(row.item)


@compiled
def _move_epoch(cells: Any, first: int, last: int, shift: int) -> None:
    """Multiply a half-life block by 2^-shift, exactly."""
    factor = np.float32(_power(-shift))
    block = cells[first:last]
    for i in range(len(block)):
        block[i] *= factor


@compiled
def _weigh(ts: int, fractions: Any, ticks: Any, epochs: Any, cells: Any, table: Any, weights: Any) -> None:
    """The weight of a row in each half-life block; moves the epochs that it outgrows."""
    for h in range(len(ticks)):
        target = ticks[h] // _STEP * _STEP
        if target > epochs[h]:
            _move_epoch(cells, table.block_starts[h], table.block_starts[h + 1], min(target - epochs[h], 10_000))
            epochs[h] = target
        weights[h] = fractions[h] * _power(max(ticks[h] - epochs[h], -10_000))


@compiled
def _comes_before(ts: int, ident: Any, line: int, other_ts: int, other_ident: Any, other_line: int) -> bool:
    if ts != other_ts:
        return ts < other_ts
    if ident != other_ident:
        return ident < other_ident
    return line < other_line


@compiled
def _register(cells: Any, at: int, row: Any, value: int, newest: bool) -> None:
    ident, line = np.uint64(row.id_low), np.int64(row.line)
    if cells[at] != 0:
        held = np.uint64(cells[at + 1])
        before = _comes_before(row.ts, ident, line, cells[at], held, cells[at + 2])
        if before == newest:
            return
    cells[at] = row.ts
    cells[at + 1] = np.int64(ident)
    cells[at + 2] = line
    cells[at + 3] = value


@compiled
def _insert(ring: Any, count: int, size: int, record: Any) -> int:
    """Keep the newest `size` records in order; returns how many there are."""
    place = count
    while place > 0:
        other = ring[place - 1]
        if other.ts == record.ts and other.id == record.id and other.line == record.line:
            return count
        if not _comes_before(record.ts, record.id, record.line, other.ts, other.id, other.line):
            break
        place -= 1
    if count < size:
        for i in range(count, place, -1):
            ring[i] = ring[i - 1]
        ring[place] = record
        return count + 1
    if place == 0:
        return count
    for i in range(0, place - 1):
        ring[i] = ring[i + 1]
    ring[place - 1] = record
    return count


@compiled
def _record(row: Any, scratch: Any) -> None:
    scratch.ts = row.ts
    scratch.id = row.id_low
    scratch.item = row.item
    scratch.amount = row.amount
    scratch.line = row.line
    scratch.kind = row.kind
    scratch.category_1 = row.category_1
    scratch.category_2 = row.category_2
    scratch.channel = row.channel
    scratch.hour_of_week = row.hour_of_week


@compiled
def _apply(row: Any, slot: int, bits: Any, table: Any, cells: Any, integers: Any, weights: Any) -> None:
    """Run the ops of the row's group on one person's row for one purpose."""
    for op in range(table.starts[slot], table.starts[slot + 1]):
        if (bits & table.need[op]) != table.need[op]:
            continue
        code, at = table.code[op], table.cell[op]
        if code == _COUNT:
            cells[at] += np.float32(weights[table.span[op]])
        elif code == _COUNT_EVER:
            integers[at] += 1
        elif code == _SUM:
            unit = 1e-3 if table.property[op] == 3 else 1e-6
            cells[at] += np.float32(weights[table.span[op]] * (_number(row, table.property[op]) * unit))
        elif code == _SUM_EVER:
            integers[at] += _number(row, table.property[op])
        elif code == _RECENCY:
            integers[at] = max(integers[at], row.ts)
        elif code == _HISTOGRAM:
            value = _number(row, table.property[op])
            if 0 <= value < table.size[op] and not (value == 0 and table.property[op] >= 9):
                cells[at + value] += np.float32(weights[table.span[op]])
        else:
            _register(integers, at, row, _number(row, table.property[op]), code == _LAST)


@compiled
def _fill_rings(slot: int, table: Any, rings: Any, counts: Any, record: Any) -> None:
    wanted = table.rings_of[slot]
    for r in range(len(counts)):
        if wanted >> r & 1:
            first, last = table.ring_starts[r], table.ring_starts[r + 1]
            counts[r] = _insert(rings[first:last], counts[r], last - first, record)


@compiled
def _add_popularity(row: Any, popularity: Any, epoch: Any, half_life: int) -> None:
    tick = row.ts // half_life
    target = tick // _STEP * _STEP
    if target > epoch[0]:
        popularity *= _power(-min(target - epoch[0], 10_000))
        epoch[0] = target
    popularity[row.category_2] += np.exp2((row.ts % half_life) / half_life) * _power(max(tick - epoch[0], -10_000))


@compiled
def fold(rows: Any, masks: Any, targets: Any, popularity_bit: Any, table: Table, state: State, scratch: Any) -> int:
    """Fold rows into the people that `targets` names; returns how many (row, purpose) pairs counted.

    A row counts for a purpose only if its mask has the purpose's bit: this is the write half of the gate.
    """
    spans = len(table.half_lives)
    fractions, ticks, weights = np.empty(spans), np.empty(spans, np.int64), np.empty(spans)
    record = scratch[0]
    counted = 0
    for i in range(len(rows)):
        row, person, mask = rows[i], targets[i], masks[i]
        slot = 2 * np.int64(row.kind) + (1 if row.line > 0 else 0)
        if person <= 0 or slot >= _SLOTS:
            continue
        if row.kind == _ORDER and row.line > 0 and (mask & popularity_bit) != 0 and row.category_2 > 0:
            _add_popularity(row, state.popularity, state.popularity_epoch, table.half_lives[3])
        for h in range(spans):
            ticks[h] = row.ts // table.half_lives[h]
            fractions[h] = np.exp2((row.ts % table.half_lives[h]) / table.half_lives[h])
        bits = _row_bits(row)
        _record(row, record)
        for c in range(len(table.purpose_bits)):
            if (mask & table.purpose_bits[c]) != table.purpose_bits[c]:
                continue
            counted += 1
            state.seen[person, c] += 1
            cells, epochs = state.decayed[person, c], state.epochs[person, c]
            _weigh(row.ts, fractions, ticks, epochs, cells, table, weights)
            _apply(row, slot, bits, table, cells, state.integers[person, c], weights)
            _fill_rings(slot, table, state.rings[person, c], state.ring_counts[person, c], record)
    return counted


@compiled
def _merge_integers(kept: Any, gone: Any, rules: Any) -> None:
    for i in range(len(rules)):
        if rules[i] == 0:
            kept[i] += gone[i]
        elif rules[i] == 1:
            kept[i] = max(kept[i], gone[i])
        elif rules[i] < 4 and gone[i] != 0:
            before = _comes_before(gone[i], np.uint64(gone[i + 1]), gone[i + 2], kept[i], np.uint64(kept[i + 1]), kept[i + 2])
            if kept[i] == 0 or before == (rules[i] == 2):
                kept[i : i + 4] = gone[i : i + 4]


@compiled
def _merge_decayed(kept: Any, gone: Any, kept_epochs: Any, gone_epochs: Any, table: Any) -> None:
    for h in range(len(kept_epochs)):
        first, last = table.block_starts[h], table.block_starts[h + 1]
        shift = gone_epochs[h] - kept_epochs[h]
        if shift > 0:
            _move_epoch(kept, first, last, min(shift, 10_000))
            kept_epochs[h] = gone_epochs[h]
        factor = np.float32(_power(min(shift, 0) if shift > -10_000 else -10_000))
        for i in range(first, last):
            kept[i] += gone[i] * factor


@compiled
def merge_rows(kept: int, gone: int, rules: Any, table: Table, state: State) -> None:
    """Add the row of `gone` to the row of `kept` and clear it."""
    for c in range(len(table.purpose_bits)):
        _merge_decayed(state.decayed[kept, c], state.decayed[gone, c], state.epochs[kept, c], state.epochs[gone, c], table)
        _merge_integers(state.integers[kept, c], state.integers[gone, c], rules)
        state.seen[kept, c] += state.seen[gone, c]
        for r in range(state.ring_counts.shape[2]):
            first, last = table.ring_starts[r], table.ring_starts[r + 1]
            ring, other = state.rings[kept, c, first:last], state.rings[gone, c, first:last]
            for i in range(state.ring_counts[gone, c, r]):
                state.ring_counts[kept, c, r] = _insert(ring, state.ring_counts[kept, c, r], last - first, other[i])
        clear_row(gone, c, state)


@compiled
def clear_row(person: int, c: int, state: State) -> None:
    """Forget what is kept for a person and purpose."""
    state.decayed[person, c, :] = 0
    state.epochs[person, c, :] = 0
    state.integers[person, c, :] = 0
    state.seen[person, c] = 0
    state.ring_counts[person, c, :] = 0


@compiled
def scales(at: int, epochs: Any, half_lives: Any) -> Any:
    """What a cell of each half-life block is worth at a moment: 2^(epoch - at / half-life)."""
    factors = np.empty(len(half_lives))
    for h in range(len(half_lives)):
        tick, rest = at // half_lives[h], at % half_lives[h]
        factors[h] = np.exp2(np.float64(epochs[h] - tick) - rest / half_lives[h])
    return factors
