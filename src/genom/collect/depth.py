"""Whether an event is nested too deep."""

from __future__ import annotations

from genom.collect.rejected import Rejected
from genom.collect.tolerant import depth

__all__ = ["check_depth"]


def check_depth(raw: bytes, levels: int) -> None:
    """Raises Rejected for an event that is nested deeper than `levels`."""
    if raw.count(b"{") + raw.count(b"[") > levels and (deepest := depth(raw)) > levels:
        raise Rejected(
            "collect.too-deep", "", f"is nested {deepest} levels deep", f"send at most {levels} levels, as flat keys"
        )
