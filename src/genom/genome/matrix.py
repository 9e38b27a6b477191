"""The memory of the genome: one row a person, written by the kernel, read through the gate only."""

from __future__ import annotations

import ctypes
import mmap
import sys
from functools import cached_property
from math import prod
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from genom.genome import kernel
from genom.genome.generated import Fold, fold_of, serving
from genom.genome.ops import SIZES
from genom.genome.program import RING_RECORD, Layout
from genom.genome.threads import MANY, on_threads, threads
from genom.genome.windows import DAY
from genom.words import Kind

__all__ = ["Matrix"]

Number = TypeVar("Number", bound=np.generic)

_POPULATE_WRITE: Final = 23
_DONTNEED: Final = 4
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
_NORESERVE: Final = 0x4000 if sys.platform == "linux" else 0
_PROVIDED: Final = 32  # rows whose memory is provided at once: about 0.1 ms
_SORTED: Final = 65_536  # rows from which on it pays to fold them in the order of their people
_PIECE: Final = 32_768  # rows that are put in order at once: they are folded while they are in the cache
_NO_POPULARITY: Final = np.uint64(0)


def _zeros(shape: tuple[int, ...], kind: Any, *, reserve: bool) -> NDArray[Any]:
    """Zeros that take memory only where they are touched, so that room for millions of people costs nothing."""
    size = prod(shape) * np.dtype(kind).itemsize
    if not reserve or size < 1 << 20:
        return np.zeros(shape, kind)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE)
    if hasattr(mmap, "MADV_HUGEPAGE"):  # random people: a large page spares most look-ups of addresses
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, kind).reshape(shape)


def populate(rows: NDArray[Any]) -> None:
    """Touch the pages of an array without changing them; where the system cannot, nothing happens.

    Source: madvise(2), MADV_POPULATE_WRITE (Linux 5.14).
    """
    page = mmap.PAGESIZE
    start = rows.ctypes.data // page * page
    size = rows.ctypes.data + rows.nbytes - start
    if _LIBC is not None and size > 0:
        _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _POPULATE_WRITE)


def let_go_of(rows: NDArray[Any]) -> None:
    """Give back the whole pages that rows lie in, where the system can; they are zeros then.

    Source: madvise(2), MADV_DONTNEED on private anonymous memory.
    """
    page = mmap.PAGESIZE
    first, last = -(-rows.ctypes.data // page) * page, (rows.ctypes.data + rows.nbytes) // page * page
    if _LIBC is not None and first < last:
        _LIBC.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _DONTNEED)


def _plain(array: NDArray[Number]) -> NDArray[Number]:
    """As kernels take it."""
    return np.require(array, requirements=["C", "W"])


