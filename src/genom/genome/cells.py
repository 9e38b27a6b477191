"""Cells by their flat place in a C-contiguous array, for generated code: no tuple of indices, no wrap-around.

That compiles in a third of the time.  Places are not checked, as everywhere in a kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from genom.compiled import compiled
from genom.genome.kernel import _FADED, _LEAST, _POWERS, _comes_before, _power

__all__ = ["add", "lift", "move", "pointer", "put", "raise_to", "register", "take"]

_LIFTS = np.concatenate([[0.0], _POWERS[: 32 - _LEAST]])
_LOWEST = _LEAST - 1


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return builder.gep(data, [builder.add(arguments[1], arguments[2])])


@intrinsic
def pointer(context: Any, address: Any) -> Any:
    """An address as a pointer, for `carray`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


@intrinsic
def take(context: Any, array: Any, base: Any, offset: Any) -> Any:
    """The cell at base + offset."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, signature, arguments))

    return array.dtype(array, types.intp, types.intp), generate


@intrinsic
def put(context: Any, array: Any, base: Any, offset: Any, value: Any) -> Any:
    """Set the cell at base + offset."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[3], _place(context, builder, signature, arguments))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, array.dtype), generate


@intrinsic
def add(context: Any, array: Any, base: Any, offset: Any, value: Any) -> Any:
    """Add to the cell at base + offset."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place, dtype = _place(context, builder, signature, arguments), signature.args[0].dtype
        plus = builder.fadd if isinstance(dtype, types.Float) else builder.add
        builder.store(plus(builder.load(place), arguments[3]), place)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, array.dtype), generate


@compiled
def raise_to(array: Any, base: int, offset: int, value: int) -> None:
    """Keep the larger of the cell and a value."""
    if value > take(array, base, offset):
        put(array, base, offset, value)


@compiled
def register(array: Any, base: int, offset: int, ts: int, ident: Any, line: int, value: int, newest: bool) -> None:
    """Four cells that go to the first or the last by (time, id, line): time, id, line + 1 (0 = nothing yet), value."""
    held_ts: int = take(array, base, offset)
    held_line: int = take(array, base, offset + 2)
    if held_line != 0 and (ts < held_ts if newest else ts > held_ts):
        return
    if held_line != 0 and ts == held_ts:
        before = _comes_before(ts, ident, line, held_ts, types.uint64(take(array, base, offset + 1)), held_line - 1)
        if before == newest:
            return
    put(array, base, offset, ts)
    put(array, base, offset + 1, types.int64(ident))
    put(array, base, offset + 2, line + 1)
    put(array, base, offset + 3, value)


@compiled
def lift(exponent: int) -> float:
    """2 to an integer below 32; zero where `kernel._power` is."""
    power: float = take(_LIFTS, max(exponent, _LOWEST) - _LOWEST, 0)
    return power


@compiled
def move(cells: Any, first: int, last: int, shift: int) -> None:
    """Multiply the cells first … last of a half-life block by 2^-shift, exactly; what is faded then is zero."""
    factor, block = np.float32(_power(-shift)), cells[first:last]  # a slice, so that several are done at once
    for i in range(len(block)):
        cell = block[i] * factor
        block[i] = cell if abs(cell) >= _FADED else np.float32(0.0)
