"""Whether an event is nested too deep: a cheap bound for a whole body first, the exact depth only if it fails."""

from __future__ import annotations

from typing import Final

import numpy as np

from genom.collect.rejected import Rejected
from genom.collect.tolerant import depth

__all__ = ["check_depth", "may_be_deep"]

_SMALL: Final = 2_048  # bytes; below it counting is faster than numpy's start
_NO_CASE: Final = np.uint8(0xDF)
_OPENER: Final = np.uint8(ord("["))  # `{` is the same with bit 5 set


def may_be_deep(body: bytes, longest: int, levels: int) -> bool:
    """Whether an event of at most `longest` bytes in the body can be nested deeper than `levels`.

    It would hold more opening brackets than that within `longest` bytes.  Brackets in texts count too, so a "yes"
    is only a suspicion.

    >>> may_be_deep(b'{"a":[1]}', 9, 1), may_be_deep(b'{"a":[1]}', 9, 2)
    (True, False)
    """
    if len(body) < _SMALL:
        return body.count(b"{") + body.count(b"[") > levels
    openers = np.flatnonzero((np.frombuffer(body, np.uint8) & _NO_CASE) == _OPENER)
    spans = openers[levels:] - openers[:-levels]
    return bool(spans.size and spans.min() < longest)


def check_depth(raw: bytes, levels: int) -> None:
    """Raises Rejected for an event that is nested deeper than `levels`."""
    if raw.count(b"{") + raw.count(b"[") > levels and (deepest := depth(raw)) > levels:
        raise Rejected(
            "collect.too-deep", "", f"is nested {deepest} levels deep", f"send at most {levels} levels, as flat keys"
        )