class Matrix:
    """Room for `people` persons (row 0 stays empty) under one compiled gene set."""

    def __init__(self, layout: Layout, people: int, *, popularity_bit: int = 0) -> None:
        self.layout, self.people = layout, people
        shape, reserve = (people + 1, len(layout.genes.purposes)), people > 1000
        records = int(layout.table.ring_starts[-1])
        self.state = kernel.State(
            heads=_zeros((*shape, layout.head), np.int32, reserve=reserve),
            decayed=_zeros((*shape, layout.decayed_cells), np.float32, reserve=reserve),
            integers=_zeros((*shape, layout.integer_cells), np.int64, reserve=reserve),
            rings=_zeros((*shape, records, RING_RECORD.itemsize // 8), np.int64, reserve=reserve),
            popularity=np.zeros(SIZES["category_2"]),
            popularity_epoch=np.zeros(1, np.int64),
        )
        self._popularity_bit = np.uint64(popularity_bit)
        days = layout.windows.days
        self._windowed = [not days.keys().isdisjoint(self._bits(c).tolist()) for c in range(shape[1])]
        self._watched = dict[int, tuple[int, tuple[tuple[int, int, int], ...]]]()  # by column, of a day

    def reserve(self, first: int, last: int) -> None:
        """Have the system provide the memory of rows that are about to be used; may run beside everything else.

        A new person's first event would otherwise wait for it (12 µs where it was measured).  A few rows at a time:
        the system lets no other thread of the process have memory while it provides some.
        """
        last = min(last, self.people + 1)
        for start in range(first, last, _PROVIDED):
            for array in self._rows():
                populate(array[start : min(start + _PROVIDED, last)])

    @property
    def wants_kernel(self) -> bool:
        """Whether the interpreter serves although another process has compiled this gene set's kernel."""
        awaited = serving(self.layout).awaited
        return awaited is not None and awaited.exists()

    def adopt_kernel(self) -> None:
        """Load it; may run in another thread."""
        serving(self.layout, again=True)

    @property
    def interpreted(self) -> str:
        """Why the interpreter folds instead of the gene set's own kernel; empty if it does not."""
        return serving(self.layout).reason

    def fold(self, rows: NDArray[np.void], masks: NDArray[np.uint64], targets: NDArray[np.int64]) -> int:
        """Fold rows (ROW, masks of the purposes they serve) into the persons `targets`; returns how many counted.

        Many rows are folded in the order of their people: what a person's first row brings into the cache serves the
        others.  The rows of one person keep their order, so that every cell becomes the same number.
        """
        if not len(rows) == len(masks) == len(targets):
            raise ValueError("a fold takes one mask and one person for each row")
        if len(targets) and int(targets.max()) > self.people:
            raise ValueError("a row names a person for whom there is no room")
        generated = fold_of(self.layout)
        if generated is None:
            return int(kernel.fold(rows, masks, targets, self._popularity_bit, self.layout.table, self.state))
        rows, masks, targets = _plain(rows), _plain(masks), _plain(targets)
        if len(rows) < _SORTED:
            return self._folded(generated, rows, masks, targets, self._popularity_bit)
        kernel.add_orders(rows, masks, targets, self._popularity_bit, *self.state[-2:])
        order, words = kernel.by_person(targets, int(targets.max())), rows.view(np.uint64).reshape(len(rows), -1)
        counted = 0
        for start in range(0, len(rows), _PIECE):
            piece = order[start : start + _PIECE]
            some = words.take(piece, axis=0).reshape(-1).view(rows.dtype)
            counted += self._folded(generated, some, masks[piece], targets[piece], _NO_POPULARITY)
        return counted

    def _folded(
        self, generated: Fold, rows: NDArray[np.void], masks: NDArray[np.uint64], targets: NDArray[np.int64],
        popularity_bit: np.uint64,
    ) -> int:  # fmt: skip
        def part(n: int, parts: int) -> int:
            return generated(rows, masks, targets, popularity_bit, n, parts, self.layout.table.ranges, *self.state)

        return int(on_threads(part, threads() if len(rows) >= MANY else 1))

    def merge(self, kept: int, gone: int) -> None:
        """Add one person's row to another's and clear it: two profiles turned out to be one person."""
        if kept == gone:
            raise ValueError("a person cannot be merged with itself")
        kernel.merge_rows(kept, gone, self.layout.merge_rules, self.layout.table, self.state)

    def outlived(self, persons: NDArray[np.int64], column: int, at: int) -> NDArray[np.bool_]:
        """Whose sums hold an event that is past its window at a moment, shape (people, 1 + further purposes).

        The first column is about the purpose itself, the others about each purpose that families need beside it.
        """
        return np.asarray(self.oldest(persons, column) > self._limits(column, at))

    def outlived_bits(self, persons: NDArray[np.int64], column: int, at: int) -> NDArray[np.uint64]:
        """The same as masks of the purposes that people's sums may not be read for."""
        if not self.windowed(column):
            return np.zeros(len(persons), np.uint64)
        passed = np.where(self.outlived(persons, column, at), self._bits(column), np.uint64(0))
        return np.asarray(np.bitwise_or.reduce(passed, axis=1), np.uint64)

    def outlived_mask(self, person: int, column: int, at: int) -> int:
        """The same of one person."""
        day, watched = self._watched.get(column, (-1, ()))
        if day != at // DAY:
            watched = self.watched(column, at)
            self._watched[column] = at // DAY, watched
        found, held = 0, self.state.heads.item
        for place, limit, bit in watched:
            if held(person, column, place) > limit:
                found |= bit
        return found

    def watched(self, column: int, at: int) -> tuple[tuple[int, int, int], ...]:
        """What can pass a window: its place in a head, what that may hold on the day of a moment, the purpose."""
        limits, bits = self._limits(column, at).tolist(), self._bits(column).tolist()
        every = zip([self.layout.head + kernel.OLDEST, *self._further_places], limits, bits, strict=True)
        return tuple(one for one in every if one[2] in self.layout.windows.days)

    def windowed(self, column: int) -> bool:
        """Whether a window can withhold something of a purpose."""
        return column >= 0 and self._windowed[column]

    def oldest(self, persons: NDArray[np.int64], column: int) -> NDArray[np.int32]:
        """FAR minus the oldest day that counts for a purpose, and for each further one; 0 = nothing does."""
        return self.state.heads[:, column][persons][:, [kernel.OLDEST, *self._further_places]]

    @cached_property
    def _further_places(self) -> range:
        first = len(self.layout.table.half_lives)
        return range(first, first + len(self.layout.table.also_bits))

    def _bits(self, column: int) -> NDArray[np.uint64]:
        table = self.layout.table
        return np.append(table.purpose_bits[column : column + 1], table.also_bits)

    def _limits(self, column: int, at: int) -> NDArray[np.int32]:
        return self.layout.windows.limits(self._bits(column), at)

    def empty(self, persons: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of whom nothing is kept for any purpose."""
        return np.asarray((self.state.heads[persons, :, kernel.SEEN] == 0).all(axis=1))

    def release(self, first: int, last: int) -> None:
        """Give the memory of the rows from one person to another back to the system: nothing is kept of them."""
        for array in self._rows():
            let_go_of(array[first : last + 1])

    def _rows(self) -> list[NDArray[Any]]:
        """The arrays with a row a person."""
        return [self.state.heads, self.state.decayed, self.state.integers, self.state.rings]

    def clear(self, person: int) -> None:
        """Forget all that is kept for a person."""
        for array in self._rows():
            array[person] = np.zeros((), array.dtype)

    def replace(self, person: int, other: Matrix, row: int = 1) -> None:
        """Take over a refolded row."""
        for mine, theirs in zip(self._rows(), other._rows(), strict=True):
            mine[person] = theirs[row]

    def popularity(self, at: int) -> NDArray[np.float64]:
        """Lines of everyone by category code, decayed to `at` with a half-life of 30 days, shape (categories,)."""
        shift = float(self.state.popularity_epoch[0]) - at / kernel.MONTH
        return np.asarray(self.state.popularity * np.exp2(shift))

    @property
    def faded(self) -> float:
        """What a line weighs in the popularity at most once it is past the read window of the statistics."""
        days = self.layout.windows.days_of(int(self._popularity_bit), int(Kind.ORDER_COMPLETED))
        return float(2.0 ** (-(days - 1) * DAY / kernel.MONTH)) if days else 0.0

    def take_back(self, rows: NDArray[np.void], masks: NDArray[np.uint64]) -> None:
        """Take rows that were folded, and the masks they were folded with, out of the popularity of categories."""
        codes = rows["category_2"]
        counted = (rows["kind"] == Kind.ORDER_COMPLETED) & (rows["line"] > 0) & (masks & self._popularity_bit != 0)
        counted &= (codes > 0) & (codes < len(self.state.popularity))
        ticks, rest = np.divmod(rows["ts"][counted], kernel.MONTH)
        weights = np.exp2(rest / kernel.MONTH) * np.exp2((ticks - self.state.popularity_epoch[0]).astype(np.float64))
        np.subtract.at(self.state.popularity, codes[counted], weights)
        np.maximum(self.state.popularity, 0.0, out=self.state.popularity)

    def dump(self, people: int, *, copy: bool = True) -> dict[str, NDArray[Any]]:
        """The rows up to this person, for a state file; copied, if they may change before it is written."""
        held = {name: array[: people + 1] for name, array in zip(self.state._fields, self._rows(), strict=False)}
        parts = {name: array.copy() for name, array in held.items()} if copy else held
        return parts | {
            "popularity": self.state.popularity.copy(),
            "popularity_epoch": self.state.popularity_epoch.copy(),
        }

    @property
    def places(self) -> dict[str, NDArray[Any]]:
        """Where the rows of people belong that a state file holds, by the names of `dump`."""
        return dict(zip(self.state._fields, self._rows(), strict=False))

    def load(self, parts: dict[str, NDArray[Any]]) -> None:
        """Take in the parts of a state file of the same gene set version; what was read into its place stays there."""
        everyone = [self.state.popularity, self.state.popularity_epoch]
        for name, array in zip(self.state._fields, [*self._rows(), *everyone], strict=True):
            if parts[name].ctypes.data != array.ctypes.data:
                array[: len(parts[name])] = parts[name]
