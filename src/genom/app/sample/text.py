"""JSON by the column: texts of a whole Arrow array are put together at once, without a Python loop over rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["BODY_BYTES", "BODY_ITEMS", "amounts", "bodies", "digits", "escaped", "glue", "in_words", "joined"]

BODY_BYTES: Final = 480_000  # below the node's limit of 500 KB
BODY_ITEMS: Final = 2_000  # most items in one request


def glue(*parts: Any) -> Any:
    """One text a row: arrays are taken row by row, a plain text is repeated.

    >>> glue('{"n":', pa.array(["1", "2"]), "}").to_pylist()
    ['{"n":1}', '{"n":2}']
    """
    return pc.binary_join_element_wise(*parts, "")


def joined(items: Any, starts: np.ndarray[Any, Any]) -> Any:
    """The items of each group, with commas between them; group i is ``items[starts[i]:starts[i + 1]]``.

    >>> joined(pa.array(["a", "b", "c"]), np.array([0, 2, 3])).to_pylist()
    ['a,b', 'c']
    """
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(starts, pa.int32()), items), ",")


def digits(numbers: np.ndarray[Any, Any]) -> Any:
    """Whole numbers as texts."""
    return pa.array(numbers).cast(pa.string())


def amounts(cents: np.ndarray[Any, Any]) -> Any:
    """Amounts of at least zero with two decimals, exactly.

    >>> amounts(np.array([5, 1234])).to_pylist()
    ['0.05', '12.34']
    """
    names, where = np.unique(cents, return_inverse=True)
    return pa.array([f"{c // 100}.{c % 100:02d}" for c in names.tolist()]).take(pa.array(where))


def escaped(words: Any) -> Any:
    """Texts as they stand between the quotes of a JSON string.

    >>> print(escaped(pa.array(['6" TALL'])).to_pylist()[0])
    6\\" TALL
    """
    coded = (words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words).dictionary_encode()
    safe = [msgspec.json.encode(word)[1:-1].decode() for word in coded.dictionary.to_pylist()]
    return pa.array(safe, pa.string()).take(coded.indices)


def in_words(name: str) -> str:
    """A name of the source, in capitals there, for people to read.

    >>> in_words("FRZN MEAT/MEAT  DINNERS")
    'Frzn Meat/Meat Dinners'
    """
    return re.sub(r"[a-z']+", lambda word: word[0].capitalize(), " ".join(name.lower().split()))


def bodies(items: Any, *, name: str) -> Iterator[tuple[int, bytes]]:
    """Requests ``{"name":[…]}`` that hold the items in order, each with how many it holds.

    >>> list(bodies(pa.array(["1", "2"]), name="batch"))
    [(2, b'{"batch":[1,2]}')]
    """
    ends = np.cumsum(pc.binary_length(items).to_numpy(zero_copy_only=False).astype(np.int64) + 1)
    starts = [0]
    while starts[-1] < len(items):
        room = BODY_BYTES - 100 + (int(ends[starts[-1] - 1]) if starts[-1] else 0)
        fitting = int(np.searchsorted(ends, room, "right"))
        starts.append(max(min(fitting, starts[-1] + BODY_ITEMS), starts[-1] + 1))
    for count, content in zip(np.diff(starts).tolist(), joined(items, np.array(starts)), strict=True):
        yield count, b'{"%s":[%s]}' % (name.encode(), content.as_py().encode())
