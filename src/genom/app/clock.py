"""Whether the node's clock is behind what the node has known already."""

from __future__ import annotations

from typing import Final

from genom.app.world import World

__all__ = ["days_behind"]

_DAY: Final = 86_400_000  # ms
_BEARABLE: Final = 7  # days, as for erasures


def days_behind(world: World, *, now: int) -> int:
    """By how many days the clock is behind the newest event that was known, if by more than a week; else 0."""
    days = (world.last_ts - now) // _DAY
    return days if days >= _BEARABLE else 0
