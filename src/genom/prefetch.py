"""Ask the processor for memory before it is needed; a hint, never a change of meaning."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["prefetch"]


@intrinsic
def prefetch(context: Any, array: Any, index: Any) -> Any:
    """Fetch the cache line of an element of a C-contiguous array, by its flat index, for reading and writing.

    Source: LLVM language reference, `llvm.prefetch`.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held, at = arguments
        data = context.make_array(signature.args[0])(context, builder, held).data
        place = builder.bitcast(builder.gep(data, [at]), cgutils.voidptr_t)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")  # type: ignore[no-untyped-call]
        builder.call(hint, [place, number(1), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate
