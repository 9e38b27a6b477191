"""Arrays in a record: readable numbers while they are few, packed bytes when they are many."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Integers", "Sparse", "floats", "integers", "numbers", "packed", "sparse", "spread"]

READABLE: Final = 16  # values; more than these are little-endian bytes, which JSON carries as base64

Floats = list[float] | bytes
Integers = list[int] | bytes


class Sparse(msgspec.Struct, frozen=True, gc=False):
    """The values of a vector that are not 0."""

    codes: Integers
    values: Floats


def packed(values: NDArray[Any]) -> Any:
    """The values as a list of numbers, or as bytes (`<f8`, `<u4`) if there are more than 16.

    >>> packed(np.array([0.5, 1.0])), packed(np.arange(17))[:8].hex()
    ([0.5, 1.0], '0000000001000000')
    """
    if len(values) <= READABLE:
        return values.tolist()
    return values.astype("<f8" if values.dtype.kind == "f" else "<u4").tobytes()


def floats(stored: Floats) -> NDArray[np.float64]:
    """The numbers of a packed array, bit for bit."""
    return np.frombuffer(stored, "<f8") if isinstance(stored, bytes) else np.array(stored, dtype=np.float64)


def numbers(stored: Floats) -> list[float]:
    """The same as a list.

    >>> numbers(packed(np.ones(2))) == numbers(packed(np.ones(17)))[:2]
    True
    """
    return floats(stored).tolist() if isinstance(stored, bytes) else stored


def integers(stored: Integers) -> NDArray[np.intp]:
    """The whole numbers of a packed array."""
    numbers = np.frombuffer(stored, "<u4") if isinstance(stored, bytes) else np.array(stored)
    return numbers.astype(np.intp)


def sparse(values: NDArray[np.float64], codes: NDArray[np.intp]) -> Sparse:
    """The values that are not 0, with their codes."""
    (places,) = values.nonzero()
    return Sparse(packed(codes[places]), packed(values[places]))


def spread(stored: Sparse, width: int) -> NDArray[np.float64]:
    """The vector of this width that the values came from."""
    values = np.zeros(width)
    values[integers(stored.codes)] = floats(stored.values)
    return values
